//! Deliveries: one row each, its attempts inside.

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::{Attributes, Item, key, number};
use super::merged::{Merged, range};
use super::rounds::rounds;
use super::rows::{self, v1};
use super::table::{Expression, Query};
use super::wanted::Wanted;
use super::{LogStore, Saved, StoreError, keys};
use crate::core::delivery::Delivery;
use crate::core::id::{EventId, ResendId, SubscriptionId, TenantId};
use crate::core::page::{Page, PageRequest};
use crate::core::timestamp::Timestamp;

/// Rows that one request for a page looks at, where few of them are wanted.
const MOST_READ: usize = 5_000;

/// What changing a row came to.
#[derive(Debug)]
pub enum Change {
    /// It stands so now.
    Changed(Delivery),
    /// There was nothing to change.
    AsItWas(Delivery),
    /// It is no longer on record.
    Gone,
    /// Others wrote it each time.
    Contended,
}

/// A parked delivery that falls due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Whose.
    pub tenant: TenantId,
    /// To whom.
    pub subscription: SubscriptionId,
    /// What.
    pub event: EventId,
    /// When.
    pub due_at: Timestamp,
}

impl LogStore {
    /// The row of one delivery, read consistently.
    pub async fn delivery(
        &self,
        subscription: SubscriptionId,
        event: EventId,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        let partition = keys::deliveries(subscription, keys::shard(event));
        let found = self.table.get(partition, event.to_string(), true).await?;
        found.filter(|item| !item.is_expired(now)).map(rows::read).transpose()
    }

    /// Writes the row if it still stands as `delivery` was loaded (`revision` 0: if there is none).
    pub async fn save_delivery(&self, delivery: &Delivery) -> Result<Saved, StoreError> {
        let condition = match delivery.revision {
            0 => Expression::new("attribute_not_exists(sort)"),
            loaded => Expression::new("revision = :loaded").value(":loaded", number(loaded)),
        };
        let expires_at = self.expiry(delivery.event, delivery.expires_at);
        let item = rows::write(&v1::delivery::Delivery::new(delivery, expires_at))?;
        self.note_late(delivery).await?;
        self.table.put(item, Some(condition)).await
    }

    /// Changes a row as it then stands, `row` being how it was read.
    pub async fn change_delivery(
        &self,
        mut row: Delivery,
        now: Timestamp,
        mut change: impl FnMut(&mut Delivery) -> bool,
    ) -> Result<Change, StoreError> {
        for () in rounds() {
            if !change(&mut row) {
                return Ok(Change::AsItWas(row));
            }
            if self.save_delivery(&row).await? == Saved::Saved {
                return Ok(Change::Changed(row));
            }
            match self.delivery(row.subscription, row.event, now).await? {
                Some(fresh) => row = fresh,
                None => return Ok(Change::Gone),
            }
        }
        Ok(Change::Contended)
    }

    /// The deliveries of `event` to those of the `subscriptions` (100 at most) that have a row.
    pub async fn deliveries_of_event(
        &self,
        event: EventId,
        subscriptions: &[SubscriptionId],
        now: Timestamp,
    ) -> Result<Vec<Delivery>, StoreError> {
        let shard = keys::shard(event);
        let rows = subscriptions
            .iter()
            .map(|id| key(keys::deliveries(*id, shard), event.to_string()))
            .collect();
        let found = self.table.get_many(rows, true).await?;
        found.into_iter().filter(|item| !item.is_expired(now)).map(rows::read).collect()
    }

    /// Those of a subscription's deliveries of `events` (100 at most) that have a row.
    pub async fn deliveries_to(
        &self,
        subscription: SubscriptionId,
        events: &[EventId],
        now: Timestamp,
    ) -> Result<Vec<Delivery>, StoreError> {
        let found = self
            .table
            .get_many(events.iter().map(|event| row(subscription, *event)).collect(), true)
            .await?;
        found.into_iter().filter(|item| !item.is_expired(now)).map(rows::read).collect()
    }

