//! Bulk resends: one running at a time for a subscription, in the config table, and those that have
//! ended, in the log.

use super::item::{Attributes, key, number};
use super::rows::{self, v1};
use super::table::{Expression, Query};
use super::{ConfigStore, Created, LogStore, Saved, StoreError, keys};
use crate::core::bulk_resend::BulkResend;
use crate::core::id::{ResendId, SubscriptionId};
use crate::core::page::{Page, PageRequest};

impl ConfigStore {
    /// The running bulk resends, 1,000 at most.
    pub async fn running_resends(&self) -> Result<Vec<BulkResend>, StoreError> {
        let items = self
            .table
            .query_all(Query { consistent: true, ..Query::of(keys::RESENDS) }, 1_000)
            .await?;
        items.into_iter().map(rows::read).collect()
    }

    /// The running bulk resend of a subscription.
    pub async fn running_resend(
        &self,
        subscription: SubscriptionId,
    ) -> Result<Option<BulkResend>, StoreError> {
        let found =
            self.table.get(keys::RESENDS.to_owned(), subscription.to_string(), true).await?;
        found.map(rows::read).transpose()
    }

    /// Starts a bulk resend, unless one of the subscription runs.
    pub async fn begin_resend(&self, resend: &BulkResend) -> Result<Created, StoreError> {
        let row = rows::write(&v1::resend::Resend::running(resend))?;
        let free = Expression::new("attribute_not_exists(sort)");
        Ok(match self.table.put(row, Some(free)).await? {
            Saved::Saved => Created::Created,
            Saved::Lost => Created::AlreadyThere,
        })
    }

    /// Writes how far a running one is; `Lost` if it was changed since it was loaded.
    pub async fn save_resend(&self, resend: &mut BulkResend) -> Result<Saved, StoreError> {
        let loaded =
            Expression::new("revision = :loaded").value(":loaded", number(resend.revision));
        let row = rows::write(&v1::resend::Resend::running(resend))?;
        let saved = self.table.put(row, Some(loaded)).await?;
        if saved == Saved::Saved {
            resend.revision += 1;
        }
        Ok(saved)
    }

    /// Makes room for another one: this one has ended, and is in the log.
    pub async fn end_resend(&self, resend: &BulkResend) -> Result<(), StoreError> {
        let seen = Expression::new("revision = :seen").value(":seen", number(resend.revision));
        self.table
            .delete_if(key(keys::RESENDS, resend.subscription.to_string()), seen)
            .await
            .map(|_| ())
    }
}

impl LogStore {
    /// Keeps a bulk resend that has ended, as long as the deployment keeps anything.
    pub async fn put_resend(&self, resend: &BulkResend) -> Result<(), StoreError> {
        let expires_at = resend.created_at.after(self.retention);
        let row = rows::write(&v1::resend::Resend::ended(resend, expires_at))?;
        self.table.put(row, None).await.map(|_| ())
    }

    /// A bulk resend that has ended.
    pub async fn resend(
        &self,
        subscription: SubscriptionId,
        id: ResendId,
    ) -> Result<Option<BulkResend>, StoreError> {
        let found = self.table.get(keys::resends(subscription), id.to_string(), true).await?;
        found.map(rows::read).transpose()
    }

    /// A page of a subscription's bulk resends that have ended.
    pub async fn resends(
        &self,
        subscription: SubscriptionId,
        page: &PageRequest,
    ) -> Result<Page<BulkResend>, StoreError> {
        let partition = keys::resends(subscription);
        let start: Option<Attributes> =
            page.cursor.as_ref().map(|cursor| key(partition.as_str(), cursor.sort()));
        let limit = i32::from(page.limit) + 1;
        let query =
            Query { start, order: page.order, limit, consistent: true, ..Query::of(partition) };
        let items = self.table.query_all(query, usize::from(page.limit) + 1).await?;
        let resends = items.into_iter().map(rows::read).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::cut(resends, page.limit, |resend| resend.id.to_string()))
    }
}
