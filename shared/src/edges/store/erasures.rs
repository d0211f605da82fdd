//! Erasures of tenants: the running ones, which the scheduler works on, and the last one of each
//! tenant.

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};

use super::events::EventRow;
use super::item::{Attributes, Item, key, number};
use super::rows::{self, v1};
use super::table::{Expression, Query};
use super::{ConfigStore, LogStore, Saved, StoreError, keys};
use crate::core::erasure::{Erasure, What};
use crate::core::id::{EventId, SubscriptionId, TenantId};
use crate::core::timestamp::Timestamp;

/// Rows that one step of an erasure looks at.
const STEP: i32 = 100;

/// Some rows of a partition, and whether it has more.
#[derive(Debug)]
pub struct Step<T> {
    /// What was found.
    pub rows: Vec<T>,
    /// Whether there is more after the last one.
    pub more: bool,
}

impl ConfigStore {
    /// The running erasures, 1,000 at most.
    pub async fn erasures(&self) -> Result<Vec<Erasure>, StoreError> {
        let (items, _) =
            self.table.query(&Query { consistent: true, ..Query::of(keys::ERASURES) }).await?;
        items.into_iter().map(rows::read).collect()
    }

    /// The erasure of a tenant: the running one, or the last.
    pub async fn erasure(&self, tenant: &TenantId) -> Result<Option<Erasure>, StoreError> {
        for partition in [keys::ERASURES, keys::ERASED] {
            if let Some(found) =
                self.table.get(partition.to_owned(), tenant.to_string(), true).await?
            {
                return rows::read(found).map(Some);
            }
        }
        Ok(None)
    }

    /// Writes a running erasure as it was asked for. With it, in one transaction, fan-out learns
    /// what not to record any more; and where everything goes, the tenant is gone. `Lost` if it
    /// stands otherwise than it was loaded (revision 0: if there is one).
    pub async fn begin_erasure(&self, erasure: &Erasure) -> Result<Saved, StoreError> {
        let put = Put::builder()
            .table_name(&self.table.name)
            .set_item(Some(row(keys::ERASURES, erasure)?));
        let put = match erasure.revision {
            0 => put.condition_expression("attribute_not_exists(sort)"),
            loaded => put
                .condition_expression("revision = :loaded")
                .expression_attribute_values(":loaded", number(loaded)),
        };
        let built =
            |error: aws_sdk_dynamodb::error::BuildError| StoreError::Corrupt(error.to_string());
        let put = TransactWriteItem::builder().put(put.build().map_err(built)?).build();
        let until = number(erasure.created_at.as_millis());
        let mut writes = vec![put];
        match erasure.what {
            What::Payloads => {
                let set = "SET v = :v, payloads_erased_until = :until ADD changes :one";
                writes.push(self.update_revision(&erasure.tenant, set, &[(":until", until)])?);
            }
            What::Everything => {
                let set =
                    "SET v = :v, erased_until = :until REMOVE retention_days ADD changes :one";
                writes.push(self.update_revision(&erasure.tenant, set, &[(":until", until)])?);
                let tenant = Delete::builder().table_name(&self.table.name);
                let tenant = tenant.set_key(Some(key(keys::TENANTS, erasure.tenant.to_string())));
                writes.push(
                    TransactWriteItem::builder().delete(tenant.build().map_err(built)?).build(),
                );
            }
        }
        self.table.transact(writes).await
    }

    /// Writes how far a running erasure is; `Lost` if it was changed since it was loaded.
    pub async fn save_erasure(&self, erasure: &mut Erasure) -> Result<Saved, StoreError> {
        let loaded =
            Expression::new("revision = :loaded").value(":loaded", number(erasure.revision));
        let saved = self.table.put(row(keys::ERASURES, erasure)?, Some(loaded)).await?;
        if saved == Saved::Saved {
            erasure.revision += 1;
        }
        Ok(saved)
    }

    /// Puts an erasure that is done where it is found, and not worked on.
    pub async fn end_erasure(&self, erasure: &Erasure) -> Result<(), StoreError> {
        self.table.put(row(keys::ERASED, erasure)?, None).await?;
        let seen = Expression::new("revision = :seen").value(":seen", number(erasure.revision));
        self.table
            .delete_if(key(keys::ERASURES, erasure.tenant.to_string()), seen)
            .await
            .map(|_| ())
    }

