//! Publishes events of about 1 KB: as fast as the API takes them, or at a pace.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::client::{ApiClient, ClientError};
use crate::publishing::{Sent, paced, publish, sample_event};

/// Whose events.
pub(super) const TENANT: &str = "bench";

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
        Self { api, path: format!("/v1/tenants/{TENANT}/events"), event: sample_event() }
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
        let request = || {
            let (publisher, body) = (self.clone(), body.clone());
            (1, async move { publisher.publish(body).await })
        };
        let per_second = u32::try_from(per_second).unwrap_or(u32::MAX);
        paced(per_second, std::iter::repeat_with(request).take(events)).await
    }

    async fn publish(&self, body: Bytes) -> Result<Sent, ClientError> {
        publish(&self.api, &self.path, body).await
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

#[cfg(test)]
mod tests;
