//! Statistics, as the API answers them.

use std::collections::BTreeMap;
use std::ops::Add;

use serde::Deserialize;
use shared::core::timestamp::Timestamp;

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
