//! Secrets and what they prove: Standard Webhooks v1 (HMAC-SHA256) and v1a (ed25519) over
//! `id.timestamp.body`, and the headers of systems that came before it. Source:
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64_URL;
use hmac::{Hmac, KeyInit, Mac};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::Sha256;

use crate::core::subscription::policy::Scheme;

/// A plain secret has 8 to 256 bytes.
pub const PLAIN_LEN: std::ops::RangeInclusive<usize> = 8..=256;

/// What signs a subscription's requests. Neither `Debug` nor an error shows it.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// `whsec_` and the base64 of 24 to 64 bytes: signs v1.
    Hmac(Vec<u8>),
    /// `whsk_` and the base64 of an ed25519 private key and its public key, 64 bytes in all: signs
    /// v1a. What its receivers verify with is the [`PublicKey`].
    Ed25519([u8; 64]),
    /// Any other text of 8 to 256 bytes without control characters, as systems before Standard
    /// Webhooks have them. Its bytes sign v1.
    Plain(String),
}

/// The kinds of secret that can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// See [`Secret::Hmac`].
    Hmac,
    /// See [`Secret::Ed25519`].
    Ed25519,
    /// See [`Secret::Plain`].
    Plain,
}

/// Text that is not a secret. Says what is wanted, not what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSecret(&'static str);

impl Secret {
    /// What every HMAC secret starts with.
    pub const PREFIX: &'static str = "whsec_";
    /// What every private key starts with.
    pub const PRIVATE_KEY_PREFIX: &'static str = "whsk_";

    /// Makes a secret of 32 random bytes.
    ///
    /// # Panics
    ///
    /// Never: any 32 bytes are an ed25519 seed.
    #[must_use]
    pub fn new(kind: Kind, random: [u8; 32]) -> Self {
        match kind {
            Kind::Hmac => Self::Hmac(random.to_vec()),
            Kind::Plain => Self::Plain(BASE64_URL.encode(random)),
            Kind::Ed25519 => {
                let pair =
                    Ed25519KeyPair::from_seed_unchecked(&random).expect("any 32 bytes are a seed");
                let mut both = [0; 64];
                both[..32].copy_from_slice(&random);
                both[32..].copy_from_slice(pair.public_key().as_ref());
                Self::Ed25519(both)
            }
        }
    }

    /// The secret as its owner gave or got it.
    #[must_use]
    pub fn reveal(&self) -> String {
        match self {
            Self::Hmac(key) => format!("{}{}", Self::PREFIX, BASE64.encode(key)),
            Self::Ed25519(both) => format!("{}{}", Self::PRIVATE_KEY_PREFIX, BASE64.encode(both)),
            Self::Plain(text) => text.clone(),
        }
    }

    /// What verifies its signatures, if that is not the secret itself.
    #[must_use]
    pub fn public_key(&self) -> Option<PublicKey> {
        match self {
            Self::Ed25519(both) => both[32..].try_into().ok().map(PublicKey),
            Self::Hmac(_) | Self::Plain(_) => None,
        }
    }

    /// The `webhook-signature` value for one attempt: `v1,` or `v1a,` and the base64 of the MAC or
    /// signature.
    ///
    /// # Panics
    ///
    /// Never: an ed25519 secret was checked when it was read.
    #[must_use]
    pub fn sign(&self, id: &str, unix_seconds: i64, body: &[u8]) -> String {
        match self {
            Self::Hmac(_) | Self::Plain(_) => {
                let tag = self.mac(id, unix_seconds, body).finalize().into_bytes();
                format!("v1,{}", BASE64.encode(tag))
            }
            Self::Ed25519(both) => {
                let (seed, public) = both.split_at(32);
                let pair = Ed25519KeyPair::from_seed_and_public_key(seed, public)
                    .expect("checked when it was read");
                format!("v1a,{}", BASE64.encode(pair.sign(&content(id, unix_seconds, body))))
            }
        }
    }

    /// Whether any of the space-separated `signatures` is this secret's, compared in constant time.
    #[must_use]
    pub fn verifies(&self, signatures: &str, id: &str, unix_seconds: i64, body: &[u8]) -> bool {
        if let Some(public_key) = self.public_key() {
            return public_key.verifies(signatures, id, unix_seconds, body);
        }
        signatures.split(' ').filter_map(|one| one.strip_prefix("v1,")).any(|encoded| {
            BASE64
                .decode(encoded)
                .is_ok_and(|tag| self.mac(id, unix_seconds, body).verify_slice(&tag).is_ok())
        })
    }

    fn mac(&self, id: &str, unix_seconds: i64, body: &[u8]) -> Hmac<Sha256> {
        let key = match self {
            Self::Hmac(key) => key.as_slice(),
            Self::Plain(text) => text.as_bytes(),
            Self::Ed25519(both) => both,
        };
        let mut mac = hmac(key);
        mac.update(format!("{id}.{unix_seconds}.").as_bytes());
        mac.update(body);
        mac
    }
}

