//! What is on record of the soak's deliveries.

use std::collections::HashMap;

use http::Method;
use serde::Deserialize;

use super::scene::{Scene, TENANT};
use crate::client::{ApiClient, ClientError};

/// A delivery on record.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Recorded {
    event: String,
    /// Such as `delivered`.
    pub(super) status: String,
    /// Attempts made.
    pub(super) attempt_count: u32,
}

/// By the subscription's place and the event's id.
pub(super) type Record = HashMap<(usize, String), Recorded>;

#[derive(Deserialize)]
struct Page {
    items: Vec<Recorded>,
    next_cursor: Option<String>,
}

/// Reads all of it, as a tenant would.
pub(super) async fn read(api: &ApiClient, scene: &Scene) -> Result<Record, ClientError> {
    let mut record = Record::new();
    for (place, subscription) in scene.subscriptions.iter().enumerate() {
        let path = format!("{TENANT}/subscriptions/{subscription}/deliveries?limit=250");
        let mut next = Some(path.clone());
        while let Some(page) = next {
            let Page { items, next_cursor } = api.call(Method::GET, &page, "").await?;
            record.extend(
                items.into_iter().map(|delivery| ((place, delivery.event.clone()), delivery)),
            );
            next = next_cursor.map(|cursor| format!("{path}&cursor={cursor}"));
        }
    }
    Ok(record)
}

#[cfg(test)]
pub(super) fn recorded(event: &str, status: &str, attempt_count: u32) -> Recorded {
    Recorded { event: event.to_owned(), status: status.to_owned(), attempt_count }
}
