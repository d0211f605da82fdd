//! Subscriptions. Every change counts up the tenant's revision in the same transaction, so that
//! fan-out knows with one small read whether what it has cached still holds.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};

use super::item::{Item, key, number};
use super::rows::{self, v1};
pub use super::stored::Revision;
use super::table::{Expression, Query};
use super::{ConfigStore, Saved, StoreError, keys};
use crate::core::id::{SubscriptionId, TenantId};
use crate::core::page::{Cursor, Order, Page, PageRequest};
use crate::core::subscription::release::Release;
use crate::core::subscription::{Health, Subscription};
use crate::core::timestamp::Timestamp;

impl ConfigStore {
    /// One subscription, read consistently.
    pub async fn subscription(
        &self,
        tenant: &TenantId,
        id: SubscriptionId,
    ) -> Result<Option<Subscription>, StoreError> {
        let found = self.table.get(keys::tenant(tenant), keys::subscription(id), true).await?;
        found.map(rows::read).transpose()
    }

    /// Writes a subscription as its next version; `Lost` if it stands at another version than
    /// `subscription` says (0: if there is one). With a `release` it starts anew: its failures
    /// count no more, and what is held is released.
    pub async fn save_subscription(
        &self,
        subscription: &Subscription,
        release: Option<&Release>,
    ) -> Result<Saved, StoreError> {
        let health = if release.is_some() { Health::default() } else { subscription.health };
        let put = Put::builder().table_name(&self.table.name).set_item(Some(rows::write(
            &v1::subscription::Subscription::new(subscription, health),
        )?));
        // Its health changes without a new version: a row that says otherwise than what was loaded
        // is loaded anew. Only the count of failures may be a little less than it was.
        let put = match (subscription.version, subscription.health.failing_since) {
            (0, _) => put.condition_expression("attribute_not_exists(sort)"),
            (loaded, None) => put
                .condition_expression("version = :loaded AND attribute_not_exists(failing_since)")
                .expression_attribute_values(":loaded", number(loaded)),
            (loaded, Some(since)) => put
                .condition_expression("version = :loaded AND failing_since = :since")
                .expression_attribute_values(":loaded", number(loaded))
                .expression_attribute_values(":since", number(since.as_millis())),
        };
        let put = put.build().map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let mut writes = vec![
            TransactWriteItem::builder().put(put).build(),
            self.count_up(&subscription.tenant)?,
        ];
        if let Some(release) = release {
            writes.push(self.put_write(rows::write(&v1::release::Release::from(release))?)?);
        }
        self.table.transact(writes).await
    }

    /// Removes a subscription; `Lost` if there was none. Until `kept_until`, when nothing can be on
    /// record of it any more, it stays known as a deleted one, for an erasure to find that.
    pub async fn delete_subscription(
        &self,
        tenant: &TenantId,
        id: SubscriptionId,
        kept_until: Timestamp,
    ) -> Result<Saved, StoreError> {
        let known = rows::write(&v1::deleted::Deleted::new(tenant, id, kept_until))?;
        self.table.put(known, None).await?;
        let row = key(keys::tenant(tenant), keys::subscription(id));
        let deleted = self.table.delete_if(row, Expression::new("attribute_exists(sort)")).await?;
        // Counted in any case: whoever deleted it may have died before.
        self.count_change(tenant).await?;
        Ok(deleted)
    }

    /// Counts a failed attempt at a subscription's endpoint, which took so many milliseconds;
    /// `None` if it was deleted. Its version stays: nothing that others have cached of it is
    /// concerned.
    pub async fn count_failure(
        &self,
        tenant: &TenantId,
        id: SubscriptionId,
        took_ms: u32,
    ) -> Result<Option<Health>, StoreError> {
        let update = Expression::new("ADD failed_attempts :one, failed_ms :took");
        let update = update.value(":one", number(1)).value(":took", number(took_ms));
        let row = key(keys::tenant(tenant), keys::subscription(id));
        let written = self.table.update_and_read(row, update, "attribute_exists(sort)").await?;
        let written = written.map(rows::read::<Subscription>).transpose()?;
        Ok(written.map(|subscription| subscription.health))
    }

