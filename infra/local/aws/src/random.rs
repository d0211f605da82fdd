//! Random ids and keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// `N` random bytes.
fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // The operating system's generator fails only where nothing else would work either.
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Sixteen random hexadecimal digits, for names.
pub fn hex() -> String {
    format!("{:016x}", u64::from_ne_bytes(bytes()))
}

/// A random UUID, version 4 (RFC 9562): the form of Lambda's request ids.
pub fn uuid() -> String {
    let value = u128::from_ne_bytes(bytes());
    let value = (value & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let digits = format!("{value:032x}");
    format!(
        "{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    )
}

/// An admin API key: `pr_admin_` and 43 characters for 32 random bytes.
pub fn admin_key() -> String {
    format!("pr_admin_{}", URL_SAFE_NO_PAD.encode(bytes::<32>()))
}

/// Random letters and digits, so many; each is worth 5.9 bits.
pub fn text(length: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    // Each of 62 letters is as likely as the next but for one part in ten million.
    let letter = || char::from(LETTERS[u32::from_ne_bytes(bytes()) as usize % LETTERS.len()]);
    std::iter::repeat_with(letter).take(length).collect()
}

#[cfg(test)]
mod tests;
