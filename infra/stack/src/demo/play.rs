//! One platform's event, from the tenant that it belongs to until its delivery is settled.

use std::time::Duration;

use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;
use shared::signature::Secret;
use tokio::time::{self, Instant};

use super::DemoError;
use super::cases::{Case, Sample};
use crate::client::{ApiClient, ClientError};
use crate::receiver::Receiver;

/// How long a delivery may take: the longest has two retries, 2 and 3 seconds apart.
const LIMIT: Duration = Duration::from_secs(40);
/// How often a wait asks the API.
const LOOK: Duration = Duration::from_millis(50);
/// Marks the demo's own subscriptions, so that the next demo in the same data directory removes them and no other.
const DESCRIPTION: &str = "Made by the local stack's demo";

/// A platform that is ready to publish.
#[derive(Debug)]
pub(super) struct Play<'a> {
    api: &'a ApiClient,
    receiver: &'a Receiver,
    case: &'static Case,
    sample: Sample,
    subscription: String,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct End<'a> {
    pub(super) case: &'static Case,
    pub(super) sample: &'a Sample,
    pub(super) event: String,
    /// When its publish request began.
    pub(super) published: Instant,
    pub(super) status: String,
    /// On record.
    pub(super) attempts: u32,
    /// What the API did not say as it should.
    pub(super) faults: Vec<&'static str>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct List<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Subscription {
    id: String,
    description: String,
}

#[derive(Debug, Deserialize)]
struct Delivery {
    event: String,
    status: String,
    attempt_count: u32,
}

#[derive(Deserialize)]
struct SecretView {
    secret: String,
}

impl<'a> Play<'a> {
    /// Makes the tenant, imports its event types, and subscribes the receiver to its event.
    pub(super) async fn prepare(
        api: &'a ApiClient,
        receiver: &'a Receiver,
        case: &'static Case,
    ) -> Result<Self, DemoError> {
        let (tenant, sample) = (format!("/v1/tenants/{}", case.tenant), case.sample()?);
        let _: IgnoredAny = api.call(Method::PUT, &tenant, json!({ "name": case.tenant }).to_string()).await?;
        let import = format!(r#"{{"event_types":{}}}"#, sample.event_types.get());
        let _: IgnoredAny = api.call(Method::POST, "/v1/event-types/import", import).await?;
        let subscriptions = format!("{tenant}/subscriptions");
        remove_earlier(api, &subscriptions).await?;
        let (url, event_type) = (format!("{}{}", receiver.address(), case.path), &sample.publish.r#type);
        let overrides = case.overrides;
        let subscribe = format!(
            r#"{{"url":"{url}","event_types":["{event_type}"],"description":"{DESCRIPTION}","overrides":{overrides}}}"#
        );
        let Named { id } = api.call(Method::POST, &subscriptions, subscribe).await?;
        let SecretView { secret } = api.call(Method::GET, &format!("{subscriptions}/{id}/secret"), "").await?;
        // A secret that does not parse stays unknown to the receiver, which then reports that it checked nothing.
        if let Ok(secret) = secret.parse::<Secret>() {
            receiver.learn(case.path, secret);
        }
        receiver.answer(case.path, case.broken);
        Ok(Self { api, receiver, case, sample, subscription: format!("{subscriptions}/{id}") })
    }

    /// Publishes, and waits for the end.
    pub(super) async fn run(&self) -> Result<End<'_>, DemoError> {
        let events = format!("/v1/tenants/{}/events", self.case.tenant);
        let publish = &self.sample.publish;
        let body = format!(r#"{{"type":"{}","data":{}}}"#, publish.r#type, publish.data.get());
        let published = Instant::now();
        let Named { id } = self.api.call(Method::POST, &events, body).await?;
        let deliveries = format!("{events}/{id}/deliveries");
        let mut delivery = self.until(&deliveries, |delivery| delivery.status != "pending").await?;
        let mut faults = Vec::new();
        if self.case.broken.is_some() {
            delivery = self.repair(&deliveries, &delivery, &mut faults).await?;
        }
        let Delivery { event, status, attempt_count: attempts } = delivery;
        Ok(End { case: self.case, sample: &self.sample, event, published, status, attempts, faults })
    }

    /// The integrator's routine: list what was not delivered, resend it, and list again.
    async fn repair(
        &self,
        deliveries: &str,
        failed: &Delivery,
        faults: &mut Vec<&'static str>,
    ) -> Result<Delivery, DemoError> {
        let (tenant, event) = (self.case.tenant, failed.event.as_str());
        if failed.status != "exhausted" || failed.attempt_count != 1 {
            faults.push("it was not exhausted after one attempt");
        }
        if !self.lists_as_failed(event).await? {
            faults.push("success=false did not list it before it was resent");
        }
        println!("  {tenant}: success=false lists {event}. The receiver is repaired; resending.");
        self.receiver.answer(self.case.path, None);
        let resend = format!("{}/deliveries/{event}/resend", self.subscription);
        let _: IgnoredAny = self.api.call(Method::POST, &resend, "").await?;
        let delivery = self.until(deliveries, |delivery| delivery.attempt_count > failed.attempt_count).await?;
        if self.lists_as_failed(event).await? {
            faults.push("success=false still lists it after it was resent");
        } else {
            println!("  {tenant}: success=false lists it no more.");
        }
        Ok(delivery)
    }

    async fn lists_as_failed(&self, event: &str) -> Result<bool, ClientError> {
        let path = format!("{}/deliveries?success=false", self.subscription);
        let list: List<Delivery> = self.api.call(Method::GET, &path, "").await?;
        Ok(list.items.iter().any(|delivery| delivery.event == event))
    }

    /// Asks the API until the event's delivery is as wanted.
    async fn until(&self, path: &str, wanted: impl Fn(&Delivery) -> bool) -> Result<Delivery, DemoError> {
        let limit = Instant::now() + LIMIT;
        loop {
            let found = match self.api.call::<List<Delivery>>(Method::GET, path, "").await {
                Ok(list) => list.items.into_iter().next(),
                // Accepted, and not fanned out yet.
                Err(ClientError::Refused(_, StatusCode::NOT_FOUND, _)) => None,
                Err(error) => return Err(error.into()),
            };
            match found {
                Some(delivery) if wanted(&delivery) => return Ok(delivery),
                other if Instant::now() > limit => {
                    let state = other.map_or_else(|| "not on record".to_owned(), |delivery| delivery.status);
                    return Err(DemoError::Unsettled(self.case.tenant, state));
                }
                _ => time::sleep(LOOK).await,
            }
        }
    }
}

async fn remove_earlier(api: &ApiClient, subscriptions: &str) -> Result<(), ClientError> {
    let list: List<Subscription> = api.call(Method::GET, &format!("{subscriptions}?limit=250"), "").await?;
    for earlier in list.items.iter().filter(|subscription| subscription.description == DESCRIPTION) {
        let _: IgnoredAny = api.call(Method::DELETE, &format!("{subscriptions}/{}", earlier.id), "").await?;
    }
    Ok(())
}
