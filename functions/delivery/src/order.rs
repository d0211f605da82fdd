//! Deliveries in order: the message of an ordered subscription stays in its FIFO queue until its
//! delivery is settled, because what comes behind it waits for that. It is hidden there for as long
//! as it waits, however long.

use std::time::Duration;

use shared::core::id::EventId;
use shared::core::timestamp::Timestamp;
use shared::edges::batch::Message;

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

/// Whether a message keeps its place in its queue for as long as its delivery waits.
pub fn keeps_place(message: &Message, event: EventId, now: Timestamp) -> bool {
    message.fifo && event.timestamp().until(now) < KEPT
}

/// Whether a message has waited behind others for so long that what it says may be out of date.
pub fn has_waited(message: &Message, event: EventId, now: Timestamp) -> bool {
    message.fifo && event.timestamp().until(now) > FRESH
}

/// For how long a message is hidden that waits for so many seconds.
pub fn look_after(seconds: i32) -> i32 {
    seconds.min(LONGEST_LOOK_SECONDS)
}

/// For how long a message waits whose subscription is paused since then: as long again.
pub fn paused_for(since: Timestamp, now: Timestamp) -> Duration {
    since.until(now).max(SHORTEST_PAUSE)
}

#[cfg(test)]
mod tests;
