//! API keys: shown once, kept as their SHA-256.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::core::access::portal_token::{PortalKey, PortalToken};

/// Characters of an admin key at least.
const SHORTEST: usize = 24;

/// An API key as its holder sends it. `Debug` does not show it; keys are compared by their hashes
/// alone.
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

/// The deployment's admin keys: one, or while it is being changed more than one; each with the key
/// of portal tokens that is derived from it.
#[derive(Debug)]
pub struct AdminKeys(Vec<(KeyHash, PortalKey)>);

/// Why admin keys were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("admin keys are texts of {} random characters or more, with commas between", SHORTEST)]
pub struct InvalidAdminKeys;

impl AdminKeys {
    /// Whether a key of this hash is one of them.
    #[must_use]
    pub fn have(&self, hash: &KeyHash) -> bool {
        // All are compared: how long it takes does not tell which.
        self.0.iter().fold(false, |found, (key, _)| found | key.is_same(hash))
    }

    /// Signs a portal token, by the first of them.
    #[must_use]
    pub fn sign(&self, token: &PortalToken) -> String {
        self.0[0].1.sign(token)
    }

    /// What a portal token says that was signed by one of them.
    #[must_use]
    pub fn open(&self, token: &str) -> Option<PortalToken> {
        self.0.iter().find_map(|(_, key)| key.open(token))
    }
}

impl FromStr for AdminKeys {
    type Err = InvalidAdminKeys;

    fn from_str(list: &str) -> Result<Self, InvalidAdminKeys> {
        let known = |key: &str| {
            if key.len() < SHORTEST {
                return Err(InvalidAdminKeys);
            }
            Ok((ApiKey::from_bearer(key).hash(), PortalKey::derived_from(key)))
        };
        // A comma too many is no key.
        let keys = list.split(',').map(str::trim).filter(|key| !key.is_empty());
        let keys: Vec<_> = keys.map(known).collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(InvalidAdminKeys) } else { Ok(Self(keys)) }
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
    /// From a table.
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
mod tests;
