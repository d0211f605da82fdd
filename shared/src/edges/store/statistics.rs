//! Hours whose deliveries were counted, so that they need not be counted again. Only who asks has
//! them counted; a delivery costs nothing for it, unless it changes long after its hour: then that
//! is announced, and the count is void.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::{key, number};
use super::rows::{self, v1};
pub use super::stored::{Counted, KeptHour};
use super::table::{Expression, Query};
use super::{LogStore, Saved, StoreError, keys};
use crate::core::delivery::Delivery;
use crate::core::id::SubscriptionId;
use crate::core::statistics::{end_of, hour_of};
use crate::core::timestamp::Timestamp;

/// A row written so long after its hour says so before, and the hour's count holds no more.
const LATE_AFTER: Duration = Duration::from_mins(10);

/// When a late write was announced of an hour that has had none.
const NEVER: Timestamp = Timestamp::from_millis(0);

impl LogStore {
    /// The hours of a subscription from `first` to `last` that have a row, in order.
    pub async fn kept_hours(
        &self,
        subscription: SubscriptionId,
        first: Timestamp,
        last: Timestamp,
    ) -> Result<Vec<KeptHour>, StoreError> {
        let [first, last] = [first, last].map(|hour| AttributeValue::S(keys::hour(hour)));
        let between = Some(("sort", first, last));
        let query =
            Query { between, consistent: true, ..Query::of(keys::statistics(subscription)) };
        self.table.query_all(query, usize::MAX).await?.into_iter().map(rows::read).collect()
    }

    /// Keeps what was counted of an hour; `Lost` if a late write was announced, or another counted
    /// it, since it was read.
    pub async fn keep_hour(
        &self,
        subscription: SubscriptionId,
        hour: &KeptHour,
        counted: &Counted,
    ) -> Result<Saved, StoreError> {
        let (late_at, condition) = match hour.late_at {
            None => (NEVER, Expression::new("attribute_not_exists(sort)")),
            Some(seen) => {
                let as_seen = Expression::new("late_at = :seen");
                (seen, as_seen.value(":seen", number(seen.as_millis())))
            }
        };
        let end = hour.hour.after(self.retention);
        let row = v1::hour::Hour::new(subscription, hour.hour, counted, (late_at, end));
        self.table.put(rows::write(&row)?, Some(condition)).await
    }

    /// Announces that a delivery's row is about to be written, if that is long after its hour. It
    /// goes before the write, for a crash after the write would leave a count that does not hold.
    pub(super) async fn note_late(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let hour = hour_of(delivery.event.timestamp());
        if delivery.updated_at <= end_of(hour).after(LATE_AFTER) || delivery.is_test() {
            return Ok(());
        }
        let update = Expression::new("SET v = :v, late_at = :now, expires_at = :expiry")
            .value(":v", number(1))
            .value(":now", number(delivery.updated_at.as_millis()))
            .value(":expiry", number(hour.after(self.retention).as_unix_seconds()));
        let row = key(keys::statistics(delivery.subscription), keys::hour(hour));
        self.table.update(row, update, None).await.map(|_| ())
    }
}
