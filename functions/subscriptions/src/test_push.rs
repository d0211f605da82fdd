//! The test push: a sample sent now, so that whoever sets up a receiver sees what it gets and what
//! it answers.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shared::core::body::Subject;
use shared::core::delivery::attempt::{Attempt, Outcome, Trigger};
use shared::core::delivery::headers::{self, Headers};
use shared::core::delivery::reason::Reason;
use shared::core::delivery::{Delivery, Status};
use shared::core::event::event_type::{EventType, EventTypeName};
use shared::core::event::payload;
use shared::core::id::{EventId, SubscriptionId, TenantId};
use shared::core::sealing::SealingKeys;
use shared::core::subscription::Subscription;
use shared::edges::api::response;
use shared::edges::api::schemas::EndpointUrl;
use shared::edges::api::{ApiError, Request, even_null};
use shared::edges::clock;
use shared::edges::deployment_secret::DeploymentSecret;
use shared::edges::receiver::Receiver;
use shared::edges::sender::{OutgoingRequest, Reply, Sender};
use shared::edges::store::{ConfigStore, LogStore};

use crate::Answer;
use crate::find::find;

/// API Gateway waits 30 seconds and the function runs 29; the rest is for what stands around the
/// attempt.
const LONGEST: Duration = Duration::from_secs(25);

/// Bytes of the request's body that are shown: an answer of Lambda has 6 MB, and escaping may
/// double it. As XML, a payload may have more.
const SHOWN_BYTES: usize = payload::MAX_BYTES + 64 * 1024;

/// What is sent as a sample.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TestPush")]
pub struct Push {
    event_type: EventTypeName,
    /// Absent for the event type's example.
    #[serde(default, deserialize_with = "even_null")]
    #[schemars(with = "Value", example = json!({ "order": 1, "total": 42.5 }))]
    data: Option<Box<RawValue>>,
}

/// What a test push came to.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TestPushed")]
pub struct Pushed {
    /// Under which the attempt is on record, as a delivery of the subscription; there is no such
    /// event.
    event: EventId,
    request: RequestView,
    /// `null` where no answer came.
    response: Option<ResponseView>,
    /// As on record.
    attempt: Option<Attempt>,
}

/// The request as it was sent, secrets masked.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SentRequest")]
struct RequestView {
    #[schemars(example = &"POST")]
    method: &'static str,
    #[schemars(with = "EndpointUrl")]
    url: String,
    #[schemars(example = Headers::from([("content-type".to_owned(), "application/json".to_owned())]))]
    headers: Headers,
    #[schemars(example = &r#"{"order":1,"total":42.5}"#)]
    body: String,
}

/// The answer as far as it was read.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ReceivedResponse")]
struct ResponseView {
    #[schemars(example = 200)]
    status: u16,
    #[schemars(example = Headers::from([("content-type".to_owned(), "text/plain".to_owned())]))]
    headers: Headers,
    #[schemars(example = &"ok")]
    body: String,
}

/// The clients that a test push works with.
pub struct TestPush<'a> {
    pub config: &'a ConfigStore,
    pub log: &'a LogStore,
    pub keys: &'a DeploymentSecret<SealingKeys>,
    pub sender: &'a Sender,
}

impl TestPush<'_> {
    /// `POST …/subscriptions/{id}/test`: sends a sample, whatever the subscription's status, and
    /// answers with what was sent and what came back. On record with trigger `test`; never retried,
    /// and of no consequence.
    pub async fn send(&self, tenant: &TenantId, id: SubscriptionId, request: &Request) -> Answer {
        let Push { event_type, data } = request.json()?;
        let subscription = find(self.config, tenant, id).await?;
        let data = sample(self.config.event_type(&event_type).await?, &event_type, data)?;
        let keys = self.keys.for_subscription(&subscription, clock::now()).await;
        let receiver = Receiver::open(&subscription, &keys).map_err(|error| {
            tracing::error!(%tenant, subscription = %subscription.id, %error, "a subscription cannot be used");
            ApiError::Internal
        })?;
        let started_at = clock::now();
        let event = EventId::new(started_at, clock::random_bits());
        let subject = Subject { event, event_type: &event_type, tenant, data: data.get() };
        let outgoing = receiver.request(&subject, started_at);
        let mut outgoing =
            outgoing.map_err(|error| ApiError::invalid("data", error.to_string()))?;
        outgoing.timeout = outgoing.timeout.min(LONGEST);
        let reply = self.sender.send(&outgoing).await;
        let made = receiver.judge(&outgoing, &reply, Trigger::Test, started_at);
        let row = self.record(&subscription, event, event_type.clone(), made.attempt).await?;
        let (request, response) =
            (RequestView::new(&outgoing), ResponseView::new(&receiver, &reply));
        response::ok(&Pushed { event, request, response, attempt: row.shown_attempts().pop() })
    }

    async fn record(
        &self,
        subscription: &Subscription,
        event: EventId,
        event_type: EventTypeName,
        attempt: Attempt,
    ) -> Result<Delivery, ApiError> {
        let (tenant, outcome) = (subscription.tenant.clone(), attempt.outcome);
        let kept = self.config.tenant(&tenant).await?.and_then(|tenant| tenant.retention());
        let mut row = Delivery::new(tenant, subscription.id, event, event_type, clock::now());
        row.expires_at = kept.map(|kept| event.timestamp().after(kept));
        row.note(attempt);
        if outcome != Outcome::Succeeded {
            row.settle(Status::Exhausted, Some(Reason::Test));
        }
        self.log.save_delivery(&row).await?;
        Ok(row)
    }
}

/// The sample: the caller's data, or the example of the event type; where the type is split, one
/// element's event.
fn sample(
    found: Option<EventType>,
    name: &EventTypeName,
    data: Option<Box<RawValue>>,
) -> Result<Box<RawValue>, ApiError> {
    let none =
        || ApiError::invalid("event_type", format!("the catalogue has no event type '{name}'"));
    let found = found.ok_or_else(none)?;
    if let Some(data) = data {
        let (bytes, most) = (data.get().len(), payload::MAX_BYTES);
        if bytes > most {
            return Err(ApiError::TooLarge(format!(
                "data has {bytes} bytes; at most {most} are taken."
            )));
        }
        return Ok(data);
    }
    let missing = || {
        ApiError::invalid(
            "data",
            format!("'{name}' has no example in the catalogue: give the data"),
        )
    };
    let example = found.example.ok_or_else(missing)?;
    match found.split.map(|split| split.apply(example.get())) {
        None => Ok(example),
        Some(Ok(parts)) => parts.into_iter().next().ok_or_else(missing),
        Some(Err(error)) => Err(ApiError::invalid("data", error.to_string())),
    }
}

impl RequestView {
    fn new(outgoing: &OutgoingRequest<'_>) -> Self {
        Self {
            method: "POST",
            url: outgoing.endpoint.as_str().to_owned(),
            headers: headers::texts(&outgoing.headers, |text| text),
            body: String::from_utf8_lossy(&outgoing.body[..outgoing.body.len().min(SHOWN_BYTES)])
                .into_owned(),
        }
    }
}

impl ResponseView {
    fn new(receiver: &Receiver, reply: &Reply) -> Option<Self> {
        let answer = reply.result.as_ref().ok()?;
        Some(Self {
            status: answer.status,
            headers: receiver.shown_headers(answer),
            body: receiver.masked_body(&answer.excerpt),
        })
    }
}

#[cfg(test)]
mod tests;
