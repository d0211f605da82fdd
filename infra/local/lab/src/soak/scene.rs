//! Who publishes what to whom: a tenant, three types of event, and five subscriptions.

use http::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::SoakError;
use crate::client::ApiClient;
use aws::Stack;
use aws::queues::Sqs;

/// Whose events.
pub(super) const TENANT: &str = "/v1/tenants/soak";
/// The types of the events, in turn.
pub(super) const TYPES: [&str; 3] = ["order.created", "order.updated", "invoice.paid"];
/// The subscriptions: path at the receiver, filter, and the wait before a retry, where the receiver
/// refuses some events at first. One second waits hidden in the queue, three in the log.
const SUBSCRIPTIONS: [(Filter, u32); 5] = [
    (Filter("*"), 0),
    (Filter("order.created"), 0),
    (Filter("order.*"), 1),
    (Filter("invoice.*"), 3),
    (Filter("order.*"), 0),
];
/// The place of the one whose receiver is out now and then. Its breaker opens soon.
pub(super) const OUT: usize = 4;
/// How often a refused event is tried again: never given up for what the receiver does, which
/// accepts the second attempt.
const RETRIES: usize = 20;
/// Seconds that a message of a crashed fan-out stays hidden; as deployed it is six minutes.
const EVENTS_VISIBILITY_SECONDS: u32 = 12;

/// Which types a subscription wants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filter(&'static str);

impl Filter {
    /// Whether it wants the type at this place of [`TYPES`].
    pub(super) fn matches(self, kind: usize) -> bool {
        let name = TYPES.get(kind).copied().unwrap_or_default();
        self.0.strip_suffix('*').map_or(name == self.0, |prefix| name.starts_with(prefix))
    }
}

/// What was made.
#[derive(Debug)]
pub(super) struct Scene {
    /// The ids of the subscriptions.
    pub(super) subscriptions: Vec<String>,
}

impl Scene {
    /// Makes it all, with a receiver at this URL whose paths are the subscriptions' places.
    pub(super) async fn prepare(
        stack: &Stack,
        api: &ApiClient,
        url: &str,
    ) -> Result<Self, SoakError> {
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        let _: IgnoredAny =
            api.call(Method::PUT, TENANT, json!({ "name": "Soak" }).to_string()).await?;
        for name in TYPES {
            let described = json!({ "description": "Something happened" }).to_string();
            let _: IgnoredAny =
                api.call(Method::PUT, &format!("/v1/event-types/{name}"), described).await?;
        }
        let mut subscriptions = Vec::new();
        for (place, (filter, wait)) in SUBSCRIPTIONS.into_iter().enumerate() {
            let waits = vec![wait.max(1); RETRIES];
            let mut overrides =
                json!({ "retry_waits_seconds": waits, "jitter_percent": 0, "timeout_seconds": 5 });
            if place == OUT {
                overrides["failing_after_attempts"] = 5.into();
                overrides["failing_after_seconds"] = 10.into();
                overrides["probe_waits_seconds"] = json!([1, 2]);
            }
            let body = json!({ "url": format!("{url}/{place}"), "event_types": [filter.0], "overrides": overrides });
            let Named { id } = api
                .call(Method::POST, &format!("{TENANT}/subscriptions"), body.to_string())
                .await?;
            subscriptions.push(id);
        }
        let sqs = Sqs::new(&stack.addresses().sqs);
        let attributes = json!({ "VisibilityTimeout": EVENTS_VISIBILITY_SECONDS.to_string() });
        let request = json!({ "QueueUrl": sqs.url("EventsQueue"), "Attributes": attributes });
        sqs.call("SetQueueAttributes", request.to_string()).await.map_err(SoakError::Sqs)?;
        Ok(Self { subscriptions })
    }
}

/// What each subscription wants.
pub(super) fn filters() -> [Filter; SUBSCRIPTIONS.len()] {
    SUBSCRIPTIONS.map(|(filter, _)| filter)
}

/// Whether the receiver refuses an event at first, at the subscription of this place: about a tenth
/// of them, where there is a wait for it.
pub(super) fn is_refused_first(place: usize, id: &str) -> bool {
    SUBSCRIPTIONS.get(place).is_some_and(|(_, wait)| *wait > 0) && id.ends_with(['0', '1', '2'])
}

#[cfg(test)]
mod tests;
