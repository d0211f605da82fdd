//! Whether a delivery is genuine, as a receiver should check it.
//!
//! Source: <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.

use std::collections::BTreeMap;
use std::fmt;

use http::HeaderMap;
use shared::signature::Secret;
use shared::timestamp::Timestamp;

/// Seconds that a delivery's time may be away from ours, to either side (Standard Webhooks: "Verifying signatures").
const TOLERANCE_SECONDS: u64 = 300;

/// What came of the check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The sender knows the secret, and signed just now.
    Verified,
    /// It must not be trusted, for this reason.
    Refused(String),
    /// No secret is known to check it with. Says how to tell one.
    NotChecked(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verified => f.write_str("signature verified"),
            Self::Refused(reason) => write!(f, "SIGNATURE DOES NOT VERIFY: {reason}"),
            Self::NotChecked(how) => write!(f, "signature not checked: {how}"),
        }
    }
}

/// The secrets that were told, by path (`/ok`) or by any other name, such as a subscription's id.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    known: BTreeMap<String, Secret>,
}

impl Secrets {
    /// Learns a secret, or forgets it.
    pub(super) fn learn(&mut self, of: &str, secret: Option<Secret>) {
        match secret {
            Some(secret) => self.known.insert(of.to_owned(), secret),
            None => self.known.remove(of),
        };
    }

    /// What the known secrets are of.
    pub(super) fn names(&self) -> Vec<&str> {
        self.known.keys().map(String::as_str).collect()
    }

    /// Checks a delivery with its path's secret; where its path has none, with those of subscriptions, because a
    /// delivery does not say whose it is.
    pub(super) fn check(&self, path: &str, headers: &HeaderMap, body: &[u8], now: Timestamp, address: &str) -> Verdict {
        let candidates: Vec<&Secret> = match self.known.get(path) {
            Some(secret) => vec![secret],
            None => self.known.iter().filter(|(name, _)| !name.starts_with('/')).map(|(_, secret)| secret).collect(),
        };
        if candidates.is_empty() {
            let tell = format!(r#"curl {address}/_secrets -d '{{"{path}":"whsec_…"}}'"#);
            return Verdict::NotChecked(format!("tell me the subscription's secret with {tell}"));
        }
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (Some(id), Some(time), Some(signatures)) =
            (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"))
        else {
            return Verdict::Refused("webhook-id, webhook-timestamp or webhook-signature is missing".to_owned());
        };
        let Ok(seconds) = time.parse::<i64>() else {
            return Verdict::Refused("webhook-timestamp is no number".to_owned());
        };
        let away = seconds.abs_diff(now.as_unix_seconds());
        if away > TOLERANCE_SECONDS {
            return Verdict::Refused(format!("webhook-timestamp is {away} seconds away from now; 300 are tolerated"));
        }
        if candidates.iter().any(|secret| secret.verifies(signatures, id, seconds, body)) {
            return Verdict::Verified;
        }
        Verdict::Refused("it was not made with a secret that I know, or the body was changed".to_owned())
    }
}
