//! Subscriptions that were resumed, and whose held deliveries the scheduler is to release.

use super::delivery_item::number;
use super::item::{Attributes, NewItem, key};
use super::table::{Expression, Query};
use super::{ConfigStore, Saved, StoreError, keys};
use crate::id::{SubscriptionId, TenantId};
use crate::timestamp::Timestamp;

/// A resumed subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub subscription: SubscriptionId,
    /// When it was resumed.
    pub resumed_at: Timestamp,
}

impl Release {
    pub(super) fn to_item(&self) -> Attributes {
        NewItem::new(keys::RELEASES, self.subscription.to_string())
            .text("tenant", self.tenant.as_str())
            .time("resumed_at", self.resumed_at)
            .build()
    }
}

impl ConfigStore {
    /// The subscriptions to release, 1,000 at most.
    pub async fn releases(&self) -> Result<Vec<Release>, StoreError> {
        let (items, _) = self.table.query(&Query { consistent: true, ..Query::of(keys::RELEASES) }).await?;
        let release = |item: &super::item::Item| {
            Ok(Release {
                tenant: item.parsed("tenant")?,
                subscription: item.parsed("sort")?,
                resumed_at: item.time("resumed_at")?,
            })
        };
        items.iter().map(release).collect()
    }

    /// Ends a release: everything held was released, or the subscription is no longer active. `Lost` if it was resumed
    /// anew since the release was read, which is another release.
    pub async fn end_release(&self, release: &Release) -> Result<Saved, StoreError> {
        let row = key(keys::RELEASES, release.subscription.to_string());
        let seen = Expression::new("resumed_at = :seen").value(":seen", number(release.resumed_at.as_millis()));
        self.table.delete_if(row, seen).await
    }
}
