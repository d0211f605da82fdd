//! Hours whose deliveries were counted, so that they need not be counted again. Only who asks has them counted; a
//! delivery costs nothing for it, unless it changes long after its hour: then the count is marked as stale.

use std::time::Duration;

use super::delivery_item::number;
use super::item::{Item, NewItem, key};
use super::table::{Expression, Query};
use super::{LogStore, Saved, StoreError, keys};
use crate::delivery::Delivery;
use crate::id::{EventId, SubscriptionId};
use crate::statistics::{Counts, end_of, hour_of};
use crate::timestamp::Timestamp;

/// A row written so long after its hour says that the hour's count is stale.
const LATE_AFTER: Duration = Duration::from_mins(10);
/// An hour is counted for good so long after its end; what lies between is for clocks that differ and writes under way.
const KEPT_AFTER: Duration = Duration::from_mins(15);

/// What was counted of an hour.
#[derive(Debug, Clone)]
pub struct Counted {
    /// The counts.
    pub counts: Counts,
    /// Where the count goes on, from the newest event to the oldest; `None` if it is whole.
    pub through: Option<EventId>,
}

/// An hour's row.
#[derive(Debug, Clone)]
pub struct KeptHour {
    /// The hour's start.
    pub hour: Timestamp,
    /// What was counted of it, if that still holds.
    pub counted: Option<Counted>,
    /// Counts how often it was marked as stale; `None` for an hour without a row.
    stale: Option<u64>,
}

impl KeptHour {
    /// An hour without a row.
    #[must_use]
    pub const fn unknown(hour: Timestamp) -> Self {
        Self { hour, counted: None, stale: None }
    }

    /// Whether its count may be kept: nothing is written of it any more without saying so.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        end_of(self.hour).after(KEPT_AFTER) < now
    }
}

impl LogStore {
    /// The hours of a subscription from `first` to `last` that have a row, in order.
    pub async fn kept_hours(
        &self,
        subscription: SubscriptionId,
        first: Timestamp,
        last: Timestamp,
    ) -> Result<Vec<KeptHour>, StoreError> {
        let bounds = [first, last].map(|hour| aws_sdk_dynamodb::types::AttributeValue::S(sort(hour)));
        let [first, last] = bounds;
        let between = Some(("sort", first, last));
        let query = Query { between, consistent: true, ..Query::of(keys::statistics(subscription)) };
        self.table.query_all(query, usize::MAX).await?.iter().map(kept_hour).collect()
    }

    /// Keeps what was counted of an hour; `Lost` if it was marked as stale, or counted by another, since it was read.
    pub async fn keep_hour(
        &self,
        subscription: SubscriptionId,
        hour: &KeptHour,
        counted: &Counted,
    ) -> Result<Saved, StoreError> {
        let (stale, condition) = match hour.stale {
            None => (0, Expression::new("attribute_not_exists(sort)")),
            Some(seen) => (seen, Expression::new("stale = :seen").value(":seen", number(seen))),
        };
        let item = NewItem::new(keys::statistics(subscription), sort(hour.hour))
            .number("stale", stale)
            .number("counted_stale", stale)
            .json("counts", &counted.counts)?
            .number("expires_at", hour.hour.after(self.retention).as_unix_seconds())
            .optional(counted.through, |item, event| item.text("through", event.to_string()));
        self.table.put(item.build(), Some(condition)).await
    }

    /// Marks the hour of a delivery as stale if its row was written long after it.
    pub(super) async fn note_late(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let hour = hour_of(delivery.event.timestamp());
        if delivery.updated_at <= end_of(hour).after(LATE_AFTER) || delivery.is_test() {
            return Ok(());
        }
        let update = Expression::new("ADD stale :one SET expires_at = :expiry")
            .value(":one", number(1))
            .value(":expiry", number(hour.after(self.retention).as_unix_seconds()));
        let row = key(keys::statistics(delivery.subscription), sort(hour));
        self.table.update(row, update, None).await.map(|_| ())
    }
}

/// Hours since 1970, of fixed length.
fn sort(hour: Timestamp) -> String {
    format!("{:08}", hour.as_millis() / 3_600_000)
}

fn kept_hour(item: &Item) -> Result<KeptHour, StoreError> {
    let hours: i64 = item.parsed("sort")?;
    let stale = item.number("stale")?;
    let counted = match item.optional_number::<u64>("counted_stale")? {
        Some(counted) if counted == stale => Some(Counted {
            counts: item.json("counts")?,
            through: item.optional_text("through").map(|_| item.parsed("through")).transpose()?,
        }),
        _ => None,
    };
    Ok(KeptHour { hour: Timestamp::from_millis(hours * 3_600_000), counted, stale: Some(stale) })
}
