//! What an attempt means beyond its delivery: for its subscription, and for whoever runs the
//! platform.
//!
//! What ends a subscription and what exhausts a delivery follows from what is on record, and doing
//! it again changes nothing: a message that is received once more after a crash has it done again.

use std::sync::Arc;
use std::time::Duration;

use shared::core::delivery::attempt::{Ending, Trigger};
use shared::core::delivery::{Delivery, Status};
use shared::core::subscription::Status as SubscriptionStatus;
use shared::core::timestamp::Timestamp;
use shared::edges::metrics::{Count, Metrics};
use shared::edges::store::{ConfigStore, Saved, rounds};

use crate::operations::{Happened, Occasion, Operations};
use shared::edges::failure::Failure;

/// What became of a subscription that was to be disabled.
enum Disabled {
    /// It was disabled by this write.
    Now,
    /// It was disabled before, for the same reason: maybe by a run that died since.
    Before,
    /// It is gone, or somebody decided otherwise.
    Otherwise,
}

/// What consequences need.
#[derive(Debug)]
pub struct Consequences {
    pub(crate) store: ConfigStore,
    pub(crate) operations: Operations,
    retention: Duration,
    pub(crate) metrics: Arc<Metrics>,
}

impl Consequences {
    /// `retention` is how long the deployment keeps anything.
    pub const fn new(
        store: ConfigStore,
        operations: Operations,
        retention: Duration,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { store, operations, retention, metrics }
    }

    /// Ends the subscription if the latest answer asked for it.
    pub async fn end_subscription(&self, row: &Delivery, again: bool) -> Result<(), Failure> {
        match row.ending {
            Some(ending @ Ending::Disabled(_)) => {
                self.disable(
                    row,
                    &format!("{ending} at {}", row.updated_at),
                    &ending.to_string(),
                    again,
                )
                .await
            }
            Some(ending @ Ending::Unsubscribed) => self.unsubscribe(row, ending, again).await,
            None => Ok(()),
        }
    }

    /// Tells that a delivery is exhausted, if it is and `was_settled` says that it was not before.
    pub async fn tell_exhausted(
        &self,
        row: &Delivery,
        was_settled: bool,
        again: bool,
    ) -> Result<(), Failure> {
        if was_settled || row.status != Status::Exhausted {
            return Ok(());
        }
        let (reason, attempts) =
            (row.reason.as_ref().map(ToString::to_string), Some(row.attempt_count));
        let occasion = Occasion { reason, attempts, at: exhausted_at(row), ..occasion(row) };
        self.operations.tell(Happened::DeliveryExhausted, &occasion, again).await
    }

    /// Disables the subscription for `reason`, which it keeps, and publishes
    /// `subscription.disabled` with `told`. With `again`, publishes even if it is already disabled
    /// for this reason: an earlier run may have died before it published.
    pub async fn disable(
        &self,
        row: &Delivery,
        reason: &str,
        told: &str,
        again: bool,
    ) -> Result<(), Failure> {
        for () in rounds() {
            match self.write_disabled(row, reason).await? {
                None => continue,
                Some(Disabled::Now) => {
                    self.metrics.count(Count::SubscriptionsDisabled);
                    let Delivery { tenant, subscription, event, .. } = row;
                    tracing::warn!(%tenant, %subscription, %event, reason, "a subscription was disabled");
                }
                Some(Disabled::Before) if again => {}
                Some(Disabled::Before | Disabled::Otherwise) => return Ok(()),
            }
            return self.tell_end(Happened::SubscriptionDisabled, row, told, again).await;
        }
        Err(Failure::Contended)
    }

    /// Disables the subscription over the state that it is read in; `None` if others wrote it.
    async fn write_disabled(
        &self,
        row: &Delivery,
        reason: &str,
    ) -> Result<Option<Disabled>, Failure> {
        let found = self.store.subscription(&row.tenant, row.subscription).await?;
        let Some(mut subscription) = found else { return Ok(Some(Disabled::Otherwise)) };
        if subscription.status == SubscriptionStatus::Disabled {
            let ours = subscription.status_reason.as_deref() == Some(reason);
            return Ok(Some(if ours { Disabled::Before } else { Disabled::Otherwise }));
        }
        if subscription.updated_at > row.updated_at {
            // Somebody decided about it after the answer that would disable it.
            return Ok(Some(Disabled::Otherwise));
        }
        subscription.status = SubscriptionStatus::Disabled;
        subscription.status_reason = Some(reason.to_owned());
        subscription.updated_at = row.updated_at;
        let saved = self.store.save_subscription(&subscription, None).await?;
        Ok((saved == Saved::Saved).then_some(Disabled::Now))
    }

    /// Whoever deletes it tells so; and whoever may have died in between.
    async fn unsubscribe(
        &self,
        row: &Delivery,
        ending: Ending,
        again: bool,
    ) -> Result<(), Failure> {
        let kept_until = row.updated_at.after(self.retention);
        let deleted =
            self.store.delete_subscription(&row.tenant, row.subscription, kept_until).await?
                == Saved::Saved;
        if deleted {
            let Delivery { tenant, subscription, event, .. } = row;
            tracing::warn!(%tenant, %subscription, %event, "a subscription was deleted: {ending}");
        }
        if deleted || again {
            self.tell_end(Happened::SubscriptionDeleted, row, &ending.to_string(), again).await?;
        }
        Ok(())
    }

    async fn tell_end(
        &self,
        what: Happened,
        row: &Delivery,
        why: &str,
        again: bool,
    ) -> Result<(), Failure> {
        let occasion = Occasion { reason: Some(why.to_owned()), ..occasion(row) };
        self.operations.tell(what, &occasion, again).await
    }
}

/// When the schedule ended: whatever is written to the row later, the event that tells it is the
/// same.
fn exhausted_at(row: &Delivery) -> Timestamp {
    let last = row.attempts.iter().rfind(|made| made.trigger == Trigger::Event);
    last.map_or(row.updated_at, |last| {
        last.started_at.after(Duration::from_millis(u64::from(last.duration_ms)))
    })
}

pub fn occasion(row: &Delivery) -> Occasion {
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
