//! Postrider's own events: ordinary events of the tenant `_operations`, which whoever runs the
//! platform subscribes to.
//!
//! Nothing that happens to the deliveries of that tenant makes such an event, so that none is ever
//! about another.

use serde::Serialize;
use serde_json::value::to_raw_value;
use sha2::{Digest, Sha256};
use shared::core::event::event_type::EventTypeName;
use shared::core::event::payload::Packed;
use shared::core::id::{EventId, SubscriptionId, TenantId};
use shared::core::timestamp::Timestamp;
use shared::edges::failure::Failure;
use shared::edges::queue::messages::{self, EventMessage, Unreadable};
use shared::edges::queue::{Outgoing, Queue};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    SubscriptionDisabled,
    SubscriptionDeleted,
    SubscriptionFailing,
    SubscriptionRecovered,
    DeliveryExhausted,
}

impl Happened {
    fn event_type(self) -> EventTypeName {
        let name = match self {
            Self::SubscriptionDisabled => "subscription.disabled",
            Self::SubscriptionDeleted => "subscription.deleted",
            Self::SubscriptionFailing => "subscription.failing",
            Self::SubscriptionRecovered => "subscription.recovered",
            Self::DeliveryExhausted => "delivery.exhausted",
        };
        name.parse().expect("each of these is a name")
    }
}

/// To whom it happened, by which event, and when; `catalogues/operations.json` describes the
/// members.
#[derive(Debug, Clone, Serialize)]
pub struct Occasion {
    pub tenant: TenantId,
    pub subscription: SubscriptionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    pub event: EventId,
    pub event_type: String,
    pub at: Timestamp,
}

/// Where they are published.
#[derive(Debug)]
pub struct Operations(Queue);

impl Operations {
    pub const fn new(events: Queue) -> Self {
        Self(events)
    }

    /// Publishes that something happened. Said again, it is the same event: its id comes from what
    /// happened to whom by which event. `again` says that it may have been said before.
    pub async fn tell(
        &self,
        happened: Happened,
        occasion: &Occasion,
        again: bool,
    ) -> Result<(), Failure> {
        if occasion.tenant.is_operations() {
            return Ok(());
        }
        let event_type = happened.event_type();
        let data = to_raw_value(occasion).map_err(Unreadable::from)?;
        let digest = Sha256::new()
            .chain_update(event_type.as_str())
            .chain_update(occasion.subscription.to_bytes())
            .chain_update(occasion.event.to_bytes())
            .finalize();
        let random = u128::from_be_bytes(digest[..16].try_into().unwrap_or_default());
        let message = EventMessage {
            tenant: TenantId::operations(),
            event: EventId::new(occasion.at, random),
            event_type,
            payload: Packed::new(data).into(),
            parent: None,
            // What happened to a subscription is of no single event's trace.
            trace: None,
            repeat: again,
            cursor: None,
            matched: 0,
        };
        let body = messages::write(&message)?;
        self.0.send(Outgoing { body, group: None, once: None, delay_seconds: 0 }).await?;
        Ok(())
    }
}
