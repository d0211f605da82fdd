//! Publishes events of about 1 KB at a pace, each to one of the ten.

use std::time::Duration;

use http::Method;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{SUBSCRIPTIONS, tenant};
use crate::bench::{Accepted, sample_event};
use crate::client::{ApiClient, ClientError};

/// Of ten events in turn, those that go to the first subscription.
const TO_THE_FIRST: [usize; 3] = [0, 4, 7];

/// An event that was accepted.
#[derive(Debug)]
pub(super) struct Sent {
    /// When its request began.
    pub(super) at: Instant,
    pub(super) id: String,
    /// The place of its subscription.
    pub(super) place: usize,
}

/// The publisher.
#[derive(Debug, Clone)]
pub(super) struct Publisher {
    api: ApiClient,
    pace: u32,
    event: String,
}

impl Publisher {
    /// Publishes so many events a second.
    pub(super) fn new(api: ApiClient, pace: u32) -> Self {
        Self { api, pace: pace.max(1), event: sample_event().to_string() }
    }

    /// Publishes for so long, whether or not the answers keep up.
    pub(super) async fn publish(&self, lasts: Duration) -> Result<Vec<Sent>, ClientError> {
        let mut ticks = interval(Duration::from_secs(1) / self.pace);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let count = lasts.as_secs() * u64::from(self.pace);
        let mut tasks = JoinSet::new();
        for place in places().take(usize::try_from(count).unwrap_or(usize::MAX)) {
            ticks.tick().await;
            let publisher = self.clone();
            tasks.spawn(async move { publisher.send(place).await });
        }
        tasks.join_all().await.into_iter().collect()
    }

    async fn send(&self, place: usize) -> Result<Sent, ClientError> {
        let at = Instant::now();
        let path = format!("{}/events", tenant(place));
        let accepted: Accepted = self.api.call(Method::POST, &path, self.event.clone()).await?;
        Ok(Sent { at, id: accepted.into_ids().pop().unwrap_or_default(), place })
    }
}

/// Where each event goes: three of ten to the first, the others to the other nine in turn.
fn places() -> impl Iterator<Item = usize> {
    let mut others = (1..SUBSCRIPTIONS).cycle();
    (0..10).cycle().filter_map(
        move |number| if TO_THE_FIRST.contains(&number) { Some(0) } else { others.next() },
    )
}

#[cfg(test)]
mod tests;
