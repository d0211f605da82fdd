//! Open breakers: a row each, from the failure that opens one to the success, or the change by
//! hand, that closes it.
//!
//! A row opens and closes in one transaction with its subscription's `failing_since`. What other
//! ways a subscription stops to fail (it is changed, disabled or deleted) leave the row to the
//! scheduler, which finds that it stands for nothing.

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, Update};

use super::item::{key, number};
use super::rows::{self, v1};
use super::table::{Expression, Query, pause};
use super::{ConfigStore, Saved, StoreError, keys};
use crate::core::id::{SubscriptionId, TenantId};
use crate::core::subscription::breaker::Breaker;
use crate::core::subscription::release::Release;
use crate::core::timestamp::Timestamp;

/// Breakers that a tick of the scheduler looks at.
const MOST: usize = 10_000;
/// How often a row is loaded anew when others write it at the same time.
const ROUNDS: usize = 5;

impl ConfigStore {
    /// The open breakers, 10,000 at most.
    pub async fn breakers(&self) -> Result<Vec<Breaker>, StoreError> {
        let items = self
            .table
            .query_all(Query { consistent: true, ..Query::of(keys::BREAKERS) }, MOST)
            .await?;
        items.into_iter().map(rows::read).collect()
    }

    /// Notes since when a subscription counts as failing, and opens its `breaker`, if it has one;
    /// `Lost` if that is noted already, or it was deleted.
    pub async fn mark_failing(
        &self,
        tenant: &TenantId,
        id: SubscriptionId,
        since: Timestamp,
        breaker: Option<&Breaker>,
    ) -> Result<Saved, StoreError> {
        let condition = "attribute_exists(sort) AND attribute_not_exists(failing_since)";
        let Some(breaker) = breaker else {
            let update = Expression::new("SET failing_since = :since")
                .value(":since", number(since.as_millis()));
            let row = key(keys::tenant(tenant), keys::subscription(id));
            return self.table.update(row, update, Some(condition)).await;
        };
        let update = self.update_of(tenant, id);
        let update =
            update.update_expression("SET failing_since = :since, has_open_breaker = :open");
        let update = update.condition_expression(condition);
        let update = update.expression_attribute_values(":open", AttributeValue::Bool(true));
        let update = update.expression_attribute_values(":since", number(since.as_millis()));
        self.table
            .transact(vec![
                written(update)?,
                self.put_write(rows::write(&v1::breaker::Breaker::from(breaker))?)?,
            ])
            .await
    }

    /// Notes a success of a failing subscription: its failures count no more, its breaker closes,
    /// and the `release` begins, if anything may be held. Answers since when it was failing; `None`
    /// if it was not, or others noted it already.
    pub async fn recover(
        &self,
        tenant: &TenantId,
        id: SubscriptionId,
        release: Option<&Release>,
    ) -> Result<Option<Timestamp>, StoreError> {
        for _ in 0..ROUNDS {
            let found = self.subscription(tenant, id).await?;
            let Some(since) = found.and_then(|found| found.health.failing_since) else {
                return Ok(None);
            };
            let update = self.update_of(tenant, id);
            let update = update.update_expression(
                "SET failed_attempts = :none, failed_ms = :none REMOVE failing_since, has_open_breaker",
            );
            let update = update.condition_expression("failing_since = :since");
            let update = update.expression_attribute_values(":none", number(0));
            let update = update.expression_attribute_values(":since", number(since.as_millis()));
            let row = key(keys::BREAKERS, id.to_string());
            let closed = Delete::builder().table_name(&self.table.name).set_key(Some(row)).build();
            let closed = closed.map_err(|error| StoreError::Corrupt(error.to_string()))?;
            let closed = TransactWriteItem::builder().delete(closed).build();
            let mut writes = vec![written(update)?, closed];
            if let Some(release) = release {
                writes.push(self.put_write(rows::write(&v1::release::Release::from(release))?)?);
            }
            if self.table.transact(writes).await? == Saved::Saved {
                return Ok(Some(since));
            }
            // Others count failures in the same row.
            pause().await;
        }
        Err(StoreError::Dynamo {
            operation: "TransactWriteItems",
            detail: "others wrote the same subscription each time".to_owned(),
            retryable: true,
        })
    }

    /// Writes when the next probe is due; `Lost` if `read` is no longer how it stands.
    pub async fn save_breaker(&self, read: &Breaker, next: &Breaker) -> Result<Saved, StoreError> {
        let row = rows::write(&v1::breaker::Breaker::from(next))?;
        self.table.put(row, Some(as_read(read))).await
    }

    /// Removes a breaker that stands for nothing any more; `Lost` if it is no longer as it was
    /// read.
    pub async fn end_breaker(&self, read: &Breaker) -> Result<Saved, StoreError> {
        self.table
            .delete_if(key(keys::BREAKERS, read.subscription.to_string()), as_read(read))
            .await
    }

    fn update_of(&self, tenant: &TenantId, id: SubscriptionId) -> UpdateBuilder {
        let row = key(keys::tenant(tenant), keys::subscription(id));
        Update::builder().table_name(&self.table.name).set_key(Some(row))
    }
}

fn written(update: UpdateBuilder) -> Result<TransactWriteItem, StoreError> {
    let update = update.build().map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

fn as_read(breaker: &Breaker) -> Expression {
    Expression::new("opened_at = :opened AND next_probe_at = :next")
        .value(":opened", number(breaker.opened_at.as_millis()))
        .value(":next", number(breaker.next_probe_at.as_millis()))
}
