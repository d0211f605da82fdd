//! Statistics of deliveries: counts by outcome, and how long things took, in buckets that can be
//! added up.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::core::delivery::attempt::Outcome;
use crate::core::delivery::{Delivery, Status};
use crate::core::timestamp::Timestamp;

/// Each bucket of a histogram reaches a tenth further than the one before, so that its middle is
/// within 5 % of every value in it.
const STEP: f64 = 1.1;
/// Milliseconds of an hour.
const HOUR_MILLIS: i64 = 3_600_000;

/// The hour that a time lies in, by its start.
#[must_use]
pub const fn hour_of(time: Timestamp) -> Timestamp {
    Timestamp::from_millis(time.as_millis() - time.as_millis() % HOUR_MILLIS)
}

/// The last millisecond of an hour.
#[must_use]
pub const fn end_of(hour: Timestamp) -> Timestamp {
    Timestamp::from_millis(hour.as_millis() + HOUR_MILLIS - 1)
}

/// Durations in milliseconds, counted by bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Histogram(BTreeMap<u16, u64>);

/// How long most took, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(example = Self { p50: 41, p95: 120, p99: 310 })]
pub struct Percentiles {
    /// Half took no longer.
    pub p50: u64,
    /// 95 of 100 took no longer.
    pub p95: u64,
    /// 99 of 100 took no longer.
    pub p99: u64,
}

impl Histogram {
    /// Counts one.
    pub fn add(&mut self, millis: u64) {
        *self.0.entry(bucket(millis)).or_default() += 1;
    }

    fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.0 {
            *self.0.entry(*bucket).or_default() += count;
        }
    }

    /// `None` if there is none.
    #[must_use]
    pub fn percentiles(&self) -> Option<Percentiles> {
        let total: u64 = self.0.values().sum();
        let at = |share: u64| {
            // The smallest value that at least so many of 100 do not exceed.
            let rank = (total * share).div_ceil(100).max(1);
            let mut below = 0;
            let reached = self.0.iter().find(|(_, count)| {
                below += **count;
                below >= rank
            });
            reached.map(|(bucket, _)| middle(*bucket))
        };
        Some(Percentiles { p50: at(50)?, p95: at(95)?, p99: at(99)? })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "it is small"
)]
fn bucket(millis: u64) -> u16 {
    // 0 for less than a millisecond, then whole steps: the longest time there is has fewer than
    // 500.
    if millis == 0 { 0 } else { 1 + ((millis as f64).ln() / STEP.ln()) as u16 }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive time")]
fn middle(bucket: u16) -> u64 {
    if bucket == 0 { 0 } else { STEP.powf(f64::from(bucket - 1) + 0.5).round() as u64 }
}

/// Deliveries by how they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DeliveryCounts", example = Self { total: 103, delivered: 99, exhausted: 1, pending: 3, ..Self::default() })]
pub struct Deliveries {
    /// All.
    pub total: u64,
    /// The receiver has it.
    pub delivered: u64,
    /// The receiver never accepted it.
    pub exhausted: u64,
    /// Ended without the receiver.
    pub cancelled: u64,
    /// An attempt is still to come.
    pub pending: u64,
    /// Waits for its subscription.
    pub held: u64,
}

/// Attempts by how they ended: those that are kept in their deliveries' rows, the latest 50 of
/// each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AttemptCounts", example = Self { total: 112, succeeded: 99, rejected: 13, ..Self::default() })]
pub struct Attempts {
    /// All.
    pub total: u64,
    /// Accepted.
    pub succeeded: u64,
    /// Answered, and not with success.
    pub rejected: u64,
    /// No answer in time.
    pub timed_out: u64,
    /// No answer.
    pub unreachable: u64,
    /// Not made.
    pub blocked: u64,
}

/// What was counted of some deliveries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Deliveries by how they stand.
    pub deliveries: Deliveries,
    /// Attempts by how they ended.
    pub attempts: Attempts,
    /// How long attempts took that were answered.
    pub response_times: Histogram,
    /// From the event's acceptance to the end of the first attempt that succeeded.
    pub delivery_times: Histogram,
}

impl Counts {
    /// Counts a delivery as it stands. A test push is none.
    pub fn add(&mut self, delivery: &Delivery) {
        if delivery.is_test() {
            return;
        }
        let Deliveries { total, delivered, exhausted, cancelled, pending, held } =
            &mut self.deliveries;
        *total += 1;
        *match delivery.status {
            Status::Delivered => delivered,
            Status::Exhausted => exhausted,
            Status::Cancelled => cancelled,
            Status::Pending => pending,
            Status::Held => held,
        } += 1;
        for attempt in &delivery.attempts {
            let Attempts { total, succeeded, rejected, timed_out, unreachable, blocked } =
                &mut self.attempts;
            *total += 1;
            *match attempt.outcome {
                Outcome::Succeeded => succeeded,
                Outcome::Rejected => rejected,
                Outcome::TimedOut => timed_out,
                Outcome::Unreachable => unreachable,
                Outcome::Blocked => blocked,
            } += 1;
            if attempt.status.is_some() {
                self.response_times.add(u64::from(attempt.duration_ms));
            }
        }
        if let Some(first) =
            delivery.attempts.iter().find(|attempt| attempt.outcome == Outcome::Succeeded)
        {
            let waited = delivery.event.timestamp().until(first.started_at).as_millis();
            self.delivery_times
                .add(u64::try_from(waited).unwrap_or(u64::MAX) + u64::from(first.duration_ms));
        }
    }

    /// Adds what was counted of others.
    pub fn merge(&mut self, other: &Self) {
        let (ours, theirs) = (&mut self.deliveries, &other.deliveries);
        ours.total += theirs.total;
        ours.delivered += theirs.delivered;
        ours.exhausted += theirs.exhausted;
        ours.cancelled += theirs.cancelled;
        ours.pending += theirs.pending;
        ours.held += theirs.held;
        let (ours, theirs) = (&mut self.attempts, &other.attempts);
        ours.total += theirs.total;
        ours.succeeded += theirs.succeeded;
        ours.rejected += theirs.rejected;
        ours.timed_out += theirs.timed_out;
        ours.unreachable += theirs.unreachable;
        ours.blocked += theirs.blocked;
        self.response_times.merge(&other.response_times);
        self.delivery_times.merge(&other.delivery_times);
    }

    /// Of those that were delivered or given up, the share delivered; `None` if there is none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub fn success_rate(&self) -> Option<f64> {
        let Deliveries { delivered, exhausted, .. } = self.deliveries;
        let settled = delivered + exhausted;
        (settled > 0).then(|| delivered as f64 / settled as f64)
    }
}

#[cfg(test)]
mod tests;
