//! The record of an attempt: written before the message is settled, and never over what others wrote.

use std::time::Duration;

use shared::attempt::Attempt;
use shared::clock;
use shared::delivery::{Delivery, Duty, Received};
use shared::policy::Policy;
use shared::receiver::Made;
use shared::retry::{self, Placement};
use shared::store::{LogStore, Saved};

use crate::ROUNDS;
use shared::failure::Failure;

/// Adds the attempt to the row as it stands, with what follows from it. Answers the row as it was written, and how the
/// message waits for the next attempt; `None` if no attempt follows by this message.
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
                    let verdict = retry::after(policy, next.scheduled_attempts, result, received.now, chance);
                    next.follow(&verdict, received, hide_limit)
                }
                // The same message was received twice at once, as SQS may do: it still carries the next attempt.
                Duty::Hide(seconds) => Some(Placement::Hide(seconds)),
                Duty::Drop(_) => None,
            }
        };
        if log.save_delivery(&next).await? == Saved::Saved {
            return Ok((next, placement));
        }
        // Somebody wrote the row meanwhile: the attempt is added to what stands there, and the schedule goes on from
        // this message only if the row still leaves it to it.
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

/// Whether the attempt is on record: DynamoDB made a write whose answer was an error, or was lost, and the SDK's second
/// one of the same row did not find it as it was.
fn is_on_record(row: &Delivery, made: &Attempt) -> bool {
    let facts = |attempt: &Attempt| (attempt.started_at, attempt.duration_ms, attempt.outcome, attempt.timing);
    row.attempts.iter().any(|kept| facts(kept) == facts(made))
}

/// How the message of an attempt on record waits: as it was written, while the row leaves the delivery to it.
fn still(duty: Duty, written: Option<Placement>) -> Option<Placement> {
    match duty {
        Duty::Attempt => written,
        Duty::Hide(seconds) => Some(Placement::Hide(seconds)),
        Duty::Drop(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::id::{EventId, SubscriptionId};

    use super::*;

    fn attempt(duration_ms: u32) -> Attempt {
        let started_at = clock::now();
        let made = json!({
            "number": 0,
            "trigger": "event",
            "started_at": started_at,
            "duration_ms": duration_ms,
            "outcome": "rejected",
            "status": 500,
            "timing": { "first_byte_ms": 1.5 },
        });
        serde_json::from_value(made).expect("an attempt")
    }

    fn row() -> Delivery {
        let now = clock::now();
        let (subscription, event) = (SubscriptionId::new(now, 1), EventId::new(now, 2));
        let (tenant, event_type) = ("shop-1".parse().expect("a tenant"), "order.created".parse().expect("a type"));
        Delivery::new(tenant, subscription, event, event_type, now)
    }

    #[test]
    fn an_attempt_is_found_on_record_by_its_facts_whatever_its_number() {
        let (mut row, made) = (row(), attempt(40));
        assert!(!is_on_record(&row, &made));
        row.note(attempt(41));
        assert!(!is_on_record(&row, &made));
        row.note(made.clone());
        assert!(is_on_record(&row, &made));
    }

    #[test]
    fn the_message_of_an_attempt_on_record_waits_as_long_as_the_row_leaves_the_delivery_to_it() {
        assert_eq!(still(Duty::Attempt, Some(Placement::Hide(3))), Some(Placement::Hide(3)));
        assert_eq!(still(Duty::Hide(2), Some(Placement::Hide(3))), Some(Placement::Hide(2)));
        assert_eq!(still(Duty::Drop("the delivery is settled"), Some(Placement::Hide(3))), None);
    }
}