    /// Removes the keys of a tenant and up to `most` of its subscriptions, which stay known as
    /// deleted ones; answers whether none is left.
    pub async fn remove_keys_and_subscriptions(
        &self,
        tenant: &TenantId,
        most: usize,
        kept_until: Timestamp,
    ) -> Result<bool, StoreError> {
        for key in self.api_keys(tenant).await? {
            self.delete_api_key(tenant, key.id).await?;
        }
        let query = Query {
            between: Some(keys::all_of(keys::SUBSCRIPTION_PREFIX)),
            ..Query::of(keys::tenant(tenant))
        };
        let rows = self.table.query_all(Query { consistent: true, ..query }, most + 1).await?;
        for row in rows.iter().take(most) {
            let id = row.text("sort")?.trim_start_matches(keys::SUBSCRIPTION_PREFIX).parse();
            let id = id.map_err(|_| StoreError::Corrupt("a subscription's id".to_owned()))?;
            self.delete_subscription(tenant, id, kept_until).await?;
        }
        Ok(rows.len() <= most)
    }

    /// The next subscription of a tenant in order of their ids, deleted ones among them as long as
    /// something may be on record of them.
    pub async fn next_subscription(
        &self,
        tenant: &TenantId,
        after: Option<SubscriptionId>,
    ) -> Result<Option<SubscriptionId>, StoreError> {
        let mut next = None;
        for prefix in [keys::SUBSCRIPTION_PREFIX, keys::DELETED_PREFIX] {
            let start = after.map(|id| key(keys::tenant(tenant), format!("{prefix}{id}")));
            let between = Some(keys::all_of(prefix));
            let query = Query {
                between,
                start,
                limit: 1,
                consistent: true,
                ..Query::of(keys::tenant(tenant))
            };
            for row in self.table.query(&query).await?.0 {
                let id = row.text("sort")?.trim_start_matches(prefix).parse();
                let id = id.map_err(|_| StoreError::Corrupt("a subscription's id".to_owned()))?;
                next = Some(next.map_or(id, |other: SubscriptionId| other.min(id)));
            }
        }
        Ok(next)
    }

    /// Forgets a deleted subscription: nothing is on record of it any more.
    pub async fn forget_subscription(
        &self,
        tenant: &TenantId,
        id: SubscriptionId,
    ) -> Result<(), StoreError> {
        self.table.delete(keys::tenant(tenant), keys::deleted_subscription(id)).await
    }
}

impl LogStore {
    /// The next events of one shard of a tenant, oldest first, expired ones among them.
    pub async fn event_rows(
        &self,
        tenant: &TenantId,
        shard: u8,
        after: Option<EventId>,
    ) -> Result<Step<EventRow>, StoreError> {
        self.step(keys::events(tenant, shard), after, rows::read).await
    }

    /// The events of the next deliveries of one shard of a subscription, oldest first, expired ones
    /// among them.
    pub async fn delivery_rows(
        &self,
        subscription: SubscriptionId,
        shard: u8,
        after: Option<EventId>,
    ) -> Result<Step<EventId>, StoreError> {
        self.step(keys::deliveries(subscription, shard), after, |item| item.parsed("sort")).await
    }

    /// Removes an event with its payload.
    pub async fn delete_event(
        &self,
        tenant: &TenantId,
        event: &EventRow,
    ) -> Result<(), StoreError> {
        if event.chunked {
            self.delete_payload(event.id).await?;
        }
        self.table.delete(keys::events(tenant, keys::shard(event.id)), event.id.to_string()).await
    }

    /// Removes a delivery.
    pub async fn delete_delivery(
        &self,
        subscription: SubscriptionId,
        event: EventId,
    ) -> Result<(), StoreError> {
        self.table
            .delete(keys::deliveries(subscription, keys::shard(event)), event.to_string())
            .await
    }

    /// Removes what is on record of a subscription beside its deliveries.
    pub async fn delete_sundries(&self, subscription: SubscriptionId) -> Result<(), StoreError> {
        for partition in
            [keys::pace(subscription), keys::statistics(subscription), keys::resends(subscription)]
        {
            let rows = self.table.query_all(Query::of(partition.as_str()), usize::MAX).await?;
            for row in rows {
                self.table.delete(partition.clone(), row.text("sort")?.to_owned()).await?;
            }
        }
        Ok(())
    }

    async fn step<T>(
        &self,
        partition: String,
        after: Option<EventId>,
        read: impl Fn(Item) -> Result<T, StoreError>,
    ) -> Result<Step<T>, StoreError> {
        let start = after.map(|event| key(partition.as_str(), event.to_string()));
        let query = Query { start, limit: STEP, consistent: true, ..Query::of(partition) };
        let (items, next) = self.table.query(&query).await?;
        Ok(Step {
            rows: items.into_iter().map(read).collect::<Result<_, _>>()?,
            more: next.is_some(),
        })
    }
}

fn row(partition: &str, erasure: &Erasure) -> Result<Attributes, StoreError> {
    rows::write(&v1::erasure::Erasure::new(partition, erasure))
}
