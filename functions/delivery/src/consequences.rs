//! What an attempt means beyond its delivery: for its subscription, and for whoever runs the platform.
//!
//! Everything here follows from what is on record, and doing it again changes nothing: a message that is received once
//! more after a crash has it done again.

use shared::attempt::{Attempt, Ending, Outcome};
use shared::delivery::{Delivery, Status};
use shared::store::{ConfigStore, Saved};
use shared::subscription::{Status as SubscriptionStatus, Subscription};

use crate::ROUNDS;
use crate::failure::Failure;
use crate::operations::{Happened, Occasion, Operations};
use shared::receiver::Receiver;

/// What consequences need.
#[derive(Debug)]
pub struct Consequences {
    store: ConfigStore,
    operations: Operations,
}

impl Consequences {
    pub const fn new(store: ConfigStore, operations: Operations) -> Self {
        Self { store, operations }
    }

    /// Ends the subscription if an answer asked for it, and tells that the delivery is exhausted if it is. `again` says
    /// that it may have been done before.
    pub async fn conclude(&self, row: &Delivery, again: bool) -> Result<(), Failure> {
        match row.ending {
            Some(ending @ Ending::Disabled(_)) => self.disable(row, ending, again).await?,
            Some(ending @ Ending::Unsubscribed) => self.unsubscribe(row, ending, again).await?,
            None => {}
        }
        if row.status == Status::Exhausted && !row.is_test() {
            let (reason, attempts) = (row.reason.clone(), Some(row.attempt_count));
            let occasion = Occasion { reason, attempts, ..occasion(row) };
            self.operations.tell(Happened::DeliveryExhausted, &occasion, again).await?;
        }
        Ok(())
    }

    async fn disable(&self, row: &Delivery, ending: Ending, again: bool) -> Result<(), Failure> {
        let reason = format!("{ending} at {}", row.updated_at);
        for _ in 0..ROUNDS {
            let found = self.store.subscription(&row.tenant, row.subscription).await?;
            let Some(mut subscription) = found.filter(|found| !has_moved_on(found, row, &reason)) else {
                return Ok(());
            };
            if subscription.status != SubscriptionStatus::Disabled {
                subscription.status = SubscriptionStatus::Disabled;
                subscription.status_reason = Some(reason.clone());
                subscription.updated_at = row.updated_at;
                if self.store.save_subscription(&subscription, None).await? == Saved::Lost {
                    continue;
                }
                tracing::warn!(subscription = %row.subscription, reason, "a subscription was disabled");
            }
            let occasion = Occasion { reason: Some(ending.to_string()), ..occasion(row) };
            return self.operations.tell(Happened::SubscriptionDisabled, &occasion, again).await;
        }
        Err(Failure::Contended)
    }

    async fn unsubscribe(&self, row: &Delivery, ending: Ending, again: bool) -> Result<(), Failure> {
        self.store.delete_subscription(&row.tenant, row.subscription).await?;
        tracing::warn!(subscription = %row.subscription, "a subscription was deleted: {ending}");
        let occasion = Occasion { reason: Some(ending.to_string()), ..occasion(row) };
        self.operations.tell(Happened::SubscriptionDeleted, &occasion, again).await
    }

    /// Counts a failure, or ends a row of them. A healthy subscription pays nothing for it. Answers whether what is
    /// known of the subscription is no longer so.
    pub async fn judge_health(&self, row: &Delivery, made: &Attempt, receiver: &Receiver) -> Result<bool, Failure> {
        let (tenant, subscription) = (&row.tenant, row.subscription);
        if made.outcome == Outcome::Succeeded {
            if receiver.health.failed_attempts == 0 {
                return Ok(false);
            }
            let found = self.store.subscription(tenant, subscription).await?;
            // Told first and cleared after: a crash in between tells it again.
            if let Some(since) = found.and_then(|found| found.health.failing_since) {
                let occasion = Occasion { failing_since: Some(since), ..occasion(row) };
                self.operations.tell(Happened::SubscriptionRecovered, &occasion, true).await?;
            }
            self.store.clear_failures(tenant, subscription).await?;
            return Ok(true);
        }
        let Some(health) = self.store.count_failure(tenant, subscription).await? else { return Ok(true) };
        if health.failed_attempts >= receiver.policy.failing_after_attempts && health.failing_since.is_none() {
            let failed_attempts = Some(health.failed_attempts);
            let occasion = Occasion { reason: made.error.clone(), failed_attempts, ..occasion(row) };
            self.operations.tell(Happened::SubscriptionFailing, &occasion, true).await?;
            self.store.mark_failing(tenant, subscription, row.updated_at).await?;
            tracing::warn!(%subscription, failed_attempts, "a subscription is failing");
        }
        Ok(receiver.health.failed_attempts == 0)
    }
}

/// Whether somebody decided about the subscription after the attempt that would disable it.
fn has_moved_on(found: &Subscription, row: &Delivery, reason: &str) -> bool {
    match found.status {
        SubscriptionStatus::Disabled => found.status_reason.as_deref() != Some(reason),
        _ => found.updated_at > row.updated_at,
    }
}

fn occasion(row: &Delivery) -> Occasion {
    Occasion {
        tenant: row.tenant.clone(),
        subscription: row.subscription,
        reason: None,
        failed_attempts: None,
        failing_since: None,
        attempts: None,
        event: row.event,
        event_type: row.event_type.to_string(),
        at: row.updated_at,
    }
}
