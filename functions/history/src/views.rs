//! Events and deliveries as they are answered.

use serde::Serialize;
use serde_json::value::RawValue;
use shared::api::ApiError;
use shared::attempt::Attempt;
use shared::delivery::{Delivery, Status};
use shared::event_type::EventTypeName;
use shared::id::{EventId, SubscriptionId};
use shared::payload::Packed;
use shared::timestamp::Timestamp;
use shared::trace_context::TraceId;

/// An event.
#[derive(Debug, Serialize)]
pub struct EventView {
    pub id: EventId,
    pub r#type: EventTypeName,
    pub timestamp: Timestamp,
    /// The event that was published, where this is one of the parts that it was split into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<EventId>,
    /// The trace that its publisher has named, with what tracing systems have added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<TraceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracestate: Option<String>,
    /// How many subscriptions it went to.
    pub matched: u64,
    /// Whether its payload was erased.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub payload_erased: bool,
    /// The exact payload; only where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
}

/// A delivery.
#[derive(Debug, Serialize)]
pub struct DeliveryView {
    pub subscription: SubscriptionId,
    pub event: EventId,
    /// Absent for a delivery whose first attempt is not on record yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_type: Option<EventTypeName>,
    /// When the event was accepted.
    pub timestamp: Timestamp,
    pub status: Status,
    pub success: bool,
    /// Why it stands so, where that is not plain.
    pub reason: Option<String>,
    pub attempt_count: u32,
    pub next_attempt_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    /// The latest attempt.
    pub last_attempt: Option<Attempt>,
    /// The latest attempts, oldest first; only where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<Vec<Attempt>>,
    /// The event's exact payload; only where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
}

impl DeliveryView {
    pub fn new(delivery: Delivery, include_attempts: bool) -> Self {
        let attempts = delivery.shown_attempts();
        Self {
            subscription: delivery.subscription,
            event: delivery.event,
            event_type: Some(delivery.event_type),
            timestamp: delivery.event.timestamp(),
            status: delivery.status,
            success: delivery.status == Status::Delivered,
            reason: delivery.reason,
            attempt_count: delivery.attempt_count,
            next_attempt_at: delivery.next_attempt_at,
            updated_at: Some(delivery.updated_at),
            last_attempt: attempts.last().cloned(),
            attempts: include_attempts.then_some(attempts),
            data: None,
        }
    }

    /// A delivery that has no row yet: its task is in the queue.
    pub fn unrecorded(subscription: SubscriptionId, event: EventId) -> Self {
        Self {
            subscription,
            event,
            event_type: None,
            timestamp: event.timestamp(),
            status: Status::Pending,
            success: false,
            reason: None,
            attempt_count: 0,
            next_attempt_at: None,
            updated_at: None,
            last_attempt: None,
            attempts: None,
            data: None,
        }
    }
}

/// The exact JSON of an event's payload.
pub fn json(event: EventId, packed: &Packed) -> Result<Box<RawValue>, ApiError> {
    let damaged = |what: &dyn std::fmt::Display| {
        tracing::error!(%event, %what, "a payload on record does not read");
        ApiError::Internal
    };
    let text = packed.json().map_err(|error| damaged(&error))?.into_owned();
    RawValue::from_string(text).map_err(|error| damaged(&error))
}
