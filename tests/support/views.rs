//! What the API answers, as a caller reads it. Types of their own: those of the product would hide
//! a change of the wire.

mod jobs;
mod statistics;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use shared::core::timestamp::Timestamp;

pub use jobs::{Erasure, Resend};
pub use statistics::{AttemptCounts, DeliveryCounts, Hour, Percentiles, Stats};

/// A page of a list.
#[derive(Debug, Deserialize)]
pub struct List<T> {
    /// Its entries.
    pub items: Vec<T>,
    /// Where the next page starts.
    pub next_cursor: Option<String>,
}

/// What publishing one event answers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The event's id.
    pub id: String,
    /// Its type.
    pub r#type: String,
    /// Its time.
    pub timestamp: Timestamp,
    /// The events that it was split into, where its type is split.
    #[serde(default)]
    pub events: Vec<Self>,
}

/// An event on record.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// Its type.
    pub r#type: String,
    /// Its time.
    pub timestamp: Timestamp,
    /// The event that was published, where this is a part of it.
    pub parent: Option<String>,
    /// The trace that its publisher has named.
    pub trace_id: Option<String>,
    /// What tracing systems have added.
    pub tracestate: Option<String>,
    /// How many subscriptions it went to.
    pub matched: u64,
    /// Whether its payload was erased.
    #[serde(default)]
    pub payload_erased: bool,
    /// Its exact payload, where it was asked for.
    #[serde(default, deserialize_with = "even_null")]
    pub data: Option<Box<RawValue>>,
}

/// A delivery on record.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// To whom.
    pub subscription: String,
    /// What.
    pub event: String,
    /// The event's type; absent before the first attempt is on record.
    pub event_type: Option<String>,
    /// The event's time.
    pub timestamp: Timestamp,
    /// How it stands.
    pub status: String,
    /// Whether the receiver has it.
    pub success: bool,
    /// Why it stands so.
    pub reason: Option<String>,
    /// Attempts ever made.
    pub attempt_count: u32,
    /// When the next comes.
    pub next_attempt_at: Option<Timestamp>,
    /// When the row was last written.
    pub updated_at: Option<Timestamp>,
    /// The latest attempt.
    pub last_attempt: Option<Attempt>,
    /// The attempts, where they were asked for.
    pub attempts: Option<Vec<Attempt>>,
    /// The event's exact payload, where it was asked for.
    #[serde(default, deserialize_with = "even_null")]
    pub data: Option<Box<RawValue>>,
}

/// An attempt on record.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    /// Why it was made.
    pub trigger: String,
    /// When it started.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration_ms: u32,
    /// How it ended.
    pub outcome: String,
    /// The answer's status.
    pub status: Option<u16>,
    /// The kind of failure.
    pub error_class: Option<String>,
    /// Where the time was up, of a timeout.
    pub timeout_phase: Option<String>,
    /// The failure in words.
    pub error: Option<String>,
    /// The start of the answer's body.
    pub response_excerpt: Option<String>,
    /// Where the time went.
    #[serde(default)]
    pub timing: Timing,
    /// The request's headers.
    pub request_headers: Option<BTreeMap<String, String>>,
    /// The answer's headers.
    pub response_headers: Option<BTreeMap<String, String>>,
}

/// Where the time of an attempt went, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// Looking the host's name up.
    pub dns_ms: Option<f64>,
    /// Connecting.
    pub connect_ms: Option<f64>,
    /// The TLS handshake.
    pub tls_ms: Option<f64>,
    /// From the start of the sending to the answer's headers.
    pub first_byte_ms: Option<f64>,
}

/// Keeps `null`, which is a payload as well.
fn even_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(deserializer).map(Some)
}

impl Delivery {
    /// The attempts; fails if they were not asked for.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        self.attempts.as_deref().expect("the attempts were asked for")
    }

    /// Each attempt's number, outcome and status.
    #[must_use]
    pub fn outcomes(&self) -> Vec<(u32, &str, Option<u16>)> {
        self.attempts()
            .iter()
            .map(|made| (made.number, made.outcome.as_str(), made.status))
            .collect()
    }
}
