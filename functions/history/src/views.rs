//! Events, deliveries and statistics as they are answered.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use shared::core::delivery::attempt::Attempt;
use shared::core::delivery::{Delivery, Status};
use shared::core::event::event_type::EventTypeName;
use shared::core::event::payload::Packed;
use shared::core::id::{EventId, SubscriptionId};
use shared::core::statistics::{Attempts, Counts, Deliveries, Percentiles};
use shared::core::timestamp::Timestamp;
use shared::core::trace_context::TraceId;
use shared::edges::api::ApiError;

/// An event.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Event")]
pub struct EventView {
    pub id: EventId,
    pub r#type: EventTypeName,
    pub timestamp: Timestamp,
    /// The event that was published, where this is one of the parts that it was split into.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = None::<EventId>)]
    pub parent: Option<EventId>,
    /// The trace that its publisher has named, with what tracing systems have added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<TraceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracestate: Option<String>,
    /// How many subscriptions it went to.
    #[schemars(example = 1)]
    pub matched: u64,
    /// Whether its payload was erased.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub payload_erased: bool,
    /// The exact payload; only where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<RawValue>>,
}

/// A delivery.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Delivery")]
pub struct DeliveryView {
    pub subscription: SubscriptionId,
    pub event: EventId,
    /// Absent for a delivery whose first attempt is not on record yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_type: Option<EventTypeName>,
    /// When the event was accepted.
    pub timestamp: Timestamp,
    #[schemars(example = Status::Delivered)]
    pub status: Status,
    /// Whether its receiver has it.
    #[schemars(example = true)]
    pub success: bool,
    /// Why it stands so, where that is not plain.
    pub reason: Option<String>,
    /// All attempts ever made.
    #[schemars(example = 1)]
    pub attempt_count: u32,
    /// When the next automatic attempt comes.
    #[schemars(example = None::<Timestamp>)]
    pub next_attempt_at: Option<Timestamp>,
    /// When it last changed.
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
            reason: delivery.reason.as_ref().map(ToString::to_string),
            attempt_count: delivery.attempt_count,
            next_attempt_at: delivery.next.at(),
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

#[derive(Serialize, JsonSchema)]
pub struct CountsView {
    pub deliveries: Deliveries,
    /// Delivered of delivered and exhausted; `null` where there is neither.
    #[schemars(range(min = 0.0, max = 1.0), example = 0.99)]
    pub success_rate: Option<f64>,
    pub attempts: Attempts,
    pub response_time_ms: Option<Percentiles>,
    pub publish_to_delivered_ms: Option<Percentiles>,
}

impl From<&Counts> for CountsView {
    fn from(counts: &Counts) -> Self {
        Self {
            deliveries: counts.deliveries,
            success_rate: counts.success_rate(),
            attempts: counts.attempts,
            response_time_ms: counts.response_times.percentiles(),
            publish_to_delivered_ms: counts.delivery_times.percentiles(),
        }
    }
}

/// What was counted of an hour.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Hour")]
pub struct HourView {
    /// Its start.
    pub hour: Timestamp,
    #[serde(flatten)]
    pub counts: CountsView,
}

/// What was counted of a window.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Statistics")]
pub struct StatisticsView {
    pub from: Timestamp,
    pub to: Timestamp,
    /// Whether all of it was counted; if not, the next request goes on.
    #[schemars(example = true)]
    pub complete: bool,
    #[serde(flatten)]
    pub counts: CountsView,
    /// Each hour by itself, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Vec<HourView>>,
}

/// What was counted of a window, of a tenant's subscriptions together and, where that was asked
/// for, of each.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TenantStatistics")]
pub struct TenantStatisticsView {
    #[serde(flatten)]
    pub sum: StatisticsView,
    #[serde(flatten)]
    pub each: Option<EachView>,
}

#[derive(Serialize, JsonSchema)]
pub struct EachView {
    /// Each by its id, as its own statistics are answered; those without a delivery as well.
    pub subscriptions: BTreeMap<SubscriptionId, StatisticsView>,
    /// Pass it as `cursor` to have the next subscriptions counted; `null` for the last.
    pub next_cursor: Option<String>,
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
