//! Deliveries in order: the message of an ordered subscription stays in its FIFO queue until its
//! delivery is settled, because what comes behind it waits for that. It is hidden there for as long
//! as it waits, however long.

use std::time::Duration;

use crate::core::id::EventId;
use crate::core::timestamp::Timestamp;

/// How long a delivery keeps its place. SQS forgets messages after two weeks, and those behind one
/// that waits are received by nobody: after a week they go the way of all others, parked or held,
/// so that none is lost.
const KEPT: Duration = Duration::from_hours(7 * 24);
/// The longest that a message is hidden at a time: then it is seen whether its delivery was
/// cancelled, its subscription resumed or deleted. A week of these is fewer receives than the queue
/// allows (1,000).
const LONGEST_LOOK_SECONDS: i32 = 15 * 60;
/// How long a task is taken at its word.
const FRESH: Duration = Duration::from_mins(15);
/// The shortest that the message of a paused subscription is hidden.
const SHORTEST_PAUSE: Duration = Duration::from_secs(2);

/// The queue that a message was received from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// A standard queue: no message waits for another.
    Standard,
    /// A FIFO queue: what comes behind a message waits for it.
    Fifo,
}

impl Line {
    /// Whether a message keeps its place in its queue for as long as its delivery waits.
    #[must_use]
    pub fn keeps_place(self, event: EventId, now: Timestamp) -> bool {
        self == Self::Fifo && event.timestamp().until(now) < KEPT
    }

    /// Whether a message has waited behind others for so long that its content may be out of date.
    #[must_use]
    pub fn has_waited(self, event: EventId, now: Timestamp) -> bool {
        self == Self::Fifo && event.timestamp().until(now) > FRESH
    }

    /// How long a message is hidden at a time that waits for `seconds`.
    #[must_use]
    pub fn hidden_for(self, seconds: i32) -> i32 {
        match self {
            Self::Standard => seconds,
            Self::Fifo => seconds.min(LONGEST_LOOK_SECONDS),
        }
    }
}

/// How long a message in its place waits for a subscription that is paused since then: as long
/// again.
#[must_use]
pub fn paused_for(since: Timestamp, now: Timestamp) -> Duration {
    since.until(now).max(SHORTEST_PAUSE)
}

#[cfg(test)]
mod tests;
