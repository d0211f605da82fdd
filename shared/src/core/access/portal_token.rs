//! Portal tokens: what opens one tenant's page for a while. Signed, and kept nowhere.
//!
//! `prt_<claims>.<signature>`, both in base64url: the claims are JSON, the signature is
//! HMAC-SHA-256 over all that stands before the dot. Its key is derived from an admin key by HKDF
//! (RFC 5869): whoever could learn it may do more than any token, and a changed admin key ends the
//! tokens with it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::hmac::{self, HMAC_SHA256};
use serde::{Deserialize, Serialize};

use crate::core::access::capability::Capability;
use crate::core::id::TenantId;
use crate::core::timestamp::Timestamp;

/// What every token starts with.
const PREFIX: &str = "prt_";
/// What keys are derived for; another form of token gets others.
const SALT: &[u8] = b"postrider portal token 1";

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortalToken {
    /// Whose page it opens.
    pub tenant: TenantId,
    /// What its holder may do there.
    pub capabilities: Vec<Capability>,
    /// When it was made.
    pub issued_at: Timestamp,
    /// From when on it opens nothing.
    pub expires_at: Timestamp,
}

/// Signs tokens, and knows those that it signed. `Debug` does not show it.
pub struct PortalKey(hmac::Key);

impl fmt::Debug for PortalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PortalKey(…)")
    }
}

impl PortalKey {
    /// The key that goes with an admin key.
    ///
    /// # Panics
    ///
    /// Never: HKDF has 255 blocks of output, and this takes one.
    #[must_use]
    pub fn derived_from(admin_key: &str) -> Self {
        let derived = Salt::new(HKDF_SHA256, SALT).extract(admin_key.as_bytes());
        let key = derived.expand(&[b"HMAC-SHA-256"], HMAC_SHA256).expect("32 bytes");
        Self(key.into())
    }

    /// The token as its holder sends it.
    ///
    /// # Panics
    ///
    /// Never: texts and times are always JSON.
    #[must_use]
    pub fn sign(&self, token: &PortalToken) -> String {
        let claims = serde_json::to_vec(token).expect("texts and times serialise");
        let signed = format!("{PREFIX}{}", BASE64.encode(claims));
        let signature = hmac::sign(&self.0, signed.as_bytes());
        format!("{signed}.{}", BASE64.encode(signature))
    }

    /// What a token says, if this key signed it, compared in constant time. Whether it has expired
    /// is not looked at.
    #[must_use]
    pub fn open(&self, text: &str) -> Option<PortalToken> {
        let (signed, signature) = text.rsplit_once('.')?;
        hmac::verify(&self.0, signed.as_bytes(), &BASE64.decode(signature).ok()?).ok()?;
        claims(text)
    }
}

/// What a token says, whoever signed it: for showing, never for deciding.
#[must_use]
pub fn claims(text: &str) -> Option<PortalToken> {
    let (signed, signature) = text.rsplit_once('.')?;
    BASE64.decode(signature).ok()?;
    serde_json::from_slice(&BASE64.decode(signed.strip_prefix(PREFIX)?).ok()?).ok()
}

/// Whether a bearer's text is meant to be a token.
#[must_use]
pub fn is_token(text: &str) -> bool {
    text.starts_with(PREFIX)
}

#[cfg(test)]
mod tests;
