//! A tenant whose events keep their order.

use std::collections::HashSet;

use serde_json::json;

use crate::{Options, Published, Receiver, Subscription, Tenant, World};

/// The queue of events that keeps order, in the stack.
pub const EVENTS: &str = "postrider-EventsOrderedQueue.fifo";
/// The queue of deliveries that keeps order, in the stack.
pub const DELIVERIES: &str = "postrider-DeliveriesOrderedQueue.fifo";

/// A deployment in which tenants may be ordered.
#[must_use]
pub fn options() -> Options {
    Options::default().with("OrderedDelivery", "true")
}

/// A tenant whose events keep their order.
pub async fn shop(world: &World) -> Tenant {
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let _ = shop.api.put(&shop.path(""), &json!({ "ordered": true })).await.with(200);
    shop
}

/// An ordered subscription of it.
pub async fn subscribe(shop: &Tenant, receiver: &Receiver, path: &str) -> Subscription {
    shop.subscribe(receiver, path, json!({ "ordered": true })).await
}

/// Publishes events one after the other.
pub async fn publish(shop: &Tenant, count: usize) -> Vec<Published> {
    let mut published = Vec::with_capacity(count);
    for number in 0..count {
        published.push(shop.publish("order.created", &number.to_string()).await);
    }
    published
}

/// The events in the order in which they were published.
#[must_use]
pub fn ids(published: &[Published]) -> Vec<&str> {
    published.iter().map(|event| event.id.as_str()).collect()
}

/// The events that came to a path, in the order of their first arrival.
#[must_use]
pub fn arrivals(receiver: &Receiver, path: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    let requests = receiver.requests(path);
    requests
        .iter()
        .map(|request| request.id().to_owned())
        .filter(|id| seen.insert(id.clone()))
        .collect()
}
