//! Signatures, computed without a line of the product.

use ring::hmac;

/// The lower-case hex HMAC-SHA256 of a body, keyed with a secret as UTF-8 text.
pub fn hex_hmac(secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(hmac::sign(&key, body))
}
