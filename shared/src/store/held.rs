//! The held deliveries of a subscription: rows of the index `unsettled`, between those that wait otherwise or were given up.

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::Item;
use super::table::{Expression, Query};
use super::{LogStore, StoreError, keys};
use crate::delivery::Delivery;
use crate::id::{EventId, SubscriptionId};
use crate::page::Order;

/// Rows that one look for the newest takes: the newest are held, or none.
const LOOKED_AT: i32 = 25;

/// Held deliveries behind a certain one, oldest first.
#[derive(Debug)]
pub struct HeldPage {
    /// Those found.
    pub held: Vec<Delivery>,
    /// Up to where was looked; `None` for the end.
    pub looked_to: Option<EventId>,
}

impl LogStore {
    /// The next held deliveries of a subscription behind `after`, among the next `limit` that are not delivered.
    pub async fn held_after(
        &self,
        subscription: SubscriptionId,
        after: Option<EventId>,
        limit: usize,
    ) -> Result<HeldPage, StoreError> {
        let from = after.map(|event| format!("{event}~")).unwrap_or_default();
        let (filter, query) = (held(), unsettled(subscription));
        let query = Query {
            between: Some(("sort", AttributeValue::S(from), AttributeValue::S("~".to_owned()))),
            limit: i32::try_from(limit).unwrap_or(i32::MAX),
            filter: Some(&filter),
            ..query
        };
        let (items, next) = self.table.query(&query).await?;
        let looked_to = next.map(|next| Item(next).parsed("sort")).transpose()?;
        Ok(HeldPage { held: items.iter().map(Delivery::from_item).collect::<Result<_, _>>()?, looked_to })
    }

    /// The newest held delivery of a subscription.
    pub async fn newest_held(&self, subscription: SubscriptionId) -> Result<Option<Delivery>, StoreError> {
        let (filter, query) = (held(), unsettled(subscription));
        let query = Query { filter: Some(&filter), order: Order::Descending, limit: LOOKED_AT, ..query };
        let items = self.table.query_all(query, 1).await?;
        items.first().map(Delivery::from_item).transpose()
    }
}

fn unsettled(subscription: SubscriptionId) -> Query<'static> {
    Query { index: Some(keys::UNSETTLED_INDEX), partition: ("unsettled_of", subscription.to_string()), ..Query::of("") }
}

fn held() -> Expression {
    let held = AttributeValue::S("held".to_owned());
    Expression::new("#status = :held").name("#status", "status").value(":held", held)
}
