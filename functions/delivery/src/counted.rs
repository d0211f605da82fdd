//! What becomes of deliveries, as metrics. A message that comes back after a crash may be counted
//! again.

use std::time::Duration;

use shared::core::delivery::attempt::{Attempt, Outcome, Trigger};
use shared::core::delivery::retry::Placement;
use shared::core::delivery::{Delivery, Status};
use shared::edges::metrics::{Count, Metrics, Time};

/// How a delivery stood when its message was received.
#[derive(Debug, Clone, Copy)]
pub struct Before {
    /// Nothing was on record of it: it did not wait for its subscription, neither for it to be
    /// active nor for a slot.
    is_new: bool,
    status: Status,
}

impl Before {
    /// Whether no automatic attempt was to follow.
    pub const fn was_settled(self) -> bool {
        self.status.is_settled()
    }
}

impl From<&Delivery> for Before {
    fn from(row: &Delivery) -> Self {
        Self { is_new: row.revision == 0, status: row.status }
    }
}

/// Counts an attempt that is on record, and what followed from it. Resends are not timed: they were
/// asked for when somebody thought of it.
pub fn attempted(metrics: &Metrics, before: Before, row: &Delivery, made: &Attempt) {
    metrics.count(match made.outcome {
        Outcome::Succeeded => Count::AttemptsSucceeded,
        Outcome::Rejected => Count::AttemptsRejected,
        Outcome::TimedOut => Count::AttemptsTimedOut,
        Outcome::Unreachable => Count::AttemptsUnreachable,
        Outcome::Blocked => Count::AttemptsBlocked,
    });
    if made.trigger == Trigger::Event {
        let started = row.event.timestamp().until(made.started_at);
        if before.is_new {
            metrics.time(Time::PublishToFirstAttempt, started);
        }
        if made.outcome == Outcome::Succeeded && before.status != Status::Delivered {
            metrics.time(
                Time::PublishToDelivered,
                started + Duration::from_millis(u64::from(made.duration_ms)),
            );
        }
    }
    settled(metrics, before, row);
}

/// Counts a delivery that was put on hold or given up.
pub fn settled(metrics: &Metrics, before: Before, row: &Delivery) {
    match row.status {
        _ if before.status.is_settled() => {}
        Status::Held => metrics.count(Count::Held),
        Status::Exhausted => metrics.count(Count::Exhausted),
        Status::Pending | Status::Delivered | Status::Cancelled => {}
    }
}

/// Counts a wait, if it is one that the queue is too short for.
pub fn waits(metrics: &Metrics, placement: Option<Placement>) {
    if placement == Some(Placement::Park) {
        metrics.count(Count::Parked);
    }
}
