//! The API's answers, as far as the page shows them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use shared::core::bulk_resend;
use shared::core::delivery;
use shared::core::delivery::attempt::Attempt;
use shared::core::event::event_type::EventTypeName;
use shared::core::id::{EventId, ResendId, SubscriptionId};
use shared::core::statistics::{Deliveries, Percentiles};
use shared::core::subscription;
use shared::core::subscription::breaker;
use shared::core::subscription::policy::Scheme;
use shared::core::subscription::profile::{self, Overrides};
use shared::core::timestamp::Timestamp;

/// A page of a list.
#[derive(Debug, Deserialize)]
pub struct List<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
}

/// A subscription.
#[derive(Debug, Deserialize)]
pub struct Subscription {
    pub id: SubscriptionId,
    pub url: String,
    pub event_types: Vec<String>,
    pub status: subscription::Status,
    pub status_reason: Option<String>,
    pub ordered: bool,
    pub description: String,
    pub profile: String,
    pub overrides: Overrides,
    pub headers: BTreeMap<String, String>,
    pub failing_since: Option<Timestamp>,
    pub breaker: breaker::State,
    pub created_at: Timestamp,
}

impl Subscription {
    /// How its requests are proved to be ours; `None` by a profile that this build does not know.
    #[must_use]
    pub fn scheme(&self) -> Option<Scheme> {
        let policy = self.overrides.over(profile::find(&self.profile)?).ok()?;
        Some(policy.signature.clone())
    }
}

/// What was counted over a span of time.
#[derive(Debug, Deserialize)]
pub struct Statistics {
    pub from: Timestamp,
    pub to: Timestamp,
    pub complete: bool,
    #[serde(flatten)]
    pub counts: Counts,
    #[serde(default)]
    pub hours: Vec<Hour>,
    /// Of each subscription, where that was asked for.
    #[serde(default)]
    pub subscriptions: BTreeMap<SubscriptionId, Statistics>,
}

/// The counts of one hour.
#[derive(Debug, Deserialize)]
pub struct Hour {
    pub hour: Timestamp,
    #[serde(flatten)]
    pub counts: Counts,
}

/// Counts.
#[derive(Debug, Default, Deserialize)]
pub struct Counts {
    pub deliveries: Deliveries,
    pub success_rate: Option<f64>,
    pub response_time_ms: Option<Percentiles>,
}

/// A delivery.
#[derive(Debug, Deserialize)]
pub struct Delivery {
    pub event: EventId,
    pub event_type: Option<EventTypeName>,
    pub timestamp: Timestamp,
    pub status: delivery::Status,
    pub reason: Option<String>,
    pub attempt_count: u32,
    pub next_attempt_at: Option<Timestamp>,
    pub last_attempt: Option<Attempt>,
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    pub data: Option<Box<RawValue>>,
}

/// An event type of the catalogue.
#[derive(Debug, Deserialize)]
pub struct EventType {
    pub name: EventTypeName,
    pub description: String,
    pub example: Option<Box<RawValue>>,
    pub retired: bool,
}

/// The secrets of a subscription.
#[derive(Deserialize)]
pub struct Secret {
    pub secret: Option<String>,
    pub public_key: Option<String>,
    pub previous_secret_until: Option<Timestamp>,
}

/// A test push.
#[derive(Debug, Deserialize)]
pub struct Pushed {
    pub request: Sent,
    pub response: Option<Received>,
    pub attempt: Option<Attempt>,
}

/// A request as it went out.
#[derive(Debug, Deserialize)]
pub struct Sent {
    pub method: String,
    pub url: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// A response as far as it was read.
#[derive(Debug, Deserialize)]
pub struct Received {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// A bulk resend.
#[derive(Debug, Deserialize)]
pub struct Resend {
    pub id: ResendId,
    pub status: bulk_resend::State,
    pub reason: Option<String>,
    pub found: u64,
    pub sent: u64,
    pub delivered: u64,
    pub failed: u64,
}
