//! Publishes events of about 1 KB at a pace, each to one of the ten.

use std::time::Duration;

use tokio::time::Instant;

use super::{SUBSCRIPTIONS, tenant};
use crate::client::{ApiClient, ClientError};
use crate::publishing::{Sent, paced, publish, sample_event};

/// Of ten events in turn, those that go to the first subscription.
const TO_THE_FIRST: [usize; 3] = [0, 4, 7];

/// An event that was accepted.
#[derive(Debug)]
pub(super) struct Published {
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

    /// Publishes for so long.
    pub(super) async fn publish(&self, lasts: Duration) -> Result<Vec<Published>, ClientError> {
        let count = lasts.as_secs() * u64::from(self.pace);
        let places = places().take(usize::try_from(count).unwrap_or(usize::MAX));
        let request = |place| {
            let publisher = self.clone();
            (1, async move { publisher.send(place).await })
        };
        paced(self.pace, places.map(request)).await
    }

    async fn send(&self, place: usize) -> Result<Published, ClientError> {
        let path = format!("{}/events", tenant(place));
        let Sent { at, mut ids, .. } = publish(&self.api, &path, self.event.clone()).await?;
        Ok(Published { at, id: ids.pop().unwrap_or_default(), place })
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
