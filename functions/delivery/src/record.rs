//! The record of an attempt: written before the message is settled, and never over what others
//! wrote.

use std::time::Duration;

use shared::core::delivery::attempt::Attempt;
use shared::core::delivery::retry::{self, Placement};
use shared::core::delivery::{Delivery, Duty, Received};
use shared::core::subscription::policy::Policy;
use shared::edges::clock;
use shared::edges::receiver::Made;
use shared::edges::store::{LogStore, Saved};

use crate::ROUNDS;
use shared::edges::failure::Failure;

/// Adds the attempt to the row as it stands, with what follows from it. Answers the row as it was
/// written, and how the message waits for the next attempt; `None` if no attempt follows by this
/// message.
pub async fn record(
    log: &LogStore,
    loaded: Delivery,
    made: &Made,
    policy: &Policy,
    received: &Received<'_>,
    hide_limit: Duration,
) -> Result<(Delivery, Option<Placement>), Failure> {
    let chance = clock::random_share();
    let mut row = loaded;
    let mut duty = Duty::Attempt;
    for _ in 0..ROUNDS {
        let mut next = row.clone();
        next.note(made.attempt.clone());
        next.updated_at = received.now;
        next.ending = made.ending;
        let placement = if received.resend.is_some() {
            next.resent(received);
            None
        } else if received.probe {
            // Held on, if it was in vain: a probe is none of the schedule's attempts.
            None
        } else {
            match duty {
                Duty::Attempt => {
                    let result = retry::Result {
                        outcome: made.attempt.outcome,
                        status: made.attempt.status,
                        retry_after: made.retry_after.as_deref(),
                        ending: made.ending,
                    };
                    let verdict =
                        retry::after(policy, next.scheduled_attempts, result, received.now, chance);
                    next.follow(&verdict, received, hide_limit)
                }
                // The same message was received twice at once, as SQS may do: it still carries the
                // next attempt.
                Duty::Hide(seconds) => Some(Placement::Hide(seconds)),
                Duty::Drop(_) => None,
            }
        };
        if log.save_delivery(&next).await? == Saved::Saved {
            return Ok((next, placement));
        }
        // Somebody wrote the row meanwhile: the attempt is added to what stands there, and the
        // schedule goes on from this message only if the row still leaves it to it.
        match log.delivery(row.subscription, row.event, received.now).await? {
            Some(fresh) => {
                duty = fresh.duty(received);
                if is_on_record(&fresh, &made.attempt) {
                    return Ok((fresh, still(duty, placement)));
                }
                row = fresh;
            }
            None => row.revision = 0,
        }
    }
    Err(Failure::Contended)
}

/// Whether the attempt is on record: DynamoDB made a write whose answer was an error, or was lost,
/// and the SDK's second one of the same row did not find it as it was.
fn is_on_record(row: &Delivery, made: &Attempt) -> bool {
    let facts = |attempt: &Attempt| {
        (attempt.started_at, attempt.duration_ms, attempt.outcome, attempt.timing)
    };
    row.attempts.iter().any(|kept| facts(kept) == facts(made))
}

/// How the message of an attempt on record waits: as it was written, while the row leaves the
/// delivery to it.
fn still(duty: Duty, written: Option<Placement>) -> Option<Placement> {
    match duty {
        Duty::Attempt => written,
        Duty::Hide(seconds) => Some(Placement::Hide(seconds)),
        Duty::Drop(_) => None,
    }
}

#[cfg(test)]
mod tests;
