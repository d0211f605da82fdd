//! What was given up on, and sent again because somebody asked.

use serde_json::{Value, json};
use tests::{Options, Receiver, Step, World};

#[tokio::test]
async fn an_exhausted_delivery_is_listed_as_failed_until_a_resend_delivers_it() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let overrides = json!({ "retry_waits_seconds": [1, 1], "jitter_percent": 0 });
    let subscription = shop.subscribe(&receiver, "/", json!({ "overrides": overrides })).await;
    receiver.script("/", [Step::body(500, "no")]);

    let published = shop.publish("order.created", "1").await;
    let exhausted = shop.delivery(&subscription, &published.id, "exhausted").await;
    let rejected = |number| (number, "rejected", Some(500));
    assert_eq!(exhausted.outcomes(), [rejected(1), rejected(2), rejected(3)]);
    assert_eq!(exhausted.reason.as_deref(), Some("every attempt of the schedule was made"));
    assert_eq!(exhausted.next_attempt_at, None);
    let failed = shop.deliveries(&subscription, "success=false&include_attempts=true").await;
    assert_eq!(failed.items.len(), 1);
    assert_eq!(failed.items[0].outcomes(), exhausted.outcomes());

    receiver.script("/", [Step::status(200)]);
    shop.resend(&subscription, &published.id).await;
    let delivered = shop.delivery(&subscription, &published.id, "delivered").await;
    let triggers: Vec<_> =
        delivered.attempts().iter().map(|attempt| attempt.trigger.as_str()).collect();
    assert_eq!(triggers, ["event", "event", "event", "resend"]);
    assert_eq!(receiver.requests("/").len(), 4);
    assert_eq!(receiver.requests("/")[3].body, receiver.requests("/")[0].body);
    assert!(shop.deliveries(&subscription, "success=false").await.items.is_empty());
    assert_eq!(shop.deliveries(&subscription, "success=true").await.items.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn a_resend_that_fails_is_one_more_attempt_and_the_delivery_stays_exhausted() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let overrides = json!({ "retry_waits_seconds": [] });
    let subscription = shop.subscribe(&receiver, "/", json!({ "overrides": overrides })).await;
    receiver.script("/", [Step::status(500)]);
    let published = shop.publish("order.created", "1").await;
    shop.delivery(&subscription, &published.id, "exhausted").await;
    shop.resend(&subscription, &published.id).await;
    let again = shop
        .delivery_when(&subscription, &published.id, "two attempts", |d| d.attempt_count == 2)
        .await;
    assert_eq!((again.status.as_str(), again.next_attempt_at), ("exhausted", None));
    assert_eq!(again.attempts()[1].trigger, "resend");
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), 2);
    assert_eq!(shop.deliveries(&subscription, "success=false").await.items.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn what_was_delivered_can_be_sent_again_and_stays_delivered_if_that_fails() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    receiver.script("/", [Step::status(200), Step::status(500)]);
    let published = shop.publish("order.created", "1").await;
    shop.delivery(&subscription, &published.id, "delivered").await;
    shop.resend(&subscription, &published.id).await;
    let again = shop
        .delivery_when(&subscription, &published.id, "two attempts", |d| d.attempt_count == 2)
        .await;
    assert_eq!(again.status, "delivered");
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), 2);
    world.finish().await;
}

#[tokio::test]
async fn what_does_not_exist_or_is_disabled_cannot_be_sent_again() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let published = shop.publish("order.created", "1").await;
    shop.delivery(&subscription, &published.id, "delivered").await;
    let other = world.tenant("shop-2", &[]).await.publish("order.created", "1").await;
    let resend = |subscription: &str, event: &str| {
        format!("{}/resend", shop.delivery_path(subscription, event))
    };
    let _ = shop.api.post(&resend(&subscription.id, &other.id), &json!({})).await.with(404);
    let _ = shop
        .api
        .post(&resend(&subscription.id, "evt_00000000000000000000000000"), &json!({}))
        .await
        .with(404);
    shop.patch(&subscription, json!({ "status": "disabled" })).await;
    let refused: Value =
        shop.api.post(&resend(&subscription.id, &published.id), &json!({})).await.with(409).json();
    assert!(
        refused["detail"].as_str().is_some_and(|detail| detail.contains("disabled")),
        "{refused}"
    );
    world.finish().await;
}
