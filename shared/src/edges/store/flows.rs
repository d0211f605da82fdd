//! What each tenant published within a minute: one row, to which all processes of intake add what
//! they let in.

use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};

use super::item::{Item, key, number};
use super::rows;
use super::stored::Shared;
use super::{LogStore, StoreError, keys};
use crate::core::id::TenantId;
use crate::core::tenant::flow::{Telling, Told};

/// How long a row stays; after its minute it says nothing any more.
const KEPT: Duration = Duration::from_hours(1);

impl LogStore {
    /// Adds what a process let in of a tenant unless that is more than the limit has room for, and
    /// answers with what all of them let in, in one conditional write.
    pub async fn tell_flow(
        &self,
        tenant: &TenantId,
        limit: u32,
        telling: &Telling,
    ) -> Result<Told, StoreError> {
        let room = u64::from(limit).saturating_sub(telling.events);
        let row = key(keys::flow(tenant), telling.minute.to_string());
        let call = self.table.client.update_item().table_name(&self.table.name).set_key(Some(row));
        let call = call
            .update_expression(
                "SET v = :v, expires_at = :expires_at ADD let_in :let_in, tellers :tellers",
            )
            .condition_expression("attribute_not_exists(sort) OR let_in <= :room")
            .expression_attribute_values(
                ":expires_at",
                number(telling.minute.after(KEPT).as_unix_seconds()),
            )
            .expression_attribute_values(":v", number(1))
            .expression_attribute_values(":let_in", number(telling.events))
            .expression_attribute_values(":tellers", number(u8::from(telling.is_first)))
            .expression_attribute_values(":room", number(room))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let (is_added, row) = match call.send().await {
            Ok(written) => (true, written.attributes),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(full)) => {
                    (false, full.item.clone())
                }
                _ => return Err(super::table::failed("UpdateItem", &error)),
            },
        };
        let Shared { events, processes } = rows::read(Item(row.unwrap_or_default()))?;
        Ok(Told { is_added, events, processes })
    }
}
