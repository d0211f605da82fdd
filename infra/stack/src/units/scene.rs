//! A tenant of its own with one subscription, to do things with.

use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use shared::clock;

use super::UnitsError;
use super::meter::Meter;
use crate::bench::{EVENT_TYPE, sample_event};
use crate::client::ClientError;

/// Events of one request at most.
const BATCH: usize = 100;

/// A tenant whose one subscription gets every event.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    meter: &'a Meter<'a>,
    /// Its id.
    pub(super) name: String,
    /// The path of what belongs to it.
    pub(super) tenant: String,
    /// The subscription's id.
    pub(super) id: String,
    /// The subscription's path.
    pub(super) subscription: String,
    /// The path at the receiver that it subscribes.
    path: String,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Batch {
    events: Vec<Named>,
}

impl<'a> Scene<'a> {
    /// A scene whose subscription has these overrides.
    pub(super) async fn new(meter: &'a Meter<'a>, overrides: Value) -> Result<Self, ClientError> {
        let mut scene = Self::deserted(meter).await?;
        let url = format!("{}{}", meter.receiver.address(), scene.path);
        let subscribe = json!({ "url": url, "event_types": [EVENT_TYPE], "overrides": overrides }).to_string();
        let subscriptions = format!("{}/subscriptions", scene.tenant);
        let Named { id } = meter.api.call(Method::POST, &subscriptions, subscribe).await?;
        scene.subscription = format!("{subscriptions}/{id}");
        scene.id = id;
        Ok(scene)
    }

    /// A tenant without a subscription.
    pub(super) async fn deserted(meter: &'a Meter<'a>) -> Result<Self, ClientError> {
        let name = format!("units-{:016x}", clock::random_bits() >> 64);
        let tenant = format!("/v1/tenants/{name}");
        let _: IgnoredAny = meter.api.call(Method::PUT, &tenant, r#"{"name":"Units"}"#).await?;
        let event_type = format!("/v1/event-types/{EVENT_TYPE}");
        let _: IgnoredAny =
            meter.api.call(Method::PUT, &event_type, r#"{"description":"An order was placed"}"#).await?;
        let path = format!("/{name}");
        Ok(Self { meter, name, tenant, id: String::new(), subscription: String::new(), path })
    }

    /// Has the receiver refuse every attempt, or accept every one.
    pub(super) fn refuse(&self, refuse: bool) {
        self.meter.receiver.answer(&self.path, refuse.then_some(StatusCode::INTERNAL_SERVER_ERROR));
    }

    /// Has the receiver refuse each event's first attempt.
    pub(super) fn refuse_first(&self) {
        self.meter.receiver.refuse_first(&self.path, 1, StatusCode::INTERNAL_SERVER_ERROR);
    }

    /// Publishes one event of 1 KB, with more members of the request.
    pub(super) async fn publish(&self, more: Value) -> Result<String, ClientError> {
        let mut body = sample_event();
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        let path = format!("{}/events", self.tenant);
        let Named { id } = self.meter.api.call(Method::POST, &path, body.to_string()).await?;
        Ok(id)
    }

    /// Publishes a batch of such events, and answers their ids.
    pub(super) async fn publish_batch(&self, count: usize) -> Result<Vec<String>, ClientError> {
        let body = json!({ "events": vec![sample_event(); count] }).to_string();
        let batch: Batch = self.meter.api.call(Method::POST, &format!("{}/events", self.tenant), body).await?;
        Ok(batch.events.into_iter().map(|event| event.id).collect())
    }

    /// Publishes any number of them, and waits until all that follows has happened.
    pub(super) async fn publish_all(&self, count: usize) -> Result<Vec<String>, UnitsError> {
        let mut ids = Vec::with_capacity(count);
        while ids.len() < count {
            ids.extend(self.publish_batch(BATCH.min(count - ids.len())).await?);
        }
        self.meter.rest().await?;
        Ok(ids)
    }
}