fn hmac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn content(id: &str, unix_seconds: i64, body: &[u8]) -> Vec<u8> {
    [format!("{id}.{unix_seconds}.").as_bytes(), body].concat()
}

impl Scheme {
    /// Whether it can use a secret of this kind; says what it wants.
    pub fn takes(&self, secret: &Secret) -> Result<(), InvalidSecret> {
        match (self, secret) {
            (Self::StandardWebhooks {}, Secret::Plain(_)) => Err(InvalidSecret(
                "this profile's secret is 'whsec_' and the base64 of 24 to 64 bytes, or a 'whsk_' private key",
            )),
            (Self::HmacSha256Hex { .. } | Self::Token { .. }, Secret::Ed25519(_)) => {
                Err(InvalidSecret(
                    "this profile's header wants a secret that both sides have, not a 'whsk_' private key",
                ))
            }
            (Self::Token { .. }, Secret::Plain(text))
                if !text.chars().all(|c| c.is_ascii_graphic()) =>
            {
                Err(InvalidSecret(
                    "this profile sends the secret as a header: printable ASCII without spaces is wanted",
                ))
            }
            _ => Ok(()),
        }
    }

    /// The kind of secret that is made where none is given.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::StandardWebhooks {} => Kind::Hmac,
            Self::HmacSha256Hex { .. } | Self::Token { .. } => Kind::Plain,
        }
    }

    /// The value of its header for one body; `None` if it has none.
    #[must_use]
    pub fn value(&self, secret: &Secret, body: &[u8]) -> Option<String> {
        match self {
            Self::StandardWebhooks {} => None,
            Self::Token { .. } => Some(secret.reveal()),
            Self::HmacSha256Hex { prefix, .. } => {
                let mut mac = hmac(secret.reveal().as_bytes());
                mac.update(body);
                Some(format!("{prefix}{}", hex::encode(mac.finalize().into_bytes())))
            }
        }
    }
}

/// What verifies the signatures of an ed25519 secret: `whpk_` and the base64 of its 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// What every public key starts with.
    pub const PREFIX: &'static str = "whpk_";

    /// Whether any of the space-separated `signatures` was made with its private key.
    #[must_use]
    pub fn verifies(&self, signatures: &str, id: &str, unix_seconds: i64, body: &[u8]) -> bool {
        let content = content(id, unix_seconds, body);
        let key = UnparsedPublicKey::new(&ED25519, &self.0);
        signatures.split(' ').filter_map(|one| one.strip_prefix("v1a,")).any(|encoded| {
            BASE64.decode(encoded).is_ok_and(|signature| key.verify(&content, &signature).is_ok())
        })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Self::PREFIX, BASE64.encode(self.0))
    }
}

impl FromStr for PublicKey {
    type Err = InvalidSecret;

    fn from_str(text: &str) -> Result<Self, InvalidSecret> {
        const WANTED: InvalidSecret =
            InvalidSecret("a public key is 'whpk_' and the base64 of 32 bytes");
        let encoded = text.strip_prefix(Self::PREFIX).ok_or(WANTED)?;
        let key = BASE64.decode(encoded).map_err(|_| WANTED)?;
        key.try_into().map(Self).map_err(|_| WANTED)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl FromStr for Secret {
    type Err = InvalidSecret;

    fn from_str(text: &str) -> Result<Self, InvalidSecret> {
        if let Some(encoded) = text.strip_prefix(Self::PREFIX) {
            let key = BASE64.decode(encoded).ok().filter(|key| (24..=64).contains(&key.len()));
            return key
                .map(Self::Hmac)
                .ok_or(InvalidSecret("a secret is 'whsec_' and the base64 of 24 to 64 bytes"));
        }
        if let Some(encoded) = text.strip_prefix(Self::PRIVATE_KEY_PREFIX) {
            const WANTED: InvalidSecret = InvalidSecret(
                "a private key is 'whsk_' and the base64 of an ed25519 private key with its public key, 64 bytes in all",
            );
            let both: [u8; 64] =
                BASE64.decode(encoded).ok().and_then(|key| key.try_into().ok()).ok_or(WANTED)?;
            let (seed, public) = both.split_at(32);
            Ed25519KeyPair::from_seed_and_public_key(seed, public).map_err(|_| WANTED)?;
            return Ok(Self::Ed25519(both));
        }
        if text.starts_with(PublicKey::PREFIX) {
            return Err(InvalidSecret(
                "a public key signs nothing: the private key, 'whsk_', is wanted",
            ));
        }
        if PLAIN_LEN.contains(&text.len())
            && !text.chars().any(char::is_control)
            && text.trim() == text
        {
            return Ok(Self::Plain(text.to_owned()));
        }
        Err(InvalidSecret(
            "a secret is 'whsec_' and the base64 of 24 to 64 bytes, a 'whsk_' private key, or 8 to 256 bytes of text",
        ))
    }
}

#[cfg(test)]
mod tests;
