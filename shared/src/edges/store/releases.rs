//! Releases: the subscriptions whose held deliveries the scheduler sends.

use super::item::{Attributes, key, number};
use super::rows::{self, v1};
use super::table::{Expression, Query};
use super::{ConfigStore, Saved, StoreError, keys};
use crate::core::subscription::release::Release;

impl ConfigStore {
    /// The releases that are under way, 1,000 at most.
    pub async fn releases(&self) -> Result<Vec<Release>, StoreError> {
        let items = self
            .table
            .query_all(Query { consistent: true, ..Query::of(keys::RELEASES) }, 1_000)
            .await?;
        items.into_iter().map(rows::read).collect()
    }

    /// A release begins by itself; others begin with what causes them.
    pub async fn begin_release(&self, release: &Release) -> Result<(), StoreError> {
        self.table.put(row(release)?, None).await.map(drop)
    }

    /// Writes how far a release is; `Lost` if it was written since it was read, or another one
    /// began.
    pub async fn save_release(&self, release: &mut Release) -> Result<Saved, StoreError> {
        let saved = self.table.put(row(release)?, Some(as_read(release))).await?;
        if saved == Saved::Saved {
            release.revision += 1;
        }
        Ok(saved)
    }

    /// Ends a release: everything held was released, or nothing is to be any more. `Lost` as for
    /// [`Self::save_release`].
    pub async fn end_release(&self, release: &Release) -> Result<Saved, StoreError> {
        self.table
            .delete_if(key(keys::RELEASES, release.subscription.to_string()), as_read(release))
            .await
    }
}

fn row(release: &Release) -> Result<Attributes, StoreError> {
    rows::write(&v1::release::Release::from(release))
}

/// Each release counts its writes from the start: what tells two apart is when they began.
fn as_read(release: &Release) -> Expression {
    Expression::new("revision = :loaded AND resumed_at = :began")
        .value(":loaded", number(release.revision))
        .value(":began", number(release.resumed_at.as_millis()))
}
