//! One event for ten thousand subscriptions.

use std::collections::HashMap;

use serde_json::{Value, json};
use tests::{Options, Receiver, Tenant, World};
use tokio::task::JoinSet;

const SUBSCRIPTIONS: usize = 10_000;
const CONNECTIONS: usize = 8;
/// The same for all, so that the receiver can check every signature.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

async fn subscribe_all(shop: &Tenant, receiver: &Receiver) {
    let mut connections = JoinSet::new();
    for first in 0..CONNECTIONS {
        let (shop, url) = (shop.clone(), receiver.url("/many"));
        connections.spawn(async move {
            for n in (first..SUBSCRIPTIONS).step_by(CONNECTIONS) {
                let body = json!({ "url": format!("{url}?n={n}"), "event_types": ["order.*"], "secret": SECRET });
                let _ = shop.api.post(&shop.path("/subscriptions"), &body).await.with(201);
            }
        });
    }
    connections.join_all().await;
    receiver.trust("/many", SECRET);
}

#[tokio::test]
async fn an_event_reaches_each_of_ten_thousand_subscriptions_exactly_once_and_is_stored_once() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("market", &["order.created"]).await;
    subscribe_all(&shop, &receiver).await;

    let published = shop.publish("order.created", r#"{"n":1}"#).await;
    receiver.wait("/many", SUBSCRIPTIONS).await;
    world.drained().await;
    let mut counts: HashMap<String, usize> = HashMap::new();
    for request in receiver.requests("/many") {
        assert_eq!(request.id(), published.id);
        *counts.entry(request.query).or_default() += 1;
    }
    let repeated: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).collect();
    assert_eq!((counts.len(), repeated.len()), (SUBSCRIPTIONS, 0), "{repeated:?}");

    assert_eq!(shop.event(&published.id).await.matched, SUBSCRIPTIONS as u64);
    let events: Value = shop.api.get(&shop.path("/events")).await.with(200).json();
    assert_eq!(events["items"].as_array().map(Vec::len), Some(1));
    let deliveries =
        shop.api.all(&shop.path(&format!("/events/{}/deliveries?limit=250", published.id))).await;
    let delivered = deliveries.iter().filter(|delivery| delivery["status"] == "delivered").count();
    assert_eq!((deliveries.len(), delivered), (SUBSCRIPTIONS, SUBSCRIPTIONS));
    world.finish().await;
}
