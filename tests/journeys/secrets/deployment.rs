//! The deployment's own secrets, changed while it runs: nobody is locked out, and nothing is lost.

use std::time::Duration;

use serde_json::json;
use tests::{Receiver, World, timeline, until};

/// By then every function knows of a change.
const SEEN: Duration = Duration::from_secs(31);

#[tokio::test]
async fn the_admin_key_is_changed_with_both_keys_in_force_for_a_while() {
    let kept = "a secret was not read again";
    let world = World::start(timeline::options().expecting_errors(&[kept])).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let old = world.secret("AdminKey").await;
    let new = "n".repeat(48);
    let statuses = async |key: &str| {
        let api = world.api_by(key);
        // By three functions.
        let published = api
            .post(&shop.path("/events"), &json!({ "type": "order.created", "data": 1 }))
            .await
            .status;
        [
            published,
            api.get("/v1/tenants").await.status,
            api.get(&shop.path("/events")).await.status,
        ]
    };
    assert_eq!((statuses(&old).await, statuses(&new).await), ([202, 200, 200], [401; 3]));
    world.set_secret("AdminKey", &format!("{new},{old}")).await;
    world.advance(SEEN).await;
    assert_eq!((statuses(&new).await, statuses(&old).await), ([202, 200, 200], [202, 200, 200]));
    world.set_secret("AdminKey", &new).await;
    world.advance(SEEN).await;
    assert_eq!((statuses(&old).await, statuses(&new).await), ([401; 3], [202, 200, 200]));
    // What is no key leaves the last one in force.
    world.set_secret("AdminKey", "short").await;
    world.advance(SEEN).await;
    assert_eq!((statuses(&new).await, statuses("short").await), ([202, 200, 200], [401; 3]));
    world.finish().await;
}

#[tokio::test]
async fn a_sealing_key_is_put_in_front_and_delivery_learns_it_by_what_it_cannot_open() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let before = shop.subscribe(&receiver, "/before", json!({})).await;
    let first = shop.publish("order.created", "1").await;
    shop.delivery(&before, &first.id, "delivered").await;

    let old = world.secret("SealingKeys").await;
    world.set_secret("SealingKeys", &format!("{},{old}", "k".repeat(64))).await;
    world.advance(SEEN).await;
    // As many as a batch has, which all miss the key at once.
    let mut subscriptions = vec![before];
    for n in 0..9 {
        let sealed = json!({ "headers": { "x-key": "hidden" } });
        subscriptions.push(shop.subscribe(&receiver, &format!("/after/{n}"), sealed).await);
    }
    let second = shop.publish("order.created", "2").await;
    for subscription in &subscriptions {
        shop.delivery(subscription, &second.id, "delivered").await;
    }
    world.finish().await;
}

#[tokio::test]
async fn without_its_sealing_key_a_delivery_waits_for_it() {
    let lost = "a delivery failed on our side and will be tried again";
    let options = timeline::options()
        .with("DeliveryTimeoutSeconds", "2")
        .with("DeliveryVisibilitySeconds", "2");
    let world = World::start(options.expecting_errors(&[lost])).await;
    let receiver = Receiver::start_by(&world).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let key = world.secret("SealingKeys").await;
    world.set_secret("SealingKeys", &"k".repeat(64)).await;
    world.sigkill("delivery").await;
    let event = shop.publish("order.created", "1").await;
    until("it was tried", async || {
        let log = world.file("logs/delivery.log");
        if log.contains(lost) { Ok(()) } else { Err(log.len()) }
    })
    .await;
    world.set_secret("SealingKeys", &key).await;
    world.advance(SEEN).await;
    shop.delivery(&subscription, &event.id, "delivered").await;
    assert_eq!(receiver.requests("/").len(), 1);
    world.finish().await;
}
