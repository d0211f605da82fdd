//! Releases: held deliveries sent in order, few at a time.

use futures_util::future::try_join_all;
use shared::core::delivery::Delivery;
use shared::core::subscription::release::Release;
use shared::core::timestamp::Timestamp;
use shared::edges::clock;
use shared::edges::failure::Failure;
use shared::edges::queue::Outgoing;
use shared::edges::queue::messages::{DeliveryTask, Unreadable};
use shared::edges::store::Saved;

use crate::receiver::Receiver;
use crate::turns::Round;
use crate::{CHUNK, Scheduler};

/// Rows that one step looks at at least, for those that are held.
const LOOKED_AT: usize = 25;

/// The end of a step that sends nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The release is done: forget it.
    Done,
    /// Write down what changed.
    Save,
    /// Nothing changed.
    AsItWas,
}

impl Scheduler {
    /// One step of a release. What is to be sent is noted before: of two runs one sends it. What a
    /// crash has left held is found at the next look.
    pub(crate) async fn release(&self, mut release: Release) -> Result<Round, Failure> {
        let (before, now) = (release.clone(), clock::now());
        let found = self.config.subscription(&release.tenant, release.subscription).await?;
        let Some(most) = concurrency(Receiver::of(found.as_ref())?.as_ref()) else {
            self.config.end_release(&release).await?;
            return Ok(Round::Moved);
        };
        if !release.under_way.is_empty() {
            let rows =
                self.log.deliveries_to(release.subscription, &release.under_way, now).await?;
            release.follow(&rows, most, now);
        }
        let wanted = release.wanted();
        if wanted > 0 {
            let page = self
                .log
                .held_after(release.subscription, release.after, wanted.max(LOOKED_AT))
                .await?;
            let choice = release.choose(&page.held, page.looked_to);
            release.sent(choice.held.iter().map(|held| held.event), choice.looked_to, now);
            if !choice.held.is_empty() {
                return self.send_noted(&mut release, &choice.held).await;
            }
        }
        match end(&before, &release, now) {
            End::Done => {
                self.config.end_release(&release).await?;
                Ok(Round::Moved)
            }
            End::Save => Ok(round(self.config.save_release(&mut release).await?)),
            End::AsItWas => Ok(Round::Stood),
        }
    }

    async fn send_noted(
        &self,
        release: &mut Release,
        held: &[&Delivery],
    ) -> Result<Round, Failure> {
        let noted = self.config.save_release(release).await?;
        if noted == Saved::Saved {
            self.send_held(held).await?;
        }
        Ok(round(noted))
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

/// How many held deliveries of a receiver may be under way at the same time. `None` if none may:
/// paused, disabled or failing again, the subscription would have what is sent held anew.
fn concurrency(receiver: Option<&Receiver>) -> Option<u32> {
    let answers = receiver.filter(|receiver| !receiver.is_failing())?;
    Some(answers.policy.release_concurrency)
}

/// Decides how a step ends that found nothing to send.
fn end(before: &Release, after: &Release, now: Timestamp) -> End {
    if after.is_done(now) {
        End::Done
    } else if after == before {
        End::AsItWas
    } else {
        End::Save
    }
}

/// A step whose row somebody else has written did not get on.
const fn round(saved: Saved) -> Round {
    match saved {
        Saved::Saved => Round::Moved,
        Saved::Lost => Round::Stood,
    }
}

fn held_task(held: &Delivery) -> Result<Outgoing, Unreadable> {
    DeliveryTask::of_row(held.tenant.clone(), held.subscription, held.event, None).outgoing(0)
}

#[cfg(test)]
mod tests;
