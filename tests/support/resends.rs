//! Deliveries that were given up, and that are sent again.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::{Delivery, Published, Receiver, Step, Subscription, Tenant, until};

/// Settings with these waits.
#[must_use]
pub fn waits(waits: &[u32]) -> Value {
    json!({ "overrides": { "retry_waits_seconds": waits, "jitter_percent": 0, "timeout_seconds": 30 } })
}

/// Publishes events that the receiver refuses, and waits until all are given up, at the first
/// attempt.
pub async fn given_up(
    shop: &Tenant,
    receiver: &Receiver,
    to: &Subscription,
    count: usize,
) -> Vec<Published> {
    receiver.script("/", [Step::status(500)]);
    let published = shop.publish_many("order.created", count).await;
    let path = shop.subscription_path(to, "/deliveries?success=false&limit=250");
    until("all are given up", async || {
        let listed = shop.api.all(&path).await;
        let exhausted = listed.iter().filter(|delivery| delivery["status"] == "exhausted").count();
        if exhausted == count { Ok(()) } else { Err(format!("{exhausted} of {count}")) }
    })
    .await;
    receiver.script("/", [Step::status(200)]);
    published
}

/// How often each event arrived.
#[must_use]
pub fn arrivals(receiver: &Receiver) -> HashMap<String, usize> {
    let mut arrivals = HashMap::new();
    for request in receiver.requests("/") {
        *arrivals.entry(request.id().to_owned()).or_default() += 1;
    }
    arrivals
}

/// The delivery's row, which the receiver has by now, and by a resend.
pub async fn resent(shop: &Tenant, subscription: &Subscription, event: &Published) -> Delivery {
    let delivered = shop.delivery(subscription, &event.id, "delivered").await;
    assert_eq!(
        delivered.attempts().last().map(|made| made.trigger.as_str()),
        Some("resend"),
        "{delivered:?}"
    );
    assert_eq!((delivered.next_attempt_at, &delivered.reason), (None, &None));
    delivered
}
