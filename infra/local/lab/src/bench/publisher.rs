//! Publishes events of about 1 KB: as fast as the API takes them, or at a pace.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::client::{ApiClient, ClientError};

/// Whose events.
pub(super) const TENANT: &str = "bench";
/// Of which type.
pub(crate) const EVENT_TYPE: &str = "order.created";
/// Bytes of an event's data.
const DATA_BYTES: usize = 1024;

/// One request that published.
#[derive(Debug)]
pub(super) struct Sent {
    /// When it began.
    pub(super) at: Instant,
    /// When its answer was there.
    pub(super) answered: Instant,
    /// The events that it made.
    pub(super) ids: Vec<String>,
}

/// What a publish answers: one event, or a batch's.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Accepted {
    Batch { events: Vec<One> },
    One(One),
}

impl Accepted {
    /// The ids of the events, in the order of the request.
    pub(crate) fn into_ids(self) -> Vec<String> {
        match self {
            Self::Batch { events } => events.into_iter().map(|one| one.id).collect(),
            Self::One(one) => vec![one.id],
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct One {
    id: String,
}

/// The publisher.
#[derive(Debug, Clone)]
pub(super) struct Publisher {
    api: ApiClient,
    path: String,
    event: Value,
}

impl Publisher {
    /// A publisher of sample orders.
    pub(super) fn new(api: ApiClient) -> Self {
        Self { api, path: format!("/v1/tenants/{TENANT}/events"), event: event() }
    }

    /// Publishes at least `events` in batches of `batch`, with as many requests at a time as there
    /// are connections.
    pub(super) async fn saturate(
        &self,
        events: usize,
        batch: usize,
        connections: usize,
    ) -> Result<Vec<Sent>, ClientError> {
        let left = Arc::new(AtomicUsize::new(events.div_ceil(batch)));
        let body = self.body(batch);
        let mut tasks = JoinSet::new();
        for _ in 0..connections {
            let (publisher, body, left) = (self.clone(), body.clone(), left.clone());
            tasks.spawn(async move {
                let mut sent = Vec::new();
                while take(&left) {
                    sent.push(publisher.publish(body.clone()).await?);
                }
                Ok::<_, ClientError>(sent)
            });
        }
        let mut sent = Vec::with_capacity(events.div_ceil(batch));
        for task in tasks.join_all().await {
            sent.extend(task?);
        }
        Ok(sent)
    }

    /// Publishes one event at a time, `per_second`, whether or not the answers keep up.
    pub(super) async fn pace(
        &self,
        per_second: usize,
        events: usize,
    ) -> Result<Vec<Sent>, ClientError> {
        let body = self.body(1);
        let mut ticks =
            interval(Duration::from_secs(1) / u32::try_from(per_second).unwrap_or(u32::MAX));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut tasks = JoinSet::new();
        for _ in 0..events {
            ticks.tick().await;
            let (publisher, body) = (self.clone(), body.clone());
            tasks.spawn(async move { publisher.publish(body).await });
        }
        tasks.join_all().await.into_iter().collect()
    }

    async fn publish(&self, body: Bytes) -> Result<Sent, ClientError> {
        let at = Instant::now();
        let accepted: Accepted = self.api.call(Method::POST, &self.path, body).await?;
        let answered = Instant::now();
        Ok(Sent { at, answered, ids: accepted.into_ids() })
    }

    fn body(&self, batch: usize) -> Bytes {
        let body = match batch {
            1 => self.event.to_string(),
            _ => json!({ "events": vec![&self.event; batch] }).to_string(),
        };
        Bytes::from(body)
    }
}

fn take(left: &AtomicUsize) -> bool {
    left.try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

/// An order as a shop would publish it, filled up to [`DATA_BYTES`].
pub(crate) fn event() -> Value {
    let line = |number: u32| json!({ "sku": format!("SKU-{number:05}"), "name": "Organic tomatoes", "quantity": number, "unit_price": "12.50" });
    let mut data = json!({
        "id": "order_456",
        "status": "pending",
        "currency": "EUR",
        "total": "425.00",
        "created_at": "2024-01-10T10:30:00Z",
        "customer": { "id": "customer_789", "name": "Ани & Co", "email": "ani@example.com" },
        "lines": (1..=8).map(line).collect::<Vec<_>>(),
        "note": "",
    });
    let missing = DATA_BYTES.saturating_sub(data.to_string().len());
    data["note"] = json!("Leave it at the door. ".repeat(50).get(..missing).unwrap_or_default());
    json!({ "type": EVENT_TYPE, "data": data })
}

#[cfg(test)]
mod tests;