    /// Notes a success after failures that were too few to count as failing; `Lost` if there were
    /// none, or too many: see [`Self::recover`].
    pub async fn clear_failures(
        &self,
        tenant: &TenantId,
        id: SubscriptionId,
    ) -> Result<Saved, StoreError> {
        let update = Expression::new("SET failed_attempts = :none, failed_ms = :none")
            .value(":none", number(0));
        let row = key(keys::tenant(tenant), keys::subscription(id));
        let condition = "failed_attempts > :none AND attribute_not_exists(failing_since)";
        self.table.update(row, update, Some(condition)).await
    }

    /// Counts a change of a tenant's subscriptions by itself, after it was made.
    pub(super) async fn count_change(&self, tenant: &TenantId) -> Result<(), StoreError> {
        let update = Expression::new("SET v = :v ADD changes :one");
        let update = update.value(":v", number(1)).value(":one", number(1));
        self.table.update(key(keys::tenant(tenant), keys::REVISION), update, None).await.map(|_| ())
    }

    /// A page of a tenant's subscriptions, in order of their creation.
    pub async fn subscriptions(
        &self,
        tenant: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<Subscription>, StoreError> {
        let sort = |found: &Subscription| keys::subscription(found.id);
        self.list(keys::tenant(tenant), Some(keys::SUBSCRIPTION_PREFIX), page, rows::read, sort)
            .await
    }

    /// How a tenant stands, read consistently.
    pub async fn revision(&self, tenant: &TenantId) -> Result<Revision, StoreError> {
        let found = self.table.get(keys::tenant(tenant), keys::REVISION.to_owned(), true).await?;
        found.map_or_else(|| Ok(Revision::default()), rows::read)
    }

    /// The next (up to 1,000) subscriptions of a tenant for fan-out, read consistently, and where
    /// to go on.
    pub async fn fanout_page(
        &self,
        tenant: &TenantId,
        cursor: Option<&str>,
    ) -> Result<(Vec<Subscription>, Option<String>), StoreError> {
        let query = Query {
            between: Some(keys::all_of(keys::SUBSCRIPTION_PREFIX)),
            start: cursor.map(|sort| key(keys::tenant(tenant), sort)),
            consistent: true,
            ..Query::of(keys::tenant(tenant))
        };
        let (items, next) = self.table.query(&query).await?;
        let next = next.map(Item).and_then(|item| item.optional_text("sort").map(str::to_owned));
        Ok((items.into_iter().map(rows::read).collect::<Result<_, _>>()?, next))
    }

    /// A page of one partition of the config table, in the caller's order.
    pub(super) async fn list<T>(
        &self,
        partition: String,
        prefix: Option<&'static str>,
        page: &PageRequest,
        read: impl Fn(Item) -> Result<T, StoreError>,
        sort: impl Fn(&T) -> String,
    ) -> Result<Page<T>, StoreError> {
        if let (Some(prefix), Some(cursor)) = (prefix, &page.cursor)
            && cursor.sort().strip_prefix(prefix).is_none_or(|rest| rest >= "~")
        {
            // One that was made up: DynamoDB refuses a start outside of what is asked for.
            return Ok(Page { items: Vec::new(), next: None });
        }
        let query = Query {
            between: prefix.map(keys::all_of),
            start: page.cursor.as_ref().map(|cursor| key(partition.as_str(), cursor.sort())),
            order: page.order,
            limit: i32::from(page.limit) + 1,
            consistent: true,
            ..Query::of(partition)
        };
        let items = self.table.query_all(query, usize::from(page.limit) + 1).await?;
        let entries = items.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::cut(entries, page.limit, sort))
    }

    fn count_up(&self, tenant: &TenantId) -> Result<TransactWriteItem, StoreError> {
        self.update_revision(tenant, "SET v = :v ADD changes :one", &[])
    }

    /// A change of what fan-out knows of a tenant; `:one` is 1, and `:v` the row's version.
    pub(super) fn update_revision(
        &self,
        tenant: &TenantId,
        update: &str,
        values: &[(&str, AttributeValue)],
    ) -> Result<TransactWriteItem, StoreError> {
        let mut call = Update::builder()
            .table_name(&self.table.name)
            .set_key(Some(key(keys::tenant(tenant), keys::REVISION)))
            .update_expression(update)
            .expression_attribute_values(":v", number(1))
            .expression_attribute_values(":one", number(1));
        for (name, value) in values {
            call = call.expression_attribute_values(*name, value.clone());
        }
        let update = call.build().map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// A page from the start that holds all of a short list.
#[must_use]
pub fn first_page(limit: u16) -> PageRequest {
    PageRequest { limit, cursor: None::<Cursor>, order: Order::Ascending }
}
