//! The row of a delivery. One that succeeds at once is within one write unit (1 KB).

use super::item::{Attributes, Item, NewItem};
use super::{StoreError, keys};
use crate::core::delivery::next::Next;
use crate::core::delivery::{Delivery, Status};
use crate::core::timestamp::Timestamp;

impl Delivery {
    pub(super) fn to_item(&self, expires_at: i64) -> Result<Attributes, StoreError> {
        let shard = keys::shard(self.event);
        let item = NewItem::new(keys::deliveries(self.subscription, shard), self.event.to_string())
            .text("tenant", self.tenant.as_str())
            .text("event_type", self.event_type.as_str())
            .text("status", self.status.as_str())
            .json("attempts", &self.attempts)?
            .number("attempt_count", self.attempt_count)
            .number("scheduled_attempts", self.scheduled_attempts)
            .time("updated_at", self.updated_at)
            .number("revision", self.revision + 1)
            .number("expires_at", expires_at)
            .optional(self.next.at(), |item, at| item.time("next_attempt_at", at))
            .optional(self.next.carrier(), |item, id| item.text("carrier", id))
            .optional(self.slot_at, |item, at| item.time("slot_at", at))
            .optional(self.resend, |item, id| item.text("resend", id.to_string()))
            .optional(self.resend_slot_at, |item, at| item.time("resend_slot_at", at))
            .optional(self.next.due_at(), |item, at| {
                item.time("due_at", at).text("due_shard", keys::due(shard))
            });
        let item = match &self.ending {
            Some(ending) => item.json("ending", ending)?,
            None => item,
        };
        let item = match &self.reason {
            Some(reason) => item.json("reason", reason)?,
            None => item,
        };
        let unsettled = (self.status != Status::Delivered && !self.is_test())
            .then(|| self.subscription.to_string());
        Ok(item.optional(unsettled, |item, of| item.text("unsettled_of", of)).build())
    }

    pub(super) fn from_item(item: &Item) -> Result<Self, StoreError> {
        let partition = item.text("partition")?;
        let subscription = partition.split('#').nth(1).and_then(|id| id.parse().ok());
        let corrupt = || StoreError::Corrupt(format!("partition {partition} is not a delivery's"));
        let status = item.parsed("status")?;
        Ok(Self {
            tenant: item.parsed("tenant")?,
            subscription: subscription.ok_or_else(corrupt)?,
            event: item.parsed("sort")?,
            event_type: item.parsed("event_type")?,
            status,
            reason: item.optional_text("reason").map(|_| item.json("reason")).transpose()?,
            attempts: item.json("attempts")?,
            attempt_count: item.number("attempt_count")?,
            scheduled_attempts: item.number("scheduled_attempts")?,
            next: next(item, status)?,
            slot_at: item.optional_time("slot_at")?,
            resend: item.optional_text("resend").map(|_| item.parsed("resend")).transpose()?,
            resend_slot_at: item.optional_time("resend_slot_at")?,
            ending: item.optional_text("ending").map(|_| item.json("ending")).transpose()?,
            expires_at: item
                .optional_number("expires_at")?
                .map(|at: i64| Timestamp::from_millis(at * 1000)),
            updated_at: item.time("updated_at")?,
            revision: item.number("revision")?,
        })
    }
}

/// A parked row has `due_at`, which its index needs, and no `carrier`.
fn next(item: &Item, status: Status) -> Result<Next, StoreError> {
    let at = item.optional_time("next_attempt_at")?;
    Ok(match (item.optional_time("due_at")?, item.optional_text("carrier")) {
        (Some(at), _) => Next::Parked { at },
        (None, Some(by)) => Next::Carried { by: by.to_owned(), at },
        (None, None) if status == Status::Held => Next::InLine,
        (None, None) => Next::Nobody,
    })
}

#[cfg(test)]
mod tests;
