//! Probes: a receiver whose breaker is open gets one of its held deliveries when its wait is over.

use std::time::Instant;

use futures_util::{StreamExt, stream};
use shared::core::delivery::retry;
use shared::core::subscription::Status;
use shared::core::subscription::breaker::{self, Breaker};
use shared::core::subscription::release::Release;
use shared::core::timestamp::Timestamp;
use shared::edges::clock;
use shared::edges::failure::Failure;
use shared::edges::queue::messages::DeliveryTask;
use shared::edges::store::Saved;

use crate::{CONCURRENT_STEPS, MAX_DELAY, Scheduler};

/// The share of a tick within which probes begin.
const SHARE_OF_PROBES: f64 = 0.3;

impl Scheduler {
    /// Sends the probes that fall due before the next tick, each with the delay that is left to its
    /// time. One that fails holds up no other.
    pub(crate) async fn probe(&self, now: Timestamp, started: Instant) -> Result<(), Failure> {
        let (mut due, budget) = (self.config.breakers().await?, self.tick.mul_f64(SHARE_OF_PROBES));
        due.retain(|breaker| breaker.next_probe_at <= now.after(self.tick));
        // Where there are too many for a tick, who waits longest comes first.
        due.sort_by_key(|breaker| breaker.next_probe_at);
        let in_time = due.into_iter().take_while(|_| started.elapsed() < budget);
        let probes = stream::iter(in_time).map(|breaker| self.probe_one(breaker, now));
        let probed: Vec<_> = probes.buffer_unordered(CONCURRENT_STEPS).collect().await;
        probed.into_iter().collect()
    }

    /// Claims the probe before it is sent: of two runs one sends it. If it is lost by a crash, the
    /// next one comes in time.
    async fn probe_one(&self, breaker: Breaker, now: Timestamp) -> Result<(), Failure> {
        let found = self.config.subscription(&breaker.tenant, breaker.subscription).await?;
        let policy = match &found {
            // Paused, it is looked at again when it is resumed, which closes the breaker.
            Some(found) if found.status == Status::Active => found.policy()?,
            _ => return self.end(&breaker).await,
        };
        let is_this_one = found.as_ref().is_some_and(|found| {
            breaker::is_open(found.health, &policy)
                && found.health.failing_since == Some(breaker.opened_at)
        });
        if !is_this_one {
            // Its policy may have lost its breaker by a deployment, which no change of the
            // subscription tells.
            if found.is_some_and(|found| found.health.failing_since == Some(breaker.opened_at)) {
                let release = Release::new(breaker.tenant.clone(), breaker.subscription, now);
                self.config.begin_release(&release).await?;
            }
            return self.end(&breaker).await;
        }
        let at = breaker.next_probe_at.max(now);
        // Newest first: while events come it is another one each time, so that one that the
        // receiver chokes on does not keep the breaker open.
        let held = self.log.newest_held(breaker.subscription).await?;
        let Some(next) = breaker.probed(at, &policy, clock::random_share()) else {
            return self.end(&breaker).await;
        };
        if self.config.save_breaker(&breaker, &next).await? == Saved::Lost {
            return Ok(());
        }
        if let Some(held) = held {
            let (tenant, subscription, event) = (held.tenant, held.subscription, held.event);
            let delay = retry::whole_seconds(now.until(at)).min(MAX_DELAY);
            let task = DeliveryTask::of_row(tenant, subscription, event, None);
            self.queue.send(DeliveryTask { probe: true, ..task }.outgoing(delay)?).await?;
            tracing::debug!(tenant = %breaker.tenant, %subscription, %event, probe = next.probes, "a receiver is probed");
        }
        Ok(())
    }

    async fn end(&self, breaker: &Breaker) -> Result<(), Failure> {
        self.config.end_breaker(breaker).await?;
        Ok(())
    }
}
