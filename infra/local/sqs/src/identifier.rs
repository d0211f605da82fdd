//! Random identifiers in the form of a version 4 UUID (RFC 9562, section 5.4): message ids, request
//! ids, task ids.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// A new random UUID in lower case.
///
/// # Panics
/// When the operating system has no random numbers to give.
pub(crate) fn fresh() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut text = String::with_capacity(36);
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

#[cfg(test)]
mod tests;
