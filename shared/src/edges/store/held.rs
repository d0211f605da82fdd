//! The held deliveries of a subscription: rows of the index `unsettled`, between those that wait
//! otherwise or were given up.

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::Item;
use super::rows;
use super::table::{Expression, Query};
use super::{LogStore, StoreError, keys};
use crate::core::delivery::Delivery;
use crate::core::id::{EventId, SubscriptionId};
use crate::core::page::Order;

/// Rows that one query looks at where none of the first is held; DynamoDB reads 1 MB at most.
const LOOKED_AT: i32 = 1_000;
/// Such queries in one look.
const LOOKS: usize = 10;

/// Held deliveries behind a certain one, oldest first.
#[derive(Debug)]
pub struct HeldPage {
    /// Those found.
    pub held: Vec<Delivery>,
    /// Up to where was looked; `None` for the end.
    pub looked_to: Option<EventId>,
}

impl LogStore {
    /// The next held deliveries of a subscription behind `after`, among the next `limit` that are
    /// not delivered; or, if none of these is held, among many more.
    pub async fn held_after(
        &self,
        subscription: SubscriptionId,
        after: Option<EventId>,
        limit: usize,
    ) -> Result<HeldPage, StoreError> {
        // DynamoDB takes no empty text as a bound.
        let from = after.map_or_else(|| "evt_".to_owned(), |event| format!("{event}~"));
        let (filter, query) = (held(), unsettled(subscription));
        let mut query = Query {
            between: Some(("sort", AttributeValue::S(from), AttributeValue::S("~".to_owned()))),
            limit: i32::try_from(limit).unwrap_or(i32::MAX),
            filter: Some(&filter),
            ..query
        };
        let (mut items, mut next) = self.table.query(&query).await?;
        query.limit = LOOKED_AT;
        for _ in 0..LOOKS {
            if !items.is_empty() || next.is_none() {
                break;
            }
            query.start = next;
            (items, next) = self.table.query(&query).await?;
        }
        // A large page may bring more than are wanted: what is behind them is looked at next time.
        let looked_to = next.map(|next| Item(next).parsed("sort")).transpose()?;
        Ok(HeldPage {
            held: items.into_iter().map(rows::read).collect::<Result<_, _>>()?,
            looked_to,
        })
    }

    /// The newest held delivery of a subscription, or the oldest, if none of the newest rows that
    /// are not delivered is held; `None` if none of the oldest is either. Nobody reads them all for
    /// it.
    pub async fn newest_held(
        &self,
        subscription: SubscriptionId,
    ) -> Result<Option<Delivery>, StoreError> {
        let filter = held();
        for order in [Order::Descending, Order::Ascending] {
            let query =
                Query { filter: Some(&filter), order, limit: LOOKED_AT, ..unsettled(subscription) };
            let (items, next) = self.table.query(&query).await?;
            if let Some(found) = items.into_iter().next() {
                return rows::read(found).map(Some);
            }
            if next.is_none() {
                break;
            }
        }
        Ok(None)
    }
}

fn unsettled(subscription: SubscriptionId) -> Query<'static> {
    Query {
        index: Some(keys::UNSETTLED_INDEX),
        partition: ("unsettled_of", subscription.to_string()),
        ..Query::of("")
    }
}

fn held() -> Expression {
    let held = AttributeValue::S("held".to_owned());
    Expression::new("#status = :held").name("#status", "status").value(":held", held)
}
