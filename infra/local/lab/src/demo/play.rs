//! One system's event, from the tenant that it belongs to until its deliveries are settled.

use std::time::Duration;

use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;
use serde_json::value::RawValue;
use shared::core::timestamp::Timestamp;
use shared::edges::clock;
use tokio::time::{self, Instant};

use super::DemoError;
use super::cases::{Case, Refusal};
use crate::client::{ApiClient, ClientError};
use crate::receiver::{Receiver, Verifier};
use aws::Stack;

/// How long a case may take, by the machine's own clock.
pub(super) const LIMIT: Duration = Duration::from_secs(40);
/// How often a wait asks the API.
pub(super) const LOOK: Duration = Duration::from_millis(50);
/// Marks the demo's own subscriptions, so that the next demo in the same data directory removes
/// them and no other.
pub(super) const DESCRIPTION: &str = "Made by the local stack's demo";

/// A system that is ready to publish.
#[derive(Debug)]
pub(super) struct Play<'a> {
    api: &'a ApiClient,
    stack: &'a Stack,
    receiver: &'a Receiver,
    case: &'static Case,
    data: Box<RawValue>,
    subscription: String,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct End {
    pub(super) case: &'static Case,
    /// As it was published.
    pub(super) data: String,
    /// As the API shows them.
    pub(super) deliveries: Vec<Delivery>,
    /// What the API did not say as it should.
    pub(super) faults: Vec<&'static str>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
    /// What it was split into.
    #[serde(default)]
    events: Vec<Named>,
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
pub(super) struct Delivery {
    pub(super) event: String,
    pub(super) status: String,
    pub(super) attempt_count: u32,
    next_attempt_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct SecretView {
    secret: String,
}

impl<'a> Play<'a> {
    /// Makes the tenant, imports its event types, and subscribes the receiver to its event.
    pub(super) async fn prepare(
        api: &'a ApiClient,
        stack: &'a Stack,
        receiver: &'a Receiver,
        case: &'static Case,
    ) -> Result<Self, DemoError> {
        let tenant = format!("/v1/tenants/{}", case.tenant);
        let body = json!({ "name": case.tenant, "default_profile": case.profile });
        let _: IgnoredAny = api.call(Method::PUT, &tenant, body.to_string()).await?;
        let _: IgnoredAny =
            api.call(Method::POST, "/v1/event-types/import", case.catalogue).await?;
        let subscriptions = format!("{tenant}/subscriptions");
        remove_earlier(api, &subscriptions).await?;
        let (url, event_type, overrides) =
            (format!("{}{}", receiver.address(), case.path), case.event_type, case.overrides);
        let subscribe = format!(
            r#"{{"url":"{url}","event_types":["{event_type}"],"description":"{DESCRIPTION}","overrides":{overrides}}}"#
        );
        let Named { id, .. } = api.call(Method::POST, &subscriptions, subscribe).await?;
        let SecretView { secret } =
            api.call(Method::GET, &format!("{subscriptions}/{id}/secret"), "").await?;
        // A secret that does not parse stays unknown to the receiver, which then reports that it
        // checked nothing.
        if let Ok(secret) = secret.parse::<Verifier>() {
            receiver.learn(case.path, secret);
        }
        match case.refusal {
            Refusal::First(attempts, _) => {
                receiver.refuse_first(case.path, attempts, case.refuses_with());
            }
            Refusal::UntilRepaired(_) => receiver.answer(case.path, Some(case.refuses_with())),
        }
        let (data, subscription) = (case.data()?, format!("{subscriptions}/{id}"));
        Ok(Self { api, stack, receiver, case, data, subscription })
    }

    /// Publishes, lets time pass as long as something waits, and returns at the end.
    pub(super) async fn run(&self) -> Result<End, DemoError> {
        let events = format!("/v1/tenants/{}/events", self.case.tenant);
        let body = format!(r#"{{"type":"{}","data":{}}}"#, self.case.event_type, self.data.get());
        let published: Named = self.api.call(Method::POST, &events, body).await?;
        let ids: Vec<String> = if published.events.is_empty() {
            vec![published.id]
        } else {
            published.events.into_iter().map(|part| part.id).collect()
        };
        let paths: Vec<_> = ids.iter().map(|id| format!("{events}/{id}/deliveries")).collect();
        let mut deliveries = self.until(&paths, |delivery| delivery.status != "pending").await?;
        let mut faults = Vec::new();
        if matches!(self.case.refusal, Refusal::UntilRepaired(_)) {
            deliveries = self.repair(&paths, &deliveries, &mut faults).await?;
        }
        Ok(End { case: self.case, data: self.data.get().to_owned(), deliveries, faults })
    }

    /// The integrator's routine: list what was not delivered, resend it, and list again.
    async fn repair(
        &self,
        paths: &[String],
        failed: &[Delivery],
        faults: &mut Vec<&'static str>,
    ) -> Result<Vec<Delivery>, DemoError> {
        if failed.iter().any(|failed| failed.status != "exhausted" || failed.attempt_count != 1) {
            faults.push("it was not exhausted after one attempt");
        }
        let listed = self.failed().await?;
        if listed.len() != failed.len() {
            faults.push("success=false did not list it before it was resent");
        }
        println!(
            "  success=false lists {}. The receiver is repaired; resending.",
            listed.join(", ")
        );
        self.receiver.answer(self.case.path, None);
        for event in listed {
            let resend = format!("{}/deliveries/{event}/resend", self.subscription);
            let _: IgnoredAny = self.api.call(Method::POST, &resend, "").await?;
        }
        let deliveries = self.until(paths, |delivery| delivery.attempt_count > 1).await?;
        if self.failed().await?.is_empty() {
            println!("  success=false lists nothing any more.");
        } else {
            faults.push("success=false still lists it after it was resent");
        }
        Ok(deliveries)
    }

    async fn failed(&self) -> Result<Vec<String>, ClientError> {
        let path = format!("{}/deliveries?success=false", self.subscription);
        let list: List<Delivery> = self.api.call(Method::GET, &path, "").await?;
        Ok(list.items.into_iter().map(|delivery| delivery.event).collect())
    }

    /// Asks the API until every delivery is as wanted, and sets the clock forward when all that are
    /// not wait.
    async fn until(
        &self,
        paths: &[String],
        wanted: impl Fn(&Delivery) -> bool,
    ) -> Result<Vec<Delivery>, DemoError> {
        let (limit, start) = (Instant::now() + LIMIT, clock::now());
        loop {
            let mut deliveries = Vec::new();
            for path in paths {
                match self.api.call::<List<Delivery>>(Method::GET, path, "").await {
                    Ok(list) => deliveries.extend(list.items),
                    // Accepted, and not fanned out yet.
                    Err(ClientError::Refused(_, StatusCode::NOT_FOUND, _)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            let waiting: Vec<_> = deliveries.iter().filter(|delivery| !wanted(delivery)).collect();
            if deliveries.len() == paths.len() && waiting.is_empty() {
                return Ok(deliveries);
            }
            if Instant::now() > limit {
                let states: Vec<_> =
                    deliveries.iter().map(|delivery| delivery.status.as_str()).collect();
                return Err(DemoError::Unsettled(
                    self.case.profile,
                    format!("{states:?}, since {start}"),
                ));
            }
            let next: Option<Vec<Timestamp>> =
                waiting.iter().map(|delivery| delivery.next_attempt_at).collect();
            match next.and_then(|times| times.into_iter().min()) {
                Some(next) if deliveries.len() == paths.len() && next > clock::now() => {
                    self.pass(next).await?;
                }
                _ => time::sleep(LOOK).await,
            }
        }
    }

    /// Lets the time until `next` pass, once the functions rest.
    async fn pass(&self, next: Timestamp) -> Result<(), DemoError> {
        let left = clock::now().until(next);
        if super::pass(self.stack, left).await? {
            println!("  … {} s pass", left.as_millis().div_ceil(1000));
        } else {
            time::sleep(LOOK).await;
        }
        Ok(())
    }
}

/// Removes what an earlier demo in the same data directory subscribed.
pub(super) async fn remove_earlier(
    api: &ApiClient,
    subscriptions: &str,
) -> Result<(), ClientError> {
    let list: List<Subscription> =
        api.call(Method::GET, &format!("{subscriptions}?limit=250"), "").await?;
    for earlier in
        list.items.iter().filter(|subscription| subscription.description.ends_with(DESCRIPTION))
    {
        let _: IgnoredAny =
            api.call(Method::DELETE, &format!("{subscriptions}/{}", earlier.id), "").await?;
    }
    Ok(())
}
