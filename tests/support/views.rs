//! What the API answers, as a caller reads it. Types of their own: those of the product would hide
//! a change of the wire.

use std::collections::BTreeMap;
use std::ops::Add;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use shared::core::timestamp::Timestamp;

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

/// A bulk resend.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resend {
    /// Its id.
    pub id: String,
    /// To whom.
    pub subscription: String,
    /// What was asked for: `failed`, `missing` or `all`.
    pub which: String,
    /// The earliest event that was asked for.
    pub from: Option<Timestamp>,
    /// The latest event that was asked for.
    pub to: Timestamp,
    /// The types that were asked for.
    pub types: Option<Vec<String>>,
    /// How it stands.
    pub status: String,
    /// Why it stands so.
    pub reason: Option<String>,
    /// Deliveries it has found.
    pub found: u64,
    /// Those of them that are in the queue or were.
    pub sent: u64,
    /// Those of them that the receiver took.
    pub delivered: u64,
    /// Those of them that the receiver did not take.
    pub failed: u64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last moved on.
    pub updated_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The event time up to which it has looked.
    pub position: Option<Timestamp>,
}

impl Resend {
    /// How many it found, sent, delivered, and failed to deliver.
    #[must_use]
    pub const fn counts(&self) -> [u64; 4] {
        [self.found, self.sent, self.delivered, self.failed]
    }
}

/// What was counted of a subscription, or of all subscriptions of a tenant.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stats {
    /// The start of the first hour.
    pub from: Timestamp,
    /// The end of the last hour.
    pub to: Timestamp,
    /// Whether all of it was counted.
    pub complete: bool,
    /// Deliveries by status.
    pub deliveries: DeliveryCounts,
    /// Delivered of those that were delivered or given up.
    pub success_rate: Option<f64>,
    /// Attempts by outcome.
    pub attempts: AttemptCounts,
    /// How long receivers took.
    pub response_time_ms: Option<Percentiles>,
    /// From acceptance to delivery.
    pub publish_to_delivered_ms: Option<Percentiles>,
    /// By hour, where that was asked for.
    pub hours: Option<Vec<Hour>>,
    /// Of each subscription of a page, where that was asked for.
    pub subscriptions: Option<BTreeMap<String, Self>>,
    /// Where the next page of subscriptions starts.
    pub next_cursor: Option<String>,
}

/// What was counted of one hour.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hour {
    /// Its start.
    pub hour: Timestamp,
    /// Deliveries by status.
    pub deliveries: DeliveryCounts,
    /// Delivered of those that were delivered or given up.
    pub success_rate: Option<f64>,
    /// Attempts by outcome.
    pub attempts: AttemptCounts,
    /// How long receivers took.
    pub response_time_ms: Option<Percentiles>,
    /// From acceptance to delivery.
    pub publish_to_delivered_ms: Option<Percentiles>,
}

/// Deliveries by status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names are the statuses")]
pub struct DeliveryCounts {
    pub total: u64,
    pub delivered: u64,
    pub exhausted: u64,
    pub cancelled: u64,
    pub pending: u64,
    pub held: u64,
}

/// Attempts by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names are the outcomes")]
pub struct AttemptCounts {
    pub total: u64,
    pub succeeded: u64,
    pub rejected: u64,
    pub timed_out: u64,
    pub unreachable: u64,
    pub blocked: u64,
}

/// Half, 95 % and 99 % of what was counted took no longer, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Percentiles {
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
}

impl Add for DeliveryCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            total: self.total + other.total,
            delivered: self.delivered + other.delivered,
            exhausted: self.exhausted + other.exhausted,
            cancelled: self.cancelled + other.cancelled,
            pending: self.pending + other.pending,
            held: self.held + other.held,
        }
    }
}

impl Add for AttemptCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            total: self.total + other.total,
            succeeded: self.succeeded + other.succeeded,
            rejected: self.rejected + other.rejected,
            timed_out: self.timed_out + other.timed_out,
            unreachable: self.unreachable + other.unreachable,
            blocked: self.blocked + other.blocked,
        }
    }
}

/// The removal of a tenant's payloads, or of everything of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// Whose.
    pub tenant: String,
    /// `payloads` or `everything`.
    pub what: String,
    /// How it stands.
    pub status: String,
    /// Events erased so far.
    pub events: u64,
    /// Deliveries erased so far.
    pub deliveries: u64,
    /// Subscriptions gone through so far.
    pub subscriptions: u64,
    /// Which of its two looks it is at.
    pub look: u8,
    /// When that look starts, or has started.
    pub look_at: Timestamp,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last moved on.
    pub updated_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}
