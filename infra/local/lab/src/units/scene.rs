//! A tenant of its own with one subscription, to do things with.

use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use shared::edges::clock;

use super::UnitsError;
use super::meter::Meter;
use crate::client::ClientError;
use crate::publishing::{EVENT_TYPE, sample_event};

/// Events of one request at most.
const BATCH: usize = 100;

/// A tenant whose one subscription gets every event.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    meter: &'a Meter<'a>,
    /// Its id.
    pub(crate) name: String,
    /// The path of what belongs to it.
    pub(crate) tenant: String,
    /// The subscription's id.
    pub(crate) id: String,
    /// The subscription's path.
    pub(crate) subscription: String,
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
    pub(crate) async fn new(meter: &'a Meter<'a>, overrides: Value) -> Result<Self, ClientError> {
        let mut scene = Self::deserted(meter).await?;
        scene.id = scene.subscribe(overrides).await?;
        scene.subscription = format!("{}/subscriptions/{}", scene.tenant, scene.id);
        Ok(scene)
    }

    /// One more subscription, with these overrides, and without a breaker: what fails here is to be
    /// counted; its id.
    pub(crate) async fn subscribe(&self, mut overrides: Value) -> Result<String, ClientError> {
        overrides["probe_waits_seconds"] = json!([]);
        let url = format!("{}{}", self.meter.receiver.address(), self.path);
        let subscribe =
            json!({ "url": url, "event_types": [EVENT_TYPE], "overrides": overrides }).to_string();
        let subscriptions = format!("{}/subscriptions", self.tenant);
        let Named { id } = self.meter.api.call(Method::POST, &subscriptions, subscribe).await?;
        Ok(id)
    }

    /// The stack it is on.
    pub(crate) fn meter(&self) -> &'a Meter<'a> {
        self.meter
    }

    /// A tenant without a subscription.
    pub(crate) async fn deserted(meter: &'a Meter<'a>) -> Result<Self, ClientError> {
        let name = format!("units-{:016x}", clock::random_bits() >> 64);
        let tenant = format!("/v1/tenants/{name}");
        let _: IgnoredAny = meter.api.call(Method::PUT, &tenant, r#"{"name":"Units"}"#).await?;
        let event_type = format!("/v1/event-types/{EVENT_TYPE}");
        let _: IgnoredAny = meter
            .api
            .call(Method::PUT, &event_type, r#"{"description":"An order was placed"}"#)
            .await?;
        let path = format!("/{name}");
        Ok(Self { meter, name, tenant, id: String::new(), subscription: String::new(), path })
    }

    /// Has the receiver refuse every attempt, or accept every one.
    pub(crate) fn refuse(&self, refuse: bool) {
        self.meter.receiver.answer(&self.path, refuse.then_some(StatusCode::INTERNAL_SERVER_ERROR));
    }

    /// Has the receiver refuse so many attempts of each event.
    pub(crate) fn refuse_first(&self, attempts: u32) {
        self.meter.receiver.refuse_first(&self.path, attempts, StatusCode::INTERNAL_SERVER_ERROR);
    }

    /// Publishes one event of 1 KB, with more members of the request.
    pub(crate) async fn publish(&self, more: Value) -> Result<String, ClientError> {
        let mut body = sample_event();
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        let path = format!("{}/events", self.tenant);
        let Named { id } = self.meter.api.call(Method::POST, &path, body.to_string()).await?;
        Ok(id)
    }

    /// Publishes a batch of such events, and answers their ids.
    pub(crate) async fn publish_batch(&self, count: usize) -> Result<Vec<String>, ClientError> {
        let body = json!({ "events": vec![sample_event(); count] }).to_string();
        let batch: Batch =
            self.meter.api.call(Method::POST, &format!("{}/events", self.tenant), body).await?;
        Ok(batch.events.into_iter().map(|event| event.id).collect())
    }

    /// Publishes any number of them, and waits until all that follows has happened.
    pub(crate) async fn publish_all(&self, count: usize) -> Result<Vec<String>, UnitsError> {
        let mut ids = Vec::with_capacity(count);
        while ids.len() < count {
            ids.extend(self.publish_batch(BATCH.min(count - ids.len())).await?);
        }
        self.meter.rest().await?;
        Ok(ids)
    }
}
