//! Deliveries in order: the message of an ordered subscription stays in its FIFO queue until its delivery is settled, because
//! what comes behind it waits for that. It is hidden there for as long as it waits, however long.

use std::time::Duration;

use shared::batch::Message;
use shared::id::EventId;
use shared::timestamp::Timestamp;

/// How long a delivery keeps its place. SQS forgets messages after two weeks, and those behind one that waits are received
/// by nobody: after a week they go the way of all others, parked or held, so that none is lost.
const KEPT: Duration = Duration::from_hours(7 * 24);
/// The longest that a message is hidden at a time: then it is seen whether its delivery was cancelled, its subscription
/// resumed or deleted. A week of these is fewer receives than the queue allows (1,000).
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
mod tests {
    use std::sync::Arc;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
    const MINUTE: Duration = Duration::from_mins(1);

    fn message(fifo: bool) -> Message {
        let (id, receipt_handle, body) = ("m".to_owned(), "r".to_owned(), Arc::new(String::new()));
        Message { id, receipt_handle, body, receive_count: 1, fifo }
    }

    fn accepted(ago: Duration) -> EventId {
        EventId::new(NOW.before(ago), 1)
    }

    #[test]
    fn a_place_is_kept_for_a_week_and_only_in_a_fifo_queue() {
        let keeps = |fifo, ago| keeps_place(&message(fifo), accepted(ago), NOW);
        assert!(keeps(true, 6 * 24 * 60 * MINUTE));
        assert!(!keeps(true, KEPT));
        assert!(!keeps(false, MINUTE));
    }

    #[test]
    fn a_weeks_looks_are_fewer_than_the_queue_allows_with_room_for_attempts() {
        let looks = KEPT.as_secs() / u64::try_from(LONGEST_LOOK_SECONDS).unwrap();
        assert!(looks + 100 < 1_000, "{looks}");
        assert_eq!((look_after(5), look_after(i32::MAX)), (5, 900));
    }

    #[test]
    fn a_pause_is_looked_at_again_after_as_long_as_it_lasts() {
        assert_eq!(paused_for(NOW, NOW.after(MINUTE)), MINUTE);
        assert_eq!(paused_for(NOW, NOW), SHORTEST_PAUSE);
    }

    #[test]
    fn only_what_comes_in_order_is_looked_up_for_having_waited() {
        let waited = |fifo, ago| has_waited(&message(fifo), accepted(ago), NOW);
        assert!(waited(true, FRESH + MINUTE));
        assert!(!waited(true, FRESH) && !waited(false, FRESH + MINUTE));
    }
}
