//! Secrets at rest: sealed with AES-256-GCM under the deployment's keys, bound to the row that
//! holds them.
//!
//! A sealing key is configured as a random text, for that is what `CloudFormation` can have made;
//! the key is derived from it by HKDF (RFC 5869).

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Characters of a sealing key at least: 32 letters and digits at random are 190 bits.
const SHORTEST: usize = 32;
/// What keys are derived for; another version of [`Sealed`] gets others.
const SALT: &[u8] = b"postrider sealing 1";

/// Sealed text: `1.<key>.<base64 of nonce and ciphertext>`, where `<key>` names the sealing key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// From the table.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// For the table.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The deployment's sealing keys: the first seals, each opens what it sealed. `Debug` shows none of
/// them.
pub struct SealingKeys(Vec<(String, LessSafeKey)>);

/// Why sealing keys were refused, or sealed text did not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// The configured keys are not a comma-separated list of texts of 32 characters or more.
    #[error(
        "sealing keys are texts of {} random characters or more, with commas between",
        SHORTEST
    )]
    InvalidKeys,
    /// The text was sealed under a key that is not configured.
    #[error("sealed under key {0}, which is not among the sealing keys")]
    UnknownKey(String),
    /// The text was changed, or belongs to another row.
    #[error("the sealed text was changed or belongs to another row")]
    Damaged,
}

impl SealingKeys {
    /// Whether what is sealed so can be opened.
    #[must_use]
    pub fn knows(&self, sealed: &Sealed) -> bool {
        let name = sealed.0.split('.').nth(1);
        self.0.iter().any(|(known, _)| Some(known.as_str()) == name)
    }

    /// Seals `text` for the row that `owner` names. A nonce must never be used twice under one key:
    /// `nonce` is random.
    ///
    /// # Panics
    ///
    /// If `text` is longer than the 64 GiB that AES-GCM seals.
    #[must_use]
    pub fn seal(&self, owner: &str, text: &str, nonce: [u8; NONCE_LEN]) -> Sealed {
        let (name, key) = &self.0[0];
        let mut bytes = text.as_bytes().to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(owner),
            &mut bytes,
        )
        .expect("AES-GCM seals up to 64 GiB");
        let sealed = [nonce.as_slice(), &bytes].concat();
        Sealed(format!("1.{name}.{}", BASE64.encode(sealed)))
    }

    /// Opens what was sealed for the row that `owner` names.
    pub fn open(&self, owner: &str, sealed: &Sealed) -> Result<String, SealingError> {
        let mut parts = sealed.0.splitn(3, '.');
        let (Some("1"), Some(name), Some(encoded)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(SealingError::Damaged);
        };
        let key = self.0.iter().find(|(known, _)| known == name);
        let (_, key) = key.ok_or_else(|| SealingError::UnknownKey(name.to_owned()))?;
        let mut bytes = BASE64.decode(encoded).map_err(|_| SealingError::Damaged)?;
        let (nonce, ciphertext) =
            bytes.split_at_mut_checked(NONCE_LEN).ok_or(SealingError::Damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealingError::Damaged)?;
        let opened = key
            .open_in_place(nonce, Aad::from(owner), ciphertext)
            .map_err(|_| SealingError::Damaged)?;
        String::from_utf8(opened.to_vec()).map_err(|_| SealingError::Damaged)
    }
}

impl FromStr for SealingKeys {
    type Err = SealingError;

    fn from_str(list: &str) -> Result<Self, SealingError> {
        // A comma too many is no key.
        let texts = list.split(',').map(str::trim).filter(|text| !text.is_empty());
        let keys: Vec<_> = texts.map(key).collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(SealingError::InvalidKeys) } else { Ok(Self(keys)) }
    }
}

/// A key and its name, which tells nothing of it.
fn key(text: &str) -> Result<(String, LessSafeKey), SealingError> {
    if text.len() < SHORTEST {
        return Err(SealingError::InvalidKeys);
    }
    let derived = Salt::new(HKDF_SHA256, SALT).extract(text.as_bytes());
    let key =
        derived.expand(&[b"AES-256-GCM"], &AES_256_GCM).map_err(|_| SealingError::InvalidKeys)?;
    let name = hex::encode(&Sha256::digest([SALT, text.as_bytes()].concat())[..4]);
    Ok((name, LessSafeKey::new(UnboundKey::from(key))))
}

impl fmt::Debug for SealingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKeys({})", self.0.len())
    }
}

#[cfg(test)]
mod tests;
