//! Standard Webhooks signatures, scheme v1: HMAC-SHA256 over `id.timestamp.body`.
//! Source: <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A signing secret: `whsec_` and the base64 of 24 to 64 bytes. Neither `Debug` nor an error shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// Text that is not a secret. Says what is wanted, not what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidSecret;

impl fmt::Display for InvalidSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret is 'whsec_' and the base64 of 24 to 64 bytes")
    }
}

impl std::error::Error for InvalidSecret {}

impl Secret {
    /// What every secret starts with.
    pub const PREFIX: &'static str = "whsec_";

    /// Makes a secret of 32 random bytes.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(random.to_vec())
    }

    /// The secret as its owner sees it.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}{}", Self::PREFIX, BASE64.encode(&self.0))
    }

    /// The `webhook-signature` value for one attempt: `v1,` and the base64 of the MAC.
    #[must_use]
    pub fn sign(&self, id: &str, unix_seconds: i64, body: &[u8]) -> String {
        format!("v1,{}", BASE64.encode(self.mac(id, unix_seconds, body).finalize().into_bytes()))
    }

    /// Whether any of the space-separated `signatures` is this secret's, compared in constant time.
    #[must_use]
    pub fn verifies(&self, signatures: &str, id: &str, unix_seconds: i64, body: &[u8]) -> bool {
        signatures.split(' ').filter_map(|one| one.strip_prefix("v1,")).any(|encoded| {
            BASE64.decode(encoded).is_ok_and(|tag| self.mac(id, unix_seconds, body).verify_slice(&tag).is_ok())
        })
    }

    fn mac(&self, id: &str, unix_seconds: i64, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{unix_seconds}.").as_bytes());
        mac.update(body);
        mac
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
        let encoded = text.strip_prefix(Self::PREFIX).ok_or(InvalidSecret)?;
        let key = BASE64.decode(encoded).map_err(|_| InvalidSecret)?;
        if (24..=64).contains(&key.len()) { Ok(Self(key)) } else { Err(InvalidSecret) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn published() -> Secret {
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().expect("the specification's secret")
    }

    #[test]
    fn the_published_vector_comes_out() {
        let signature = published().sign(ID, 1_614_265_330, BODY);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(published().verifies(&format!("v1,AAAA v1a,x {signature}"), ID, 1_614_265_330, BODY));
    }

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", published()), "Secret(…)");
        assert!(!InvalidSecret.to_string().contains("MfKQ"));
    }

    #[test]
    fn short_long_and_bare_secrets_are_refused() {
        for bytes in [0, 23, 65] {
            assert!(format!("whsec_{}", BASE64.encode(vec![1; bytes])).parse::<Secret>().is_err());
        }
        assert!(BASE64.encode([1; 32]).parse::<Secret>().is_err());
    }

    proptest! {
        #[test]
        fn any_change_to_id_time_or_body_is_noticed(key: [u8; 32], body: Vec<u8>, at in 0i64..1 << 40, flip in 0usize..64) {
            let secret = Secret::new(key);
            let signature = secret.sign(ID, at, &body);
            prop_assert!(secret.verifies(&signature, ID, at, &body));
            prop_assert!(!secret.verifies(&signature, ID, at + 1, &body));
            prop_assert!(!secret.verifies(&signature, "msg_other", at, &body));
            let mut other = body.clone();
            if other.is_empty() { other.push(0) } else { let i = flip % other.len(); other[i] ^= 1 }
            prop_assert!(!secret.verifies(&signature, ID, at, &other));
            prop_assert_eq!(secret.reveal().parse::<Secret>().unwrap(), secret);
        }
    }
}
