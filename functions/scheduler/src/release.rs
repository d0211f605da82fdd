//! Releases: held deliveries sent in order, few at a time.

use futures_util::future::try_join_all;
use shared::core::delivery::Delivery;
use shared::core::subscription::Status;
use shared::core::subscription::breaker;
use shared::core::subscription::release::Release;
use shared::edges::clock;
use shared::edges::failure::Failure;
use shared::edges::queue::Outgoing;
use shared::edges::queue::messages::{DeliveryTask, Unreadable};
use shared::edges::store::Saved;

use crate::{CHUNK, Scheduler};

/// Rows that one step looks at at least, for those that are held.
const LOOKED_AT: usize = 25;

impl Scheduler {
    /// One step of a release; answers whether it got on. What is to be sent is noted before: of two
    /// runs one sends it. What a crash has left held is found at the next look.
    pub(crate) async fn release(&self, mut release: Release) -> Result<bool, Failure> {
        let (before, now) = (release.clone(), clock::now());
        let found = self.config.subscription(&release.tenant, release.subscription).await?;
        let policy = match found {
            Some(found) if found.status == Status::Active => {
                let policy = found.policy()?;
                (!breaker::is_open(found.health, &policy)).then_some(policy)
            }
            _ => None,
        };
        let Some(policy) = policy else {
            // Paused, disabled or failing again, it would have what is sent held anew.
            self.config.end_release(&release).await?;
            return Ok(true);
        };
        if !release.under_way.is_empty() {
            let rows =
                self.log.deliveries_to(release.subscription, &release.under_way, now).await?;
            release.follow(&rows, policy.release_concurrency, now);
        }
        let wanted = release.wanted();
        if wanted > 0 {
            let page = self
                .log
                .held_after(release.subscription, release.after, wanted.max(LOOKED_AT))
                .await?;
            let new = |held: &&Delivery| !release.under_way.contains(&held.event);
            let chosen: Vec<_> = page.held.iter().filter(new).take(wanted).collect();
            let all = chosen.len() == page.held.iter().filter(new).count();
            let looked_to = if all { page.looked_to } else { chosen.last().map(|last| last.event) };
            let sent: Vec<_> = chosen.iter().map(|held| held.event).collect();
            release.sent(sent, looked_to, now);
            if !chosen.is_empty() {
                if self.config.save_release(&mut release).await? == Saved::Lost {
                    return Ok(false);
                }
                self.send_held(&chosen).await?;
                return Ok(true);
            }
        }
        if release.is_done(now) {
            self.config.end_release(&release).await?;
            return Ok(true);
        }
        let moved = release != before;
        Ok(moved && self.config.save_release(&mut release).await? == Saved::Saved)
    }

    async fn send_held(&self, held: &[&Delivery]) -> Result<(), Failure> {
        for chunk in held.chunks(CHUNK) {
            let tasks = chunk.iter().map(|held| held_task(held)).collect::<Result<_, _>>()?;
            let carriers = self.queue.send_all(tasks).await?;
            let now = clock::now();
            try_join_all(
                chunk
                    .iter()
                    .zip(&carriers)
                    .map(|(held, carrier)| self.log.release(held, carrier, now)),
            )
            .await?;
            for Delivery { tenant, subscription, event, .. } in chunk {
                tracing::debug!(%tenant, %subscription, %event, "a held delivery goes on");
            }
        }
        Ok(())
    }
}

fn held_task(held: &Delivery) -> Result<Outgoing, Unreadable> {
    DeliveryTask::of_row(held.tenant.clone(), held.subscription, held.event, None).outgoing(0)
}
