//! The record of an attempt: written before the message is settled, and never over what others wrote.

use std::time::Duration;

use shared::clock;
use shared::delivery::{Delivery, Duty, Received};
use shared::profile::Policy;
use shared::retry::{self, Placement};
use shared::store::{LogStore, Saved};

use crate::attempt::Made;
use crate::failure::Failure;

/// How often the row is loaded anew when others write it at the same time.
const ROUNDS: usize = 5;

/// Adds the attempt to the row as it stands, with what follows from it. Answers how the message waits for the next
/// attempt; `None` if no attempt follows by this message.
pub async fn record(
    log: &LogStore,
    loaded: Delivery,
    made: &Made,
    policy: &Policy,
    received: &Received<'_>,
    hide_limit: Duration,
) -> Result<Option<Placement>, Failure> {
    let chance = clock::random_share();
    let mut row = loaded;
    let mut ours = true;
    for _ in 0..ROUNDS {
        let mut next = row.clone();
        next.note(made.attempt.clone());
        next.updated_at = received.now;
        let placement = if received.resend.is_some() {
            next.resend = None;
            None
        } else if ours {
            let result = retry::Result {
                outcome: made.attempt.outcome,
                status: made.status(),
                retry_after: made.retry_after.as_deref(),
            };
            let verdict = retry::after(policy, next.scheduled_attempts, result, received.now, chance);
            next.follow(&verdict, received, hide_limit)
        } else {
            None
        };
        if log.save_delivery(&next).await? == Saved::Saved {
            return Ok(placement);
        }
        // Somebody wrote the row meanwhile: the attempt is added to what stands there, and the schedule goes on from
        // this message only if the row still leaves it to it.
        match log.delivery(row.subscription, row.event, received.now).await? {
            Some(fresh) => {
                ours = fresh.duty(received) == Duty::Attempt;
                row = fresh;
            }
            None => row.revision = 0,
        }
    }
    Err(Failure::Contended)
}