    /// A page of a subscription's deliveries whose events were accepted in `from..=to`, in order of
    /// the events. Where few of them are wanted a page may be short, even empty, and still have a
    /// next one.
    pub async fn deliveries(
        &self,
        subscription: SubscriptionId,
        wanted: &Wanted,
        (from, to): (Timestamp, Timestamp),
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<Delivery>, StoreError> {
        self.deliveries_read(subscription, wanted, (from, to), page, now, false).await
    }

    /// As [`Self::deliveries`], of all of them, and read consistently: for what is counted and
    /// kept. Who counts needs all of them sooner or later: a page is what one look into each shard
    /// brings, and nearly nothing is read twice.
    pub async fn deliveries_to_count(
        &self,
        subscription: SubscriptionId,
        range: (Timestamp, Timestamp),
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<Delivery>, StoreError> {
        self.deliveries_read(subscription, &Wanted::default(), range, page, now, true).await
    }

    async fn deliveries_read(
        &self,
        subscription: SubscriptionId,
        wanted: &Wanted,
        (from, to): (Timestamp, Timestamp),
        page: &PageRequest,
        now: Timestamp,
        to_count: bool,
    ) -> Result<Page<Delivery>, StoreError> {
        let Some(between) = range(from, to, page) else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        let lane = |index, partition| Query {
            consistent: to_count,
            partition,
            between: Some(("sort", between.0.clone(), between.1.clone())),
            index,
            order: page.order,
            ..Query::of("")
        };
        let lanes = if wanted.is_unsettled() {
            vec![lane(Some(keys::UNSETTLED_INDEX), ("unsettled_of", subscription.to_string()))]
        } else {
            let shard = |shard| lane(None, ("partition", keys::deliveries(subscription, shard)));
            (0..keys::SHARDS).map(shard).collect()
        };
        let read = |item: Item| {
            let alive = Some(item).filter(|item| !item.is_expired(now));
            let delivery = alive.map(rows::read::<Delivery>).transpose()?;
            Ok(delivery.filter(|delivery| wanted.wants(delivery)))
        };
        let most_read = if to_count { usize::from(page.limit) } else { MOST_READ };
        let merged = Merged {
            table: &self.table,
            lanes,
            most_read,
            read,
            event: |row: &Delivery| row.event,
        };
        merged.page(usize::from(page.limit), page.order).await
    }

    /// Up to `limit` deliveries of a subscription that wait for an attempt, oldest first: pending
    /// and held ones on record.
    pub async fn waiting(
        &self,
        subscription: SubscriptionId,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        let waiting = Expression::new("#status IN (:pending, :held)")
            .name("#status", "status")
            .value(":pending", AttributeValue::S("pending".to_owned()))
            .value(":held", AttributeValue::S("held".to_owned()));
        let query = Query {
            index: Some(keys::UNSETTLED_INDEX),
            partition: ("unsettled_of", subscription.to_string()),
            filter: Some(&waiting),
            ..Query::of("")
        };
        let items = self.table.query_all(query, limit).await?;
        items.into_iter().map(rows::read).collect()
    }

    /// Parked deliveries of one shard that fall due by `by`, earliest first, 1,000 at most.
    pub async fn due(&self, shard: u8, by: Timestamp) -> Result<Vec<Due>, StoreError> {
        let query = Query {
            index: Some(keys::DUE_INDEX),
            between: Some(("due_at", number(0), number(by.as_millis()))),
            partition: ("due_shard", keys::due(shard)),
            ..Query::of("")
        };
        let (items, _) = self.table.query(&query).await?;
        let due = |item: &Item| {
            Ok(Due {
                tenant: item.parsed("tenant")?,
                subscription: keys::subscription_of(item.text("partition")?)?,
                event: item.parsed("sort")?,
                due_at: item.time("due_at")?,
            })
        };
        items.iter().map(due).collect()
    }

    /// Notes that the message `carrier` now carries a parked delivery; `Lost` if it is not parked
    /// until then any more.
    pub async fn unpark(&self, due: &Due, carrier: &str) -> Result<Saved, StoreError> {
        let update = Expression::new(
            "SET carrier = :carrier, revision = revision + :one REMOVE due_at, due_shard",
        )
        .value(":carrier", AttributeValue::S(carrier.to_owned()))
        .value(":one", number(1))
        .value(":seen", number(due.due_at.as_millis()));
        self.table.update(row(due.subscription, due.event), update, Some("due_at = :seen")).await
    }

    /// Notes that the message `carrier` now carries a held delivery; `Lost` if it does not stand as
    /// it was read any more: the message was faster, and what became of the delivery is not to be
    /// undone.
    pub async fn release(
        &self,
        held: &Delivery,
        carrier: &str,
        now: Timestamp,
    ) -> Result<Saved, StoreError> {
        let text = "SET #status = :pending, carrier = :carrier, updated_at = :now, revision = revision + :one REMOVE reason";
        let update = Expression::new(text)
            .name("#status", "status")
            .value(":pending", AttributeValue::S("pending".to_owned()))
            .value(":carrier", AttributeValue::S(carrier.to_owned()))
            .value(":one", number(1))
            .value(":held", AttributeValue::S("held".to_owned()))
            .value(":now", number(now.as_millis()))
            .value(":loaded", number(held.revision));
        let condition = "#status = :held AND revision = :loaded";
        self.table.update(row(held.subscription, held.event), update, Some(condition)).await
    }

    /// Notes that a resend of a delivery was asked for; `Lost` if there is no such delivery.
    pub async fn ask_resend(
        &self,
        subscription: SubscriptionId,
        event: EventId,
        resend: ResendId,
    ) -> Result<Saved, StoreError> {
        let update = Expression::new("SET resend = :resend, revision = revision + :one")
            .value(":resend", AttributeValue::S(resend.to_string()))
            .value(":one", number(1));
        self.table.update(row(subscription, event), update, Some("attribute_exists(sort)")).await
    }
}

fn row(subscription: SubscriptionId, event: EventId) -> Attributes {
    key(keys::deliveries(subscription, keys::shard(event)), event.to_string())
}
