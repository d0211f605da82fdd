//! Idempotency keys: for 24 hours, a key names the event that it made.

use std::time::Duration;

use super::item::{Item, number};
use super::rows::{self, v1};
use super::stored::Made;
pub use super::stored::Origin;
use super::table::Expression;
use super::{LogStore, StoreError, keys};
use crate::core::id::EventId;
use crate::core::tenant::Tenant;
use crate::core::timestamp::Timestamp;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;

/// How long a key names its event.
pub const LIFETIME: Duration = Duration::from_hours(24);

/// What claiming a key came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The key is this event's now.
    Claimed,
    /// The key made this event before, from this.
    Taken(EventId, Origin),
}

impl LogStore {
    /// Claims `key` for `event`, in one conditional write.
    pub async fn claim(
        &self,
        tenant: &Tenant,
        key: &str,
        event: EventId,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Claim, StoreError> {
        let partition = keys::idempotency(tenant, key);
        let end = now.after(LIFETIME);
        let row = rows::write(&v1::idempotency::Idempotency::new(partition, event, origin, end))?;
        let free = Expression::new("attribute_not_exists(sort) OR expires_at <= :now")
            .value(":now", number(now.as_unix_seconds()));
        let mut call =
            self.table.client.put_item().table_name(&self.table.name).set_item(Some(row));
        call = call.condition_expression(free.text);
        for (name, value) in free.values {
            call = call.expression_attribute_values(name, value);
        }
        call = call
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = call.send().await else { return Ok(Claim::Claimed) };
        if let Some(PutItemError::ConditionalCheckFailedException(taken)) = error.as_service_error()
            && let Some(item) = taken.item.clone()
        {
            let Made { event, origin } = rows::read(Item(item))?;
            return Ok(Claim::Taken(event, origin));
        }
        Err(super::table::failed("PutItem", &error))
    }
}
