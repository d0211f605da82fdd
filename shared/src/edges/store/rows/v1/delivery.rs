//! A delivery with its attempts. One that succeeds at once is within one write unit (1 KB).

mod attempt;
mod reason;

use serde::{Deserialize, Serialize};

use super::super::values::{At, Json, Seconds, words};
use crate::core::delivery;
use crate::core::delivery::attempt as domain;
use crate::core::delivery::next::Next;
use crate::core::event::event_type::EventTypeName;
use crate::core::id::{EventId, ResendId, SubscriptionId, TenantId};
use crate::core::timestamp::Timestamp;
use crate::edges::store::{StoreError, keys};
use crate::edges::version::Version;
use attempt::Attempt;
use reason::Reason;

#[derive(Serialize, Deserialize)]
pub struct Delivery {
    v: Version<1>,
    partition: String,
    sort: EventId,
    tenant: TenantId,
    event_type: EventTypeName,
    status: Status,
    reason: Option<Json<Reason>>,
    attempts: Json<Vec<Attempt>>,
    attempt_count: u32,
    scheduled_attempts: u32,
    next_attempt_at: Option<At>,
    carrier: Option<String>,
    due_at: Option<At>,
    /// The partition of the index `due`; only with `due_at`.
    due_shard: Option<String>,
    slot_at: Option<At>,
    resend: Option<ResendId>,
    resend_slot_at: Option<At>,
    ending: Option<Json<Ending>>,
    /// The partition of the index `unsettled`; only of a delivery that the receiver has not got.
    unsettled_of: Option<SubscriptionId>,
    updated_at: At,
    revision: u64,
    expires_at: Seconds,
}

words!(Status(delivery::Status):
    Pending = "pending",
    Delivered = "delivered",
    Exhausted = "exhausted",
    Cancelled = "cancelled",
    Held = "held",
);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    Disabled(u16),
    Unsubscribed,
}

impl Delivery {
    /// The next write of a delivery.
    pub fn new(delivery: &delivery::Delivery, expires_at: i64) -> Self {
        let delivery::Delivery {
            tenant,
            subscription,
            event,
            event_type,
            status,
            reason,
            attempts,
            attempt_count,
            scheduled_attempts,
            next,
            slot_at,
            resend,
            resend_slot_at,
            ending,
            expires_at: _,
            updated_at,
            revision,
        } = delivery;
        let shard = keys::shard(*event);
        let is_unsettled = *status != delivery::Status::Delivered && !delivery.is_test();
        Self {
            v: Version,
            partition: keys::deliveries(*subscription, shard),
            sort: *event,
            tenant: tenant.clone(),
            event_type: event_type.clone(),
            status: Status(*status),
            reason: reason.as_ref().map(|reason| Json(reason.into())),
            attempts: Json(attempts.iter().map(Attempt::from).collect()),
            attempt_count: *attempt_count,
            scheduled_attempts: *scheduled_attempts,
            next_attempt_at: next.at().map(At::from),
            carrier: next.carrier().map(str::to_owned),
            due_at: next.due_at().map(At::from),
            due_shard: next.due_at().map(|_| keys::due(shard)),
            slot_at: slot_at.map(At::from),
            resend: *resend,
            resend_slot_at: resend_slot_at.map(At::from),
            ending: ending.map(|ending| Json(ending.into())),
            unsettled_of: is_unsettled.then_some(*subscription),
            updated_at: (*updated_at).into(),
            revision: revision + 1,
            expires_at: Seconds(expires_at),
        }
    }
}

impl TryFrom<Delivery> for delivery::Delivery {
    type Error = StoreError;

    fn try_from(row: Delivery) -> Result<Self, StoreError> {
        let at = row.next_attempt_at.map(Timestamp::from);
        // A parked row has `due_at`, which its index needs, and no `carrier`.
        let next = match (row.due_at.map(Timestamp::from), row.carrier) {
            (Some(at), _) => Next::Parked { at },
            (None, Some(by)) => Next::Carried { by, at },
            (None, None) if row.status.0 == delivery::Status::Held => Next::InLine,
            (None, None) => Next::Nobody,
        };
        Ok(Self {
            tenant: row.tenant,
            subscription: keys::subscription_of(&row.partition)?,
            event: row.sort,
            event_type: row.event_type,
            status: row.status.0,
            reason: row.reason.map(|Json(reason)| reason.into()),
            attempts: row.attempts.0.into_iter().map(domain::Attempt::from).collect(),
            attempt_count: row.attempt_count,
            scheduled_attempts: row.scheduled_attempts,
            next,
            slot_at: row.slot_at.map(Timestamp::from),
            resend: row.resend,
            resend_slot_at: row.resend_slot_at.map(Timestamp::from),
            ending: row.ending.map(|Json(ending)| ending.into()),
            expires_at: Some(row.expires_at.into()),
            updated_at: row.updated_at.into(),
            revision: row.revision,
        })
    }
}

impl From<domain::Ending> for Ending {
    fn from(ending: domain::Ending) -> Self {
        match ending {
            domain::Ending::Disabled(status) => Self::Disabled(status),
            domain::Ending::Unsubscribed => Self::Unsubscribed,
        }
    }
}

impl From<Ending> for domain::Ending {
    fn from(row: Ending) -> Self {
        match row {
            Ending::Disabled(status) => Self::Disabled(status),
            Ending::Unsubscribed => Self::Unsubscribed,
        }
    }
}

#[cfg(test)]
mod tests;
