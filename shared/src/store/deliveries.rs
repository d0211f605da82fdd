//! Deliveries: one row each, its attempts inside.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;

use super::delivery_item::number;
use super::item::key;
use super::table::{Expression, Query};
use super::{LogStore, Saved, StoreError, keys};
use crate::delivery::Delivery;
use crate::id::{EventId, ResendId, SubscriptionId, TenantId};
use crate::page::{Order, Page, PageRequest};
use crate::timestamp::Timestamp;

/// Which deliveries of a subscription are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All.
    All,
    /// Those delivered.
    Delivered,
    /// Those not delivered, whatever they wait for or ended by. Reads no other rows.
    NotDelivered,
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
        found.filter(|item| !item.is_expired(now)).map(|item| Delivery::from_item(&item)).transpose()
    }

    /// Writes the row if it still stands as `delivery` was loaded (`revision` 0: if there is none).
    pub async fn save_delivery(&self, delivery: &Delivery) -> Result<Saved, StoreError> {
        let condition = match delivery.revision {
            0 => Expression::new("attribute_not_exists(sort)"),
            loaded => Expression::new("revision = :loaded").value(":loaded", number(loaded)),
        };
        let item = delivery.to_item(self.expiry(delivery.event.timestamp()))?;
        self.table.put(item, Some(condition)).await
    }

    /// The deliveries of `event` to those of the `subscriptions` (100 at most) that have a row.
    pub async fn deliveries_of_event(
        &self,
        event: EventId,
        subscriptions: &[SubscriptionId],
        now: Timestamp,
    ) -> Result<Vec<Delivery>, StoreError> {
        let shard = keys::shard(event);
        let rows = subscriptions.iter().map(|id| key(keys::deliveries(*id, shard), event.to_string())).collect();
        let found = self.table.get_many(rows).await?;
        found.iter().filter(|item| !item.is_expired(now)).map(Delivery::from_item).collect()
    }

    /// A page of a subscription's deliveries whose events were accepted in `from..=to`, in order of the events.
    pub async fn deliveries(
        &self,
        subscription: SubscriptionId,
        wanted: Wanted,
        (from, to): (Timestamp, Timestamp),
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<Delivery>, StoreError> {
        let between = range(from, to, page);
        let Some(between) = between else { return Ok(Page { items: Vec::new(), next: None }) };
        let alive = Expression::new("expires_at > :now").value(":now", number(now.as_unix_seconds()));
        let delivered = Expression::new("expires_at > :now AND #status = :delivered")
            .name("#status", "status")
            .value(":now", number(now.as_unix_seconds()))
            .value(":delivered", AttributeValue::S("delivered".to_owned()));
        let limit = usize::from(page.limit) + 1;
        let query = |partition| Query {
            partition,
            between: Some(("sort", between.0.clone(), between.1.clone())),
            index: (wanted == Wanted::NotDelivered).then_some(keys::UNSETTLED_INDEX),
            filter: Some(if wanted == Wanted::Delivered { &delivered } else { &alive }),
            order: page.order,
            limit: i32::from(page.limit) + 1,
            ..Query::of("")
        };
        let items = if wanted == Wanted::NotDelivered {
            self.table.query_all(query(("unsettled_of", subscription.to_string())), limit).await?
        } else {
            let shard =
                |shard| self.table.query_all(query(("partition", keys::deliveries(subscription, shard))), limit);
            try_join_all((0..keys::SHARDS).map(shard)).await?.into_iter().flatten().collect()
        };
        let mut deliveries = items.iter().map(Delivery::from_item).collect::<Result<Vec<_>, _>>()?;
        in_order(&mut deliveries, page.order, |delivery| delivery.event);
        Ok(Page::cut(deliveries, page.limit, |delivery| delivery.event.to_string()))
    }

    /// Up to `limit` held deliveries of a subscription, oldest first.
    pub async fn held(&self, subscription: SubscriptionId, limit: usize) -> Result<Vec<Delivery>, StoreError> {
        let held = Expression::new("#status = :held")
            .name("#status", "status")
            .value(":held", AttributeValue::S("held".to_owned()));
        let query = Query {
            index: Some(keys::UNSETTLED_INDEX),
            partition: ("unsettled_of", subscription.to_string()),
            filter: Some(&held),
            ..Query::of("")
        };
        let items = self.table.query_all(query, limit).await?;
        items.iter().map(Delivery::from_item).collect()
    }

    /// Up to `limit` deliveries of a subscription that wait for an attempt, oldest first: pending and held ones on record.
    pub async fn waiting(&self, subscription: SubscriptionId, limit: usize) -> Result<Vec<Delivery>, StoreError> {
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
        items.iter().map(Delivery::from_item).collect()
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
        let due = |item: &super::item::Item| {
            let partition = item.text("partition")?;
            let subscription = partition.split('#').nth(1).and_then(|id| id.parse().ok());
            Ok(Due {
                tenant: item.parsed("tenant")?,
                subscription: subscription.ok_or_else(|| StoreError::Corrupt(partition.to_owned()))?,
                event: item.parsed("sort")?,
                due_at: item.time("due_at")?,
            })
        };
        items.iter().map(due).collect()
    }

    /// Notes that the message `carrier` now carries a parked delivery; `Lost` if it is not parked until then any more.
    pub async fn unpark(&self, due: &Due, carrier: &str) -> Result<Saved, StoreError> {
        let update = Expression::new("SET carrier = :carrier, revision = revision + :one REMOVE due_at, due_shard")
            .value(":carrier", AttributeValue::S(carrier.to_owned()))
            .value(":one", number(1))
            .value(":seen", number(due.due_at.as_millis()));
        self.table.update(row(due.subscription, due.event), update, Some("due_at = :seen")).await
    }

    /// Notes that the message `carrier` now carries a held delivery; `Lost` if it is not held any more.
    pub async fn release(&self, held: &Delivery, carrier: &str) -> Result<Saved, StoreError> {
        let text = "SET #status = :pending, carrier = :carrier, revision = revision + :one REMOVE reason";
        let update = Expression::new(text)
            .name("#status", "status")
            .value(":pending", AttributeValue::S("pending".to_owned()))
            .value(":carrier", AttributeValue::S(carrier.to_owned()))
            .value(":one", number(1))
            .value(":held", AttributeValue::S("held".to_owned()));
        self.table.update(row(held.subscription, held.event), update, Some("#status = :held")).await
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

fn row(subscription: SubscriptionId, event: EventId) -> super::item::Attributes {
    key(keys::deliveries(subscription, keys::shard(event)), event.to_string())
}

/// Where ids of events start and end that were accepted in `from..=to` and that the cursor has not shown; `None` if
/// there can be none.
pub(super) fn range(from: Timestamp, to: Timestamp, page: &PageRequest) -> Option<(AttributeValue, AttributeValue)> {
    let mut first = EventId::first_at(from).to_string();
    let mut last = EventId::new(to, u128::MAX).to_string();
    if let Some(cursor) = &page.cursor {
        let seen = cursor.sort();
        match page.order {
            Order::Ascending => first = first.max(format!("{seen}!")),
            Order::Descending => last = last.min(just_before(seen)),
        }
    }
    (first <= last).then_some((AttributeValue::S(first), AttributeValue::S(last)))
}

/// A text that sorts before `seen` and after every id that does.
fn just_before(seen: &str) -> String {
    let mut text = seen.to_owned();
    if let Some(last) = text.pop() {
        // Ids are made of digits and capitals: the character before one in ASCII, then '~', sorts in between.
        text.push(char::from(u8::try_from(last).unwrap_or(1).saturating_sub(1)));
        text.push('~');
    }
    text
}

pub(super) fn in_order<T>(entries: &mut [T], order: Order, id: impl Fn(&T) -> EventId) {
    entries.sort_by(|a, b| match order {
        Order::Ascending => id(a).cmp(&id(b)),
        Order::Descending => id(b).cmp(&id(a)),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_bounds_of_a_page_leave_out_what_was_seen_and_nothing_else(a in 1i64..1 << 41, r: u128, s: u128) {
            let id = |random| EventId::new(Timestamp::from_millis(a), random).to_string();
            let (seen, other) = (id(r), id(s));
            prop_assume!(seen != other);
            prop_assert_eq!(other < seen, other <= just_before(&seen));
            prop_assert_eq!(other > seen, other >= format!("{seen}!"));
            let around = just_before(&seen) < seen && format!("{seen}!") > seen;
            prop_assert!(around);
        }
    }
}
