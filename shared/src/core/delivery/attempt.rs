//! Attempts: one numbered HTTP request each, and what came of it. A receiver's failure is data,
//! never an error.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use crate::core::delivery::excerpt::excerpt;
use crate::core::delivery::headers::{self, Headers, json_bytes};
use crate::core::timestamp::Timestamp;

/// Bytes kept of the answer to an accepted attempt, where there is room for so many.
pub const EXCERPT_ON_SUCCESS: usize = 256;
/// Bytes kept of it at least.
const SHORTEST_EXCERPT: usize = 128;
/// Bytes kept of the answer to any other attempt.
pub const EXCERPT_ON_FAILURE: usize = 4096;
/// Bytes of JSON kept of the headers of the answer to an accepted attempt, at most.
const HEADERS_ON_SUCCESS: usize = 256;
/// Bytes of JSON that they share with the excerpt and the request's headers, so that the row of a
/// delivery that succeeds at once is within a write unit (1 KB).
const KEPT_ON_SUCCESS: usize = 480;
/// Bytes of JSON kept of the headers of the answer to any other attempt.
const HEADERS_ON_FAILURE: usize = 2048;

/// Why an attempt was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Succeeded, Self::Rejected, Self::TimedOut, Self::Unreachable, Self::Blocked];

    /// The word in the API and the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Rejected => "rejected",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::Blocked => "blocked",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an attempt did not succeed, more closely than its outcome says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// The host name resolves to nothing.
    Dns,
    /// Nothing listens on the port.
    ConnectRefused,
    /// The connection was reset, or closed before a status.
    ConnectReset,
    /// No connection for any other reason, such as no route.
    ConnectFailed,
    /// No TLS: the certificate, the versions, or no TLS server at all.
    Tls,
    /// Not connected or not answered in time.
    Timeout,
    /// The deployment's rule forbids the address or the port.
    Blocked,
    /// The answer is not HTTP/1.x, or its headers are too many or too large.
    Protocol,
    /// The answer's status does not count as success.
    HttpStatus,
}

impl ErrorClass {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Dns,
        Self::ConnectRefused,
        Self::ConnectReset,
        Self::ConnectFailed,
        Self::Tls,
        Self::Timeout,
        Self::Blocked,
        Self::Protocol,
        Self::HttpStatus,
    ];

    /// The word in the API and the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::ConnectRefused => "connect_refused",
            Self::ConnectReset => "connect_reset",
            Self::ConnectFailed => "connect_failed",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Blocked => "blocked",
            Self::Protocol => "protocol",
            Self::HttpStatus => "http_status",
        }
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A part of an attempt, in which its time may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The lookup of the host's name.
    Dns,
    /// TCP's connecting.
    Connect,
    /// The TLS handshake.
    Tls,
    /// The wait for the answer's headers, over a connection that was there.
    FirstByte,
}

/// What an answer means for the subscription as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// An attempt that was made, with what the schedule needs to know and the record does not.
#[derive(Debug)]
pub struct Made {
    /// For the record; it gets its number there.
    pub attempt: Attempt,
    /// The answer's `Retry-After`.
    pub retry_after: Option<String>,
    /// What the answer means for the subscription, if anything.
    pub ending: Option<Ending>,
}

/// A duration to the tenth of a millisecond; written as a number of milliseconds, such as `12.3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "f64")]
pub struct Millis {
    tenths: u32,
}

impl From<Duration> for Millis {
    fn from(duration: Duration) -> Self {
        let tenths = (duration.as_micros() + 50) / 100;
        Self { tenths: u32::try_from(tenths).unwrap_or(u32::MAX) }
    }
}

impl From<f64> for Millis {
    fn from(millis: f64) -> Self {
        Self::from(Duration::try_from_secs_f64(millis / 1000.0).unwrap_or_default())
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.tenths.is_multiple_of(10) {
            serializer.serialize_u32(self.tenths / 10)
        } else {
            serializer.serialize_f64(f64::from(self.tenths) / 10.0)
        }
    }
}

/// Where the time of an attempt went. What was not finished is absent; of a kept connection, all
/// but the last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Timing {
    /// The lookup of the host's name; absent also where the URL names an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_ms: Option<Millis>,
    /// TCP's connecting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_ms: Option<Millis>,
    /// The TLS handshake; https alone has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_ms: Option<Millis>,
    /// From the start of the sending, over a connection that was there, to the end of the answer's
    /// headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_byte_ms: Option<Millis>,
}

impl Timing {
    /// Whether no step was finished.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One attempt on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    /// 1 for the first of its delivery.
    #[schemars(example = 1)]
    pub number: u32,
    /// Why it was made.
    pub trigger: Trigger,
    /// When its request started.
    pub started_at: Timestamp,
    /// From the start of the request to the end of what was read of the answer.
    #[schemars(example = 43)]
    pub duration_ms: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// The answer's status, where there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = 200)]
    pub status: Option<u16>,
    /// The kind of failure; absent on success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_class: Option<ErrorClass>,
    /// Where the time was up; only of `error_class` `timeout`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_phase: Option<Phase>,
    /// The error in words for the receiver's developer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The start of the answer's body, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"ok")]
    pub response_excerpt: Option<String>,
    /// Where the time went.
    #[serde(default, skip_serializing_if = "Timing::is_empty")]
    pub timing: Timing,
    // On record without those that [`crate::core::delivery::Delivery::shown_attempts`] adds.
    /// The request's own headers, secrets masked; only of a delivery's latest attempts. Without
    /// `tracestate`, which is its event's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_headers: Option<Headers>,
    /// The answer's headers, as many as there is room for, secrets masked; only of a delivery's
    /// latest attempts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_headers: Option<Headers>,
}

impl Attempt {
    /// Keeps the start of an answer's body, as much as there is room for beside the request's
    /// headers: while a secret is rotated they have two signatures, and in a trace one more header.
    pub fn keep_excerpt(&mut self, body: &[u8]) {
        let limit = if self.outcome == Outcome::Succeeded {
            // The quotes.
            let taken = json_bytes(&self.request_headers) + 2;
            KEPT_ON_SUCCESS.saturating_sub(taken).clamp(SHORTEST_EXCERPT, EXCERPT_ON_SUCCESS)
        } else {
            EXCERPT_ON_FAILURE
        };
        self.response_excerpt = excerpt(body, limit);
    }

    /// Keeps as many of the answer's headers as there is room for, beside what else is kept.
    pub fn keep_headers(&mut self, answered: Headers) {
        let room = if self.outcome == Outcome::Succeeded {
            let taken = json_bytes(&self.request_headers) + json_bytes(&self.response_excerpt);
            KEPT_ON_SUCCESS.saturating_sub(taken).min(HEADERS_ON_SUCCESS)
        } else {
            HEADERS_ON_FAILURE
        };
        self.response_headers = Some(headers::fitting(answered, room));
    }
}

#[cfg(test)]
mod tests;
