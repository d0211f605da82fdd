//! Probes: a receiver whose breaker is open gets one of its held deliveries when its wait is over.

use std::time::Instant;

use futures_util::{StreamExt, stream};
use shared::core::subscription::breaker::Breaker;
use shared::core::subscription::release::Release;
use shared::core::timestamp::Timestamp;
use shared::edges::clock;
use shared::edges::failure::Failure;
use shared::edges::queue::messages::DeliveryTask;
use shared::edges::store::Saved;

use crate::due::delay_seconds;
use crate::receiver::Receiver;
use crate::turns::{self, Part};
use crate::{CONCURRENT_STEPS, Scheduler};

/// The step for a breaker whose probe is due.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Forget the breaker: it is not the subscription's any more.
    End,
    /// Release what is held, and forget the breaker: the subscription's policy has none any more,
    /// by a deployment, which no change of the subscription tells.
    Release,
    /// Send a probe.
    Probe {
        /// When it is to be made; not before now.
        at: Timestamp,
        /// The breaker as it stands then.
        next: Breaker,
    },
}

impl Scheduler {
    /// Sends the probes that fall due before the next tick, each with the delay that is left to its
    /// time. One that fails holds up no other.
    pub(crate) async fn probe(&self, now: Timestamp, started: Instant) -> Result<(), Failure> {
        let due = due(self.config.breakers().await?, now.after(self.tick));
        let has_time = || turns::has_time(Part::Probes, self.tick, started.elapsed());
        let in_time = due.into_iter().take_while(|_| has_time());
        let probes = stream::iter(in_time).map(|breaker| self.probe_one(breaker, now));
        let probed: Vec<_> = probes.buffer_unordered(CONCURRENT_STEPS).collect().await;
        probed.into_iter().collect()
    }

    async fn probe_one(&self, breaker: Breaker, now: Timestamp) -> Result<(), Failure> {
        let found = self.config.subscription(&breaker.tenant, breaker.subscription).await?;
        let receiver = Receiver::of(found.as_ref())?;
        match decide(&breaker, receiver.as_ref(), now, clock::random_share()) {
            Step::End => {}
            Step::Release => {
                let release = Release::new(breaker.tenant.clone(), breaker.subscription, now);
                self.config.begin_release(&release).await?;
            }
            Step::Probe { at, next } => return self.send_probe(&breaker, &next, at, now).await,
        }
        self.config.end_breaker(&breaker).await?;
        Ok(())
    }

    /// Claims the probe before it is sent: of two runs one sends it. If it is lost by a crash, the
    /// next one comes in time.
    async fn send_probe(
        &self,
        breaker: &Breaker,
        next: &Breaker,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), Failure> {
        // Newest first: while events come it is another one each time, so that one that the
        // receiver chokes on does not keep the breaker open.
        let held = self.log.newest_held(breaker.subscription).await?;
        if self.config.save_breaker(breaker, next).await? == Saved::Lost {
            return Ok(());
        }
        if let Some(held) = held {
            let (tenant, subscription, event) = (held.tenant, held.subscription, held.event);
            let task = DeliveryTask::of_row(tenant, subscription, event, None);
            let task = DeliveryTask { probe: true, ..task }.outgoing(delay_seconds(now, at))?;
            self.queue.send(task).await?;
            tracing::debug!(tenant = %breaker.tenant, %subscription, %event, probe = next.probes, "a receiver is probed");
        }
        Ok(())
    }
}

/// The breakers whose probe falls due by `by`. The one that waits longest comes first, for there
/// may be too many for a tick.
fn due(mut breakers: Vec<Breaker>, by: Timestamp) -> Vec<Breaker> {
    breakers.retain(|breaker| breaker.next_probe_at <= by);
    breakers.sort_by_key(|breaker| breaker.next_probe_at);
    breakers
}

/// Decides what a due probe comes to. A paused subscription has none: resuming it closes its
/// breaker. `random` lies in 0..=1 and spreads the next wait.
fn decide(breaker: &Breaker, receiver: Option<&Receiver>, now: Timestamp, random: f64) -> Step {
    let same = |receiver: &&Receiver| receiver.health.failing_since == Some(breaker.opened_at);
    let Some(receiver) = receiver.filter(same) else { return Step::End };
    let at = breaker.next_probe_at.max(now);
    let next = breaker.probed(at, &receiver.policy, random);
    match next.filter(|_| receiver.is_failing()) {
        Some(next) => Step::Probe { at, next },
        None => Step::Release,
    }
}

#[cfg(test)]
mod tests;
