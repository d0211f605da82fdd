//! Publishes events at a pace, each until it has an answer: what was not answered is asked again
//! under the same idempotency key, and is the same event.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::time::{self, Instant};

use super::scene::{TENANT, TYPES};
use crate::client::{ApiClient, ClientError};
use crate::publishing::{paced, publish, sample_event};

/// Of so many requests one publishes a batch.
const BATCH_OF: usize = 20;
/// Events of a batch.
const BATCH: usize = 10;
/// How often a request is made at most, and the waits in between.
const TRIES: u32 = 60;
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// An event that was accepted.
#[derive(Debug, Clone)]
pub(super) struct Published {
    pub(super) id: String,
    /// Its place among all events.
    pub(super) number: usize,
    /// The place of its type among [`TYPES`].
    pub(super) kind: usize,
    /// When it was published first.
    pub(super) begun: Instant,
    /// When that was answered 202.
    pub(super) accepted: Instant,
    /// Requests without such an answer before.
    pub(super) repeats: u32,
}

/// The publisher.
#[derive(Debug, Clone)]
pub(super) struct Publisher {
    api: ApiClient,
    pace: u32,
    seed: u64,
    data: Value,
}

impl Publisher {
    /// Publishes so many events a second; the seed tells the keys of one run from those of another.
    pub(super) fn new(api: ApiClient, pace: u32, seed: u64) -> Self {
        Self { api, pace, seed, data: sample_event()["data"].take() }
    }

    /// Publishes the events of these numbers.
    pub(super) async fn publish(
        &self,
        numbers: Range<usize>,
    ) -> Result<Vec<Published>, ClientError> {
        let request = |group: Range<usize>| {
            let publisher = self.clone();
            (group.len(), async move { publisher.accept(group).await })
        };
        let published = paced(self.pace, groups(numbers).map(request)).await?;
        Ok(published.into_iter().flatten().collect())
    }

    async fn accept(&self, group: Range<usize>) -> Result<Vec<Published>, ClientError> {
        let (path, body, begun) = (format!("{TENANT}/events"), self.body(&group), Instant::now());
        let (mut repeats, mut wait) = (0, FIRST_WAIT);
        let sent = loop {
            match publish(&self.api, &path, body.clone()).await {
                Ok(sent) => break sent,
                Err(error) if repeats + 1 < TRIES && is_passing(&error) => {
                    repeats += 1;
                    time::sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                Err(error) => return Err(error),
            }
        };
        let event = |(number, id): (usize, String)| Published {
            id,
            number,
            kind: kind(number),
            begun,
            accepted: sent.answered,
            repeats,
        };
        Ok(group.zip(sent.ids).map(event).collect())
    }

    fn body(&self, group: &Range<usize>) -> Bytes {
        let event = |number: usize| {
            let key = format!("soak-{}-{number}", self.seed);
            json!({ "type": TYPES[kind(number)], "data": self.data, "idempotency_key": key })
        };
        let body = match group.len() {
            1 => event(group.start).to_string(),
            _ => json!({ "events": group.clone().map(event).collect::<Vec<_>>() }).to_string(),
        };
        body.into()
    }
}

fn kind(number: usize) -> usize {
    number % TYPES.len()
}

/// What each request publishes: one event, and now and then a batch.
fn groups(numbers: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let (mut next, mut requests) = (numbers.start, 0_usize);
    std::iter::from_fn(move || {
        requests += 1;
        let size = if requests.is_multiple_of(BATCH_OF) { BATCH } else { 1 };
        let group = next..(next + size).min(numbers.end);
        next = group.end;
        (!group.is_empty()).then_some(group)
    })
}

/// Whether the same request may have another answer.
fn is_passing(error: &ClientError) -> bool {
    match error {
        ClientError::Unreachable(_) => true,
        ClientError::Refused(_, status, _) => {
            status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
        }
        ClientError::Unreadable(..) => false,
    }
}

#[cfg(test)]
mod tests;
