//! Events: their types and schemas, their payloads, and how one is split.

pub mod event_type;
pub mod members;
pub mod payload;
pub mod schema;
pub mod split;

use crate::core::delivery::Delivery;
use crate::core::id::{EventId, SubscriptionId, TenantId};
use crate::core::timestamp::Timestamp;
use crate::core::trace_context::TraceContext;
use event_type::EventTypeName;
use payload::Payload;

/// Subscriptions that an event lists by id; an event that went to more lists none.
pub const MAX_LISTED: usize = 100;

/// An event on record, once it is fanned out.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its id, and with it its time.
    pub id: EventId,
    /// Its type.
    pub event_type: EventTypeName,
    /// Its data, or where that is; absent if it was erased.
    pub payload: Option<Payload>,
    /// The event that was published, where this is one of the parts that it was split into.
    pub parent: Option<EventId>,
    /// The trace that its publisher has named.
    pub trace: Option<TraceContext>,
    /// How many subscriptions matched it.
    pub matched: u64,
    /// Which, if it was no more than [`MAX_LISTED`].
    pub subscriptions: Option<Vec<SubscriptionId>>,
    /// Until when it is kept; `None` for as long as the deployment keeps anything.
    pub expires_at: Option<Timestamp>,
}

impl Event {
    /// Its delivery to a subscription, of which nothing is on record yet.
    #[must_use]
    pub fn delivery(
        &self,
        tenant: &TenantId,
        subscription: SubscriptionId,
        now: Timestamp,
    ) -> Delivery {
        let new =
            Delivery::new(tenant.clone(), subscription, self.id, self.event_type.clone(), now);
        Delivery { expires_at: self.expires_at, ..new }
    }
}
