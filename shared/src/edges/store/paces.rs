//! The pace of each subscription with a rate limit: one row, written for each slot that is handed
//! out.

use std::time::Duration;

use super::item::{NewItem, number};
use super::table::Expression;
use super::{LogStore, Saved, StoreError, keys};
use crate::core::id::SubscriptionId;
use crate::core::subscription::pace::Pace;

/// How long a row stays after its latest slot; two minutes later it says nothing any more.
const KEPT: Duration = Duration::from_hours(1);

/// A pace as it was read.
#[derive(Debug, Clone, Default)]
pub struct StoredPace {
    /// The pace.
    pub pace: Pace,
    /// Counts the row's writes; 0 for a row that was never written.
    revision: u64,
}

impl LogStore {
    /// The pace of a subscription, read consistently.
    pub async fn pace(&self, subscription: SubscriptionId) -> Result<StoredPace, StoreError> {
        let found = self.table.get(keys::pace(subscription), keys::PACE.to_owned(), true).await?;
        let Some(item) = found else { return Ok(StoredPace::default()) };
        let pace = item.bytes("slots").map(Pace::from_bytes).unwrap_or_default();
        Ok(StoredPace { pace, revision: item.number("revision")? })
    }

    /// Writes a pace if its row still stands as `pace` was read, which is then as it was written.
    pub async fn save_pace(
        &self,
        subscription: SubscriptionId,
        pace: &mut StoredPace,
    ) -> Result<Saved, StoreError> {
        let condition = match pace.revision {
            0 => Expression::new("attribute_not_exists(sort)"),
            loaded => Expression::new("revision = :loaded").value(":loaded", number(loaded)),
        };
        let mut item = NewItem::new(keys::pace(subscription), keys::PACE)
            .bytes("slots", pace.pace.to_bytes())
            .number("revision", pace.revision + 1);
        if let Some(latest) = pace.pace.latest() {
            item = item.number("expires_at", latest.after(KEPT).as_unix_seconds());
        }
        let saved = self.table.put(item.build(), Some(condition)).await?;
        if saved == Saved::Saved {
            pace.revision += 1;
        }
        Ok(saved)
    }
}
