//! What an attempt makes of its subscription's health: failures counted, the breaker opened and
//! closed, and what fails for too long disabled. A healthy subscription pays nothing for it.

use shared::core::delivery::Delivery;
use shared::core::delivery::attempt::{Attempt, Outcome};
use shared::core::subscription::breaker::{self, Breaker, Change};
use shared::core::subscription::release::Release;
use shared::edges::clock;
use shared::edges::failure::Failure;
use shared::edges::metrics::Count;
use shared::edges::receiver::Receiver;
use shared::edges::store::Saved;

use crate::consequences::{Consequences, occasion};
use crate::operations::{Happened, Occasion};

impl Consequences {
    /// Counts a failure, or ends a row of them; whoever notes the change tells it. Answers whether
    /// what is known of the subscription is no longer so.
    pub async fn judge_health(
        &self,
        row: &Delivery,
        made: &Attempt,
        receiver: &Receiver,
    ) -> Result<bool, Failure> {
        if made.outcome == Outcome::Succeeded {
            if receiver.health.failed_attempts == 0 {
                return Ok(false);
            }
            self.succeeded(row, receiver).await?;
            return Ok(true);
        }
        let health =
            self.store.count_failure(&row.tenant, row.subscription, made.duration_ms).await?;
        let Some(health) = health else { return Ok(true) };
        match breaker::after_failure(health, &receiver.policy, row.updated_at) {
            Some(Change::Failing) => {
                self.fails(row, made, receiver, health.failed_attempts).await?;
                Ok(true)
            }
            Some(Change::TooLong(since)) => {
                let reason = format!("no attempt has succeeded since {since}");
                self.disable(row, &reason, &reason, false).await?;
                Ok(true)
            }
            None => Ok(receiver.health.failed_attempts == 0),
        }
    }

    async fn succeeded(&self, row: &Delivery, receiver: &Receiver) -> Result<(), Failure> {
        let (tenant, subscription) = (&row.tenant, row.subscription);
        if self.store.clear_failures(tenant, subscription).await? == Saved::Saved {
            return Ok(());
        }
        // Without a breaker nothing was held.
        let release = receiver
            .policy
            .has_breaker()
            .then(|| Release::new(tenant.clone(), subscription, row.updated_at));
        let recovered = self.store.recover(tenant, subscription, release.as_ref()).await?;
        let Some(since) = recovered else { return Ok(()) };
        self.metrics.count(Count::Recovered);
        tracing::info!(%tenant, %subscription, event = %row.event, failing_since = %since, "a subscription has recovered");
        let occasion = Occasion { failing_since: Some(since), ..occasion(row) };
        self.operations.tell(Happened::SubscriptionRecovered, &occasion, false).await
    }

    async fn fails(
        &self,
        row: &Delivery,
        made: &Attempt,
        receiver: &Receiver,
        failed_attempts: u32,
    ) -> Result<(), Failure> {
        let (tenant, subscription, at) = (&row.tenant, row.subscription, row.updated_at);
        let breaker =
            Breaker::open(tenant, subscription, at, &receiver.policy, clock::random_share());
        if self.store.mark_failing(tenant, subscription, at, breaker.as_ref()).await? == Saved::Lost
        {
            return Ok(());
        }
        self.metrics.count(Count::Failing);
        let held = breaker.is_some();
        tracing::warn!(%tenant, %subscription, event = %row.event, failed_attempts, held, "a subscription is failing");
        let (reason, failed_attempts) = (made.error.clone(), Some(failed_attempts));
        let occasion = Occasion { reason, failed_attempts, ..occasion(row) };
        self.operations.tell(Happened::SubscriptionFailing, &occasion, false).await
    }
}
