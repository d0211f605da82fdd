//! Publishing, as every load does it: a sample event, one request, and many of them at a pace.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::client::{ApiClient, ClientError};

/// The type of [`sample_event`].
pub(crate) const EVENT_TYPE: &str = "order.created";
/// Bytes of its data.
const DATA_BYTES: usize = 1024;

/// One request that published.
#[derive(Debug)]
pub(crate) struct Sent {
    /// When it began.
    pub(crate) at: Instant,
    /// When its answer was there.
    pub(crate) answered: Instant,
    /// The events that it made.
    pub(crate) ids: Vec<String>,
}

/// What a publish answers: one event, or a batch's.
#[derive(Deserialize)]
#[serde(untagged)]
enum Accepted {
    Batch { events: Vec<One> },
    One(One),
}

impl Accepted {
    /// The ids of the events, in the order of the request.
    fn into_ids(self) -> Vec<String> {
        match self {
            Self::Batch { events } => events.into_iter().map(|one| one.id).collect(),
            Self::One(one) => vec![one.id],
        }
    }
}

#[derive(Deserialize)]
struct One {
    id: String,
}

/// Publishes what a body holds: one event, or a batch.
pub(crate) async fn publish(
    api: &ApiClient,
    path: &str,
    body: impl Into<Bytes>,
) -> Result<Sent, ClientError> {
    let at = Instant::now();
    let accepted: Accepted = api.call(Method::POST, path, body).await?;
    let answered = Instant::now();
    Ok(Sent { at, answered, ids: accepted.into_ids() })
}

/// Makes requests so that so many events a second are published, whether or not the answers keep
/// up. Each request comes with the number of its events.
pub(crate) async fn paced<T, R>(
    per_second: u32,
    requests: impl IntoIterator<Item = (usize, R)>,
) -> Result<Vec<T>, ClientError>
where
    T: Send + 'static,
    R: Future<Output = Result<T, ClientError>> + Send + 'static,
{
    let mut ticks = interval(Duration::from_secs(1) / per_second.max(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut tasks = JoinSet::new();
    for (events, request) in requests {
        for _ in 0..events {
            ticks.tick().await;
        }
        tasks.spawn(request);
    }
    tasks.join_all().await.into_iter().collect()
}

/// An order as a shop would publish it, filled up to [`DATA_BYTES`].
pub(crate) fn sample_event() -> Value {
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
