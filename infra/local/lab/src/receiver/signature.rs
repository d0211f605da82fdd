//! Whether a delivery is genuine, as a receiver should check it.
//!
//! Source:
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use http::HeaderMap;
use shared::core::signature::{InvalidSecret, PublicKey, Secret};
use shared::core::subscription::policy::Scheme;
use shared::core::timestamp::Timestamp;

/// Seconds that a delivery's time may be away from ours, to either side (Standard Webhooks:
/// "Verifying signatures").
const TOLERANCE_SECONDS: u64 = 300;

/// What came of the check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The sender knows the secret, and signed just now. Says by what that was seen.
    Verified(String),
    /// It must not be trusted, for this reason.
    Refused(String),
    /// No secret is known to check it with. Says how to tell one.
    NotChecked(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verified(by) => write!(f, "signature verified ({by})"),
            Self::Refused(reason) => write!(f, "SIGNATURE DOES NOT VERIFY: {reason}"),
            Self::NotChecked(how) => write!(f, "signature not checked: {how}"),
        }
    }
}

/// What a receiver checks signatures with.
#[derive(Debug)]
pub enum Verifier {
    /// The secret that both sides have.
    Secret(Secret),
    /// The public key of a secret that the sender alone has.
    PublicKey(PublicKey),
}

impl FromStr for Verifier {
    type Err = InvalidSecret;

    fn from_str(text: &str) -> Result<Self, InvalidSecret> {
        if text.starts_with(PublicKey::PREFIX) {
            return text.parse().map(Self::PublicKey);
        }
        text.parse().map(Self::Secret)
    }
}

impl Verifier {
    /// By what the request proves that its sender knows the secret; `None` if by nothing.
    fn proof(
        &self,
        headers: &HeaderMap,
        signatures: &str,
        id: &str,
        seconds: i64,
        body: &[u8],
    ) -> Option<String> {
        match self {
            Self::PublicKey(key) => {
                key.verifies(signatures, id, seconds, body).then(|| "v1a".to_owned())
            }
            Self::Secret(secret) => secret
                .verifies(signatures, id, seconds, body)
                .then(|| format!("v1{}", own_header(secret, headers, body))),
        }
    }
}

/// The header of a profile of its own that proves the same, if there is one: the secret itself, or
/// a hex HMAC.
fn own_header(secret: &Secret, headers: &HeaderMap, body: &[u8]) -> String {
    let hex =
        Scheme::HmacSha256Hex { header: String::new(), prefix: String::new() }.value(secret, body);
    let (token, hex) = (secret.reveal(), hex.unwrap_or_default());
    let proves = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let value = value.to_str().unwrap_or_default();
        if value == token {
            return Some(format!(", and the token in {name}"));
        }
        value.ends_with(&hex).then(|| format!(", and the hex HMAC in {name}"))
    };
    headers.iter().find_map(proves).unwrap_or_default()
}

/// The secrets that were told, by path (`/ok`) or by any other name, such as a subscription's id.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    known: BTreeMap<String, Verifier>,
}

impl Secrets {
    /// Learns a secret, or forgets it.
    pub(super) fn learn(&mut self, of: &str, secret: Option<Verifier>) {
        match secret {
            Some(secret) => self.known.insert(of.to_owned(), secret),
            None => self.known.remove(of),
        };
    }

    /// What the known secrets are of.
    pub(super) fn names(&self) -> Vec<&str> {
        self.known.keys().map(String::as_str).collect()
    }

    /// Checks a delivery with its path's secret; where its path has none, with those of
    /// subscriptions, because a delivery does not say whose it is.
    pub(super) fn check(
        &self,
        path: &str,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
        address: &str,
    ) -> Verdict {
        let candidates: Vec<&Verifier> = match self.known.get(path) {
            Some(secret) => vec![secret],
            None => self
                .known
                .iter()
                .filter(|(name, _)| !name.starts_with('/'))
                .map(|(_, secret)| secret)
                .collect(),
        };
        if candidates.is_empty() {
            let tell = format!(r#"curl {address}/_secrets -d '{{"{path}":"whsec_…"}}'"#);
            return Verdict::NotChecked(format!("tell me the subscription's secret with {tell}"));
        }
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (Some(id), Some(time), Some(signatures)) =
            (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"))
        else {
            return Verdict::Refused(
                "webhook-id, webhook-timestamp or webhook-signature is missing".to_owned(),
            );
        };
        let Ok(seconds) = time.parse::<i64>() else {
            return Verdict::Refused("webhook-timestamp is no number".to_owned());
        };
        let away = seconds.abs_diff(now.as_unix_seconds());
        if away > TOLERANCE_SECONDS {
            return Verdict::Refused(format!(
                "webhook-timestamp is {away} seconds away from now; 300 are tolerated"
            ));
        }
        if let Some(by) =
            candidates.iter().find_map(|known| known.proof(headers, signatures, id, seconds, body))
        {
            return Verdict::Verified(by);
        }
        Verdict::Refused(
            "it was not made with a secret that I know, or the body was changed".to_owned(),
        )
    }
}
