//! How crowded the deliveries queue is: an SQS queue with some 120,000 messages in flight, hidden
//! ones included, hands out none any more, to nobody. Long before that, long waits are parked in
//! the log instead.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use shared::core::delivery::retry;
use shared::core::timestamp::Timestamp;
use shared::edges::queue::Queue;

/// How long a count holds.
const HOLDS: Duration = Duration::from_secs(30);

/// What this process knows of it.
#[derive(Debug)]
pub struct InFlight {
    queue: Queue,
    /// The longest wait that is hidden at all.
    most: Duration,
    counted: Mutex<Option<(Timestamp, u64)>>,
}

impl InFlight {
    pub const fn new(queue: Queue, most: Duration) -> Self {
        Self { queue, most, counted: Mutex::new(None) }
    }

    /// How long a message may be hidden. Asks the queue where a count is missing or old; if that
    /// fails, the last one holds on.
    pub async fn hide_limit(&self, now: Timestamp) -> Duration {
        if self.most <= retry::SHORT_HIDE_LIMIT {
            return self.most;
        }
        let known = *self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut count = known.map_or(0, |(_, count)| count);
        if known.is_none_or(|(at, _)| at.after(HOLDS) <= now) {
            match self.queue.in_flight().await {
                Ok(counted) => count = counted,
                Err(error) => {
                    tracing::warn!(%error, "it is not known how many messages are in flight");
                }
            }
            // Also after a failure: the queue is not asked at every attempt.
            *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, count));
        }
        retry::hide_limit(count, self.most)
    }
}
