//! Attempts: one numbered HTTP request each, and what came of it. A receiver's failure is data, never an error.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;

/// Bytes kept of the answer to an accepted attempt.
pub const EXCERPT_ON_SUCCESS: usize = 256;
/// Bytes kept of the answer to any other attempt.
pub const EXCERPT_ON_FAILURE: usize = 4096;

/// Why an attempt was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The event itself, and its automatic retries.
    Event,
    /// Somebody asked for it.
    Resend,
    /// A sample was sent.
    Test,
    /// The breaker looked whether the receiver is back.
    Probe,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The receiver accepted it.
    Succeeded,
    /// The receiver answered, and not with success.
    Rejected,
    /// No answer in time.
    TimedOut,
    /// No answer: no name, no connection, no TLS, no HTTP.
    Unreachable,
    /// Not made: the address is one that deliveries must not reach.
    Blocked,
}

/// What an answer means for the subscription as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Its receiver answered with this status, which disables it.
    Disabled(u16),
    /// Its receiver asked not to be sent anything any more: it is deleted.
    Unsubscribed,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disabled(status) => write!(f, "the receiver answered {status}"),
            Self::Unsubscribed => f.write_str("the receiver asked to be unsubscribed"),
        }
    }
}

/// One attempt on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// 1 for the first of its delivery.
    pub number: u32,
    /// Why it was made.
    pub trigger: Trigger,
    /// When its request started.
    pub started_at: Timestamp,
    /// From the start of the request to the end of what was read of the answer.
    pub duration_ms: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// The answer's status, where there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// `dns`, `connect_refused`, `connect_reset`, `connect_failed`, `tls`, `timeout`, `blocked`, `protocol` or
    /// `http_status`; absent on success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_class: Option<String>,
    /// The error in words for the receiver's developer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The start of the answer's body, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_excerpt: Option<String>,
}

/// The first `limit` bytes of a body as text: what is not UTF-8 becomes U+FFFD, and nothing is cut inside a character.
#[must_use]
pub fn excerpt(body: &[u8], limit: usize) -> Option<String> {
    let text = String::from_utf8_lossy(&body[..body.len().min(limit)]);
    let mut text = text.into_owned();
    while text.len() > limit || (body.len() > limit && text.ends_with('\u{fffd}')) {
        text.pop();
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_excerpt_is_within_its_limit_and_starts_the_text(text in "\\PC{0,80}", limit in 1usize..60) {
            let cut = excerpt(text.as_bytes(), limit).unwrap_or_default();
            prop_assert!(cut.len() <= limit);
            let starts = text.starts_with(&cut);
            prop_assert!(starts);
        }

        #[test]
        fn any_bytes_make_an_excerpt(bytes: Vec<u8>, limit in 1usize..60) {
            prop_assert!(excerpt(&bytes, limit).unwrap_or_default().len() <= limit);
        }
    }
}
