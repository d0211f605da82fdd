//! Signatures, as implementations see them that share no code with ours. None looks at the present:
//! a world may be far ahead of this process.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use ring::signature::{ED25519, UnparsedPublicKey};
use standardwebhooks::Webhook;

/// Whether one of the space-separated `signatures` is that of `secret`: one of Standard Webhooks
/// (`whsec_`), an ed25519 key or its public half (`whsk_`, `whpk_`), or any other text, whose bytes
/// are the key.
pub(crate) fn is_among(
    signatures: &str,
    secret: &str,
    id: &str,
    seconds: i64,
    body: &[u8],
) -> bool {
    if let Some(key) = public_key(secret) {
        let content = [format!("{id}.{seconds}.").as_bytes(), body].concat();
        let key = UnparsedPublicKey::new(&ED25519, key);
        let made =
            signatures.split(' ').filter_map(|one| STANDARD.decode(one.strip_prefix("v1a,")?).ok());
        return made.into_iter().any(|signature| key.verify(&content, &signature).is_ok());
    }
    let webhook = if secret.starts_with("whsec_") {
        Webhook::new(secret)
    } else {
        Webhook::from_bytes(secret.as_bytes().to_vec())
    };
    let expected = webhook.expect("a secret").sign(id, seconds, body);
    expected.is_ok_and(|expected| signatures.split(' ').any(|one| one == expected))
}

/// The public key of an ed25519 secret: a private key ends with it.
fn public_key(secret: &str) -> Option<[u8; 32]> {
    let encoded = secret.strip_prefix("whpk_").or_else(|| secret.strip_prefix("whsk_"))?;
    let key = STANDARD.decode(encoded).expect("an ed25519 key is base64");
    Some(*key.last_chunk().expect("an ed25519 key has 32 bytes at least"))
}

/// The lower-case hex HMAC-SHA256 of a body, keyed with a secret as UTF-8 text.
#[must_use]
pub fn hex_hmac(secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(hmac::sign(&key, body))
}

#[cfg(test)]
mod tests;
