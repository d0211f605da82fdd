//! Erasures: what of a tenant is removed in the background, and how far that is.
//!
//! An erasure looks twice at everything: what was in a queue at its first look has reached the log
//! by the second.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::core::id::{EventId, SubscriptionId, TenantId};
use crate::core::timestamp::Timestamp;

/// From the end of the first look to the second: the longest that a message is hidden in a queue,
/// and as long as a function may work on one and its queue wait for it.
pub const SECOND_LOOK_AFTER: Duration = Duration::from_mins(20);

/// What is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Erased")]
pub enum What {
    /// The payloads of events, and what receivers answered to them. The record stays, and so does
    /// the tenant.
    Payloads,
    /// The tenant with all that is on record of it.
    Everything,
}

impl What {
    /// The name in tables and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payloads => "payloads",
            Self::Everything => "everything",
        }
    }
}

/// Where an erasure goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Keys and subscriptions, where everything goes.
    Setup,
    /// Events of a shard, after this one.
    Events {
        /// Which.
        shard: u8,
        /// The last that was looked at.
        after: Option<EventId>,
    },
    /// The first subscription after this one.
    Subscriptions {
        /// The last that was looked at.
        after: Option<SubscriptionId>,
    },
    /// Deliveries of a shard of a subscription, after this event's.
    Deliveries {
        /// To whom.
        subscription: SubscriptionId,
        /// Which.
        shard: u8,
        /// The last that was looked at.
        after: Option<EventId>,
    },
}

/// An erasure as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Whose.
    pub tenant: TenantId,
    /// What.
    pub what: What,
    /// When it was asked for: events accepted until then are its concern.
    pub created_at: Timestamp,
    /// When it last got on.
    pub updated_at: Timestamp,
    /// When it was done.
    pub finished_at: Option<Timestamp>,
    /// Events erased.
    pub events: u64,
    /// Deliveries erased.
    pub deliveries: u64,
    /// Subscriptions looked at in the present look.
    pub subscriptions: u64,
    /// 1 or 2.
    pub look: u8,
    /// When the present look starts.
    pub look_at: Timestamp,
    /// Where it goes on.
    pub place: Place,
    /// Counts the row's writes; 0 for a row that was never written.
    pub revision: u64,
}

impl Erasure {
    /// One that was asked for at `now`.
    #[must_use]
    pub const fn new(tenant: TenantId, what: What, now: Timestamp) -> Self {
        Self {
            tenant,
            what,
            created_at: now,
            updated_at: now,
            finished_at: None,
            events: 0,
            deliveries: 0,
            subscriptions: 0,
            look: 1,
            look_at: now,
            place: Place::Setup,
            revision: 0,
        }
    }

    /// The same one from the start, for what was accepted until `now`; it may come to be one of
    /// everything.
    #[must_use]
    pub fn anew(self, what: What, now: Timestamp) -> Self {
        let Self { tenant, events, deliveries, revision, .. } = self;
        Self { events, deliveries, revision, ..Self::new(tenant, what, now) }
    }

    /// Whether an event is its concern; ids are in order of time.
    #[must_use]
    pub fn means(&self, event: EventId) -> bool {
        self.what == What::Everything || event.timestamp() <= self.created_at
    }

    /// Whether it goes on.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.finished_at.is_none()
    }

    /// Ends a look: the second is still to come, or it is done.
    pub fn end_look(&mut self, now: Timestamp) {
        if self.look == 1 {
            self.look = 2;
            self.look_at = now.after(SECOND_LOOK_AFTER);
            self.place = Place::Setup;
            self.subscriptions = 0;
        } else {
            self.finished_at = Some(now);
        }
    }
}

#[cfg(test)]
mod tests;
