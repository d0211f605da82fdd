//! Parked deliveries that fall due before the next tick. Send first, mark after: a crash in between
//! repeats a send, which delivery drops.

use shared::core::delivery::retry;
use shared::core::timestamp::Timestamp;
use shared::edges::failure::Failure;
use shared::edges::queue::Outgoing;
use shared::edges::queue::messages::{DeliveryTask, Unreadable};
use shared::edges::store::deliveries::Due;

use crate::{CHUNK, Scheduler};

/// SQS delays a message by 15 minutes at most; a tick is far shorter.
const MAX_DELAY_SECONDS: i32 = 900;
/// One query for due deliveries answers with so many at most.
const FULL_PAGE: usize = 1_000;

impl Scheduler {
    /// Sends what falls due before the next tick, each with the delay that is left to its time.
    pub(crate) async fn send_due(&self, shard: u8, now: Timestamp) -> Result<(), Failure> {
        loop {
            let due = self.log.due(shard, now.after(self.tick)).await?;
            for chunk in due.chunks(CHUNK) {
                let tasks = chunk.iter().map(|due| task(due, now)).collect::<Result<_, _>>()?;
                let carriers = self.queue.send_all(tasks).await?;
                for (due, carrier) in chunk.iter().zip(carriers) {
                    self.log.unpark(due, &carrier).await?;
                    let Due { tenant, subscription, event, .. } = due;
                    tracing::debug!(%tenant, %subscription, %event, "a parked delivery goes on");
                }
            }
            if due.len() < FULL_PAGE {
                return Ok(());
            }
        }
    }
}

fn task(due: &Due, now: Timestamp) -> Result<Outgoing, Unreadable> {
    DeliveryTask::of_row(due.tenant.clone(), due.subscription, due.event, None)
        .outgoing(delay_seconds(now, due.due_at))
}

/// The delay of a message sent `now` for an attempt at `at`, in whole seconds, 0 to 900 (SQS's
/// limit): no shorter than the time that is left, up to that limit.
#[must_use]
pub fn delay_seconds(now: Timestamp, at: Timestamp) -> i32 {
    retry::whole_seconds(now.until(at)).min(MAX_DELAY_SECONDS)
}

#[cfg(test)]
mod tests;
