//! The pace of each subscription with a rate limit: one row, written for each slot that is handed
//! out.

use std::time::Duration;

use super::item::number;
use super::rows::{self, v1};
pub use super::stored::StoredPace;
use super::table::Expression;
use super::{LogStore, Saved, StoreError, keys};
use crate::core::id::SubscriptionId;

/// How long a row stays after its latest slot; two minutes later it says nothing any more.
const KEPT: Duration = Duration::from_hours(1);

impl LogStore {
    /// The pace of a subscription, read consistently.
    pub async fn pace(&self, subscription: SubscriptionId) -> Result<StoredPace, StoreError> {
        let found = self.table.get(keys::pace(subscription), keys::PACE.to_owned(), true).await?;
        found.map_or_else(|| Ok(StoredPace::default()), rows::read)
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
        let end = pace.pace.latest().map(|latest| latest.after(KEPT));
        let row = rows::write(&v1::pace::Pace::new(subscription, pace, end))?;
        let saved = self.table.put(row, Some(condition)).await?;
        if saved == Saved::Saved {
            pace.revision += 1;
        }
        Ok(saved)
    }
}
