//! Paused subscriptions hold what comes; receivers that want no more are disabled.

use std::collections::HashSet;

use serde_json::{Value, json};
use tests::{Options, Receiver, Step, World};

#[tokio::test]
async fn what_a_paused_subscription_missed_is_held_and_delivered_once_when_it_is_resumed() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    shop.patch(&subscription, json!({ "status": "paused" })).await;
    let published = shop.publish_many("order.created", 25).await;
    world.drained().await;
    assert_eq!(receiver.count("/"), 0);
    let failed = shop.deliveries(&subscription, "success=false").await;
    assert_eq!(failed.items.len(), 25);
    for delivery in &failed.items {
        assert_eq!((delivery.status.as_str(), delivery.attempt_count), ("held", 0));
        assert_eq!(delivery.reason.as_deref(), Some("the subscription is paused"));
    }
    shop.patch(&subscription, json!({ "status": "active" })).await;
    for event in &published {
        let delivered = shop.delivery(&subscription, &event.id, "delivered").await;
        assert_eq!((delivered.attempt_count, delivered.reason), (1, None));
    }
    world.drained().await;
    let requests = receiver.requests("/");
    let ids: HashSet<&str> = requests.iter().map(tests::Received::id).collect();
    assert_eq!((requests.len(), ids.len()), (25, 25));
    world.finish().await;
}

#[tokio::test]
async fn a_retry_of_a_paused_subscription_waits_and_goes_on_where_it_was() {
    // A retry may see its subscription as it was up to five seconds ago.
    let world = World::start(Options::default().with("HideLimitSeconds", "10")).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let overrides = json!({ "retry_waits_seconds": [6, 1], "jitter_percent": 0 });
    let subscription = shop.subscribe(&receiver, "/", json!({ "overrides": overrides })).await;
    receiver.script("/", [Step::status(500), Step::status(500), Step::status(200)]);
    let published = shop.publish("order.created", "1").await;
    shop.delivery_when(&subscription, &published.id, "one attempt", |d| d.attempt_count == 1).await;
    shop.patch(&subscription, json!({ "status": "paused" })).await;
    let held = shop.delivery(&subscription, &published.id, "held").await;
    assert_eq!((held.attempt_count, held.next_attempt_at), (1, None));
    world.drained().await;
    shop.patch(&subscription, json!({ "status": "active" })).await;
    let delivered = shop.delivery(&subscription, &published.id, "delivered").await;
    let expected =
        [(1, "rejected", Some(500)), (2, "rejected", Some(500)), (3, "succeeded", Some(200))];
    assert_eq!(delivered.outcomes(), expected);
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), 3);
    world.finish().await;
}

#[tokio::test]
async fn a_subscription_that_is_paused_again_is_left_alone_until_it_is_resumed() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    for status in ["paused", "active", "paused"] {
        shop.patch(&subscription, json!({ "status": status })).await;
    }
    let published = shop.publish("order.created", "1").await;
    shop.delivery(&subscription, &published.id, "held").await;
    world.ticks(2).await;
    world.drained().await;
    let before = world.status().await.functions["delivery"].invocations;
    world.ticks(3).await;
    world.drained().await;
    let after = world.status().await.functions["delivery"].invocations;
    assert_eq!(after, before, "what is held goes round and round");
    shop.patch(&subscription, json!({ "status": "active" })).await;
    shop.delivery(&subscription, &published.id, "delivered").await;
    world.finish().await;
}

#[tokio::test]
async fn a_receiver_that_is_gone_disables_its_subscription_which_says_why() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    receiver.script("/", [Step::status(410), Step::status(200)]);
    let published = shop.publish("order.created", "1").await;
    let ended = shop.delivery(&subscription, &published.id, "exhausted").await;
    assert_eq!(ended.outcomes(), [(1, "rejected", Some(410))]);
    let shown: Value = tests::until("the subscription is disabled", async || {
        let shown = shop.show(&subscription).await;
        if shown["status"] == "disabled" { Ok(shown) } else { Err(shown) }
    })
    .await;
    assert!(
        shown["status_reason"].as_str().is_some_and(|reason| reason.contains("410")),
        "{shown}"
    );
    let unheard = shop.publish("order.created", "2").await;
    assert_eq!(shop.event(&unheard.id).await.matched, 0);

    let active = shop.patch(&subscription, json!({ "status": "active" })).await;
    assert_eq!((&active["status"], &active["status_reason"]), (&json!("active"), &Value::Null));
    let heard = shop.publish("order.created", "3").await;
    shop.delivery(&subscription, &heard.id, "delivered").await;
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), 2);
    world.finish().await;
}
