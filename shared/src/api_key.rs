//! API keys: shown once, kept as their SHA-256.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// An API key as its holder sends it. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// Makes a tenant's key from 32 random bytes.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(format!("pr_{}", URL_SAFE_NO_PAD.encode(random)))
    }

    /// A key as it came with a request.
    #[must_use]
    pub fn from_bearer(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The key, to be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> KeyHash {
        KeyHash(hex::encode(Sha256::digest(self.0.as_bytes())))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// The SHA-256 of a key, in lower-case hex. A plain hash is enough: a key has 256 random bits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyHash(String);

impl KeyHash {
    /// From a table or the deployment's parameters.
    #[must_use]
    pub const fn from_stored(hex: String) -> Self {
        Self(hex)
    }

    /// As hex.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both are of the same key, compared in constant time.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_hash_and_never_printed() {
        let key = ApiKey::new([7; 32]);
        assert_eq!(key.hash(), ApiKey::from_bearer(key.reveal()).hash());
        assert!(key.hash().is_same(&key.hash()) && !key.hash().is_same(&ApiKey::new([8; 32]).hash()));
        assert_eq!(format!("{key:?}"), "ApiKey(…)");
        let known = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        assert_eq!(ApiKey::from_bearer("hello").hash().as_str(), known);
    }
}
