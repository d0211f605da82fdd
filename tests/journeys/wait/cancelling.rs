//! No more of it: deliveries cancelled and payloads erased because somebody asked.

use http::Method;
use serde_json::{Value, json};
use tests::{Delivery, Options, Receiver, Step, Subscription, Tenant, World, fixtures};

async fn cancel(shop: &Tenant, subscription: &Subscription, event: &str) -> Delivery {
    let path = format!("{}/cancel", shop.delivery_path(&subscription.id, event));
    shop.api.post(&path, &json!({})).await.with(200).json()
}

async fn erase(shop: &Tenant, event: &str) -> u16 {
    shop.api.delete(&shop.path(&format!("/events/{event}/payload"))).await.status
}

fn waits(seconds: u32) -> Value {
    json!({ "overrides": { "retry_waits_seconds": [seconds], "jitter_percent": 0 } })
}

#[tokio::test]
async fn a_delivery_that_waits_hidden_parked_or_held_is_cancelled_and_no_attempt_follows() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let hidden = shop.subscribe(&receiver, "/hidden", waits(2)).await;
    let parked = shop.subscribe(&receiver, "/parked", waits(4)).await;
    let held = shop.subscribe(&receiver, "/held", json!({})).await;
    shop.patch(&held, json!({ "status": "paused" })).await;
    for path in ["/hidden", "/parked"] {
        receiver.script(path, [Step::status(500), Step::status(200)]);
    }
    let published = shop.publish("order.created", "1").await;
    for subscription in [&hidden, &parked] {
        let once = |row: &Delivery| row.attempt_count == 1;
        shop.delivery_when(subscription, &published.id, "one attempt", once).await;
    }
    shop.delivery(&held, &published.id, "held").await;
    for (subscription, attempts) in [(&hidden, 1), (&parked, 1), (&held, 0)] {
        for _ in 0..2 {
            let cancelled = cancel(&shop, subscription, &published.id).await;
            assert_eq!(
                (cancelled.status.as_str(), cancelled.attempt_count),
                ("cancelled", attempts)
            );
            assert_eq!(cancelled.reason.as_deref(), Some("it was cancelled on request"));
            assert_eq!(cancelled.next_attempt_at, None);
        }
    }
    shop.patch(&held, json!({ "status": "active" })).await;
    let later = shop.publish("order.created", "2").await;
    shop.delivery(&held, &later.id, "delivered").await;
    world.drained().await;
    assert_eq!(receiver.count("/hidden"), 2, "one of each event");
    assert_eq!((receiver.count("/parked"), receiver.count("/held")), (2, 1));
    world.finish().await;
}

#[tokio::test]
async fn what_is_delivered_stays_so_and_what_was_cancelled_can_be_resent() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", waits(2)).await;
    let published = shop.publish("order.created", "1").await;
    shop.delivery(&subscription, &published.id, "delivered").await;
    assert_eq!(cancel(&shop, &subscription, &published.id).await.status, "delivered");

    receiver.script("/", [Step::status(500), Step::status(200)]);
    let second = shop.publish("order.created", "2").await;
    shop.delivery_when(&subscription, &second.id, "one attempt", |row| row.attempt_count == 1)
        .await;
    assert_eq!(cancel(&shop, &subscription, &second.id).await.status, "cancelled");
    shop.resend(&subscription, &second.id).await;
    let delivered = shop.delivery(&subscription, &second.id, "delivered").await;
    assert_eq!(delivered.attempts()[1].trigger, "resend");

    let nobody = format!(
        "{}/cancel",
        shop.delivery_path(&subscription.id, "evt_01J9Z3K8D5Q6W7E8R9T0Y1M2N3")
    );
    let _ = shop.api.post(&nobody, &json!({})).await.with(404);
    let other = world.tenant("shop-2", &[]).await;
    let _ = other
        .api
        .post(&other.path("/subscriptions/x/deliveries/y/cancel"), &json!({}))
        .await
        .with(404);
    world.finish().await;
}

#[tokio::test]
async fn an_erased_payload_is_gone_from_the_record_and_what_still_carried_it_is_cancelled() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let fine = shop.subscribe(&receiver, "/fine", json!({})).await;
    receiver.script("/fine", [Step::body(200, "thanks for card 4242")]);
    let failing = shop.subscribe(&receiver, "/failing", waits(2)).await;
    receiver.script("/failing", [Step::body(500, "no card 4242"), Step::status(200)]);
    // Once in the message itself, and once in chunks in the log.
    for data in [r#"{"card":"4242"}"#.to_owned(), fixtures::noise(400_000, 3)] {
        receiver.script("/failing", [Step::body(500, "no card 4242"), Step::status(200)]);
        let published = shop.publish("order.created", &data).await;
        shop.delivery(&fine, &published.id, "delivered").await;
        shop.delivery_when(&failing, &published.id, "one attempt", |row| row.attempt_count == 1)
            .await;
        assert_eq!(
            shop.event(&published.id).await.data.map(|data| data.get().to_owned()),
            Some(data)
        );

        assert_eq!(
            (erase(&shop, &published.id).await, erase(&shop, &published.id).await),
            (204, 204)
        );
        let answer = shop.api.get(&shop.path(&format!("/events/{}", published.id))).await.with(200);
        let event: Value = answer.json();
        assert_eq!(
            (&event["payload_erased"], &event["matched"], event.get("data")),
            (&json!(true), &json!(2), None)
        );
        let kept = shop.delivery(&fine, &published.id, "delivered").await;
        let cancelled = shop.delivery(&failing, &published.id, "cancelled").await;
        assert_eq!(cancelled.reason.as_deref(), Some("the payload was erased"));
        for row in [&kept, &cancelled] {
            assert!(
                row.data.is_none()
                    && row.attempts().iter().all(|made| made.response_excerpt.is_none()),
                "{row:?}"
            );
        }
        let resend = format!("{}/resend", shop.delivery_path(&fine.id, &published.id));
        let _ = shop.api.post(&resend, &json!({})).await.with(409);
    }
    world.drained().await;
    assert_eq!((receiver.count("/fine"), receiver.count("/failing")), (2, 2));
    let other = world.tenant("shop-2", &[]).await;
    let event = shop.publish("order.created", "3").await;
    shop.event(&event.id).await;
    let path = other.path(&format!("/events/{}/payload", event.id));
    assert_eq!(other.api.call(Method::DELETE, &path, &[], "").await.status, 404);
    world.finish().await;
}

#[tokio::test]
async fn an_event_from_before_a_subscription_goes_to_it_when_it_is_resent_and_has_no_schedule() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let published = shop.publish("order.created", r#"{"n":1}"#).await;
    shop.event(&published.id).await;
    let late = shop.subscribe(&receiver, "/late", json!({})).await;
    receiver.script("/late", [Step::status(500), Step::status(200)]);
    shop.resend(&late, &published.id).await;
    let exhausted = shop.delivery(&late, &published.id, "exhausted").await;
    assert_eq!(exhausted.outcomes(), [(1, "rejected", Some(500))]);
    assert_eq!(exhausted.reason.as_deref(), Some("the resend failed, and there is no schedule"));
    assert_eq!(shop.deliveries(&late, "success=false").await.items.len(), 1);
    shop.resend(&late, &published.id).await;
    let delivered = shop.delivery(&late, &published.id, "delivered").await;
    assert_eq!(delivered.outcomes(), [(1, "rejected", Some(500)), (2, "succeeded", Some(200))]);
    assert_eq!(receiver.requests("/late")[1].id(), published.id);
    let unwanted =
        shop.subscribe(&receiver, "/other", json!({ "event_types": ["order.deleted"] })).await;
    let second = shop.publish("order.created", "2").await;
    shop.event(&second.id).await;
    shop.resend(&unwanted, &second.id).await;
    shop.delivery(&unwanted, &second.id, "delivered").await;
    world.finish().await;
}

#[tokio::test]
async fn all_that_waits_of_a_subscription_is_cancelled_and_what_is_settled_is_not() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", waits(60)).await;
    let other = shop.subscribe(&receiver, "/other", json!({})).await;
    let delivered = shop.publish("order.created", "0").await;
    shop.delivery(&subscription, &delivered.id, "delivered").await;
    shop.patch(&subscription, json!({ "status": "paused" })).await;
    let held = shop.publish_many("order.created", 30).await;
    for event in &held {
        shop.delivery(&subscription, &event.id, "held").await;
    }
    let path = shop.path(&format!("/subscriptions/{}/cancel", subscription.id));
    for expected in [30, 0] {
        let answer: Value = shop.api.post(&path, &json!({})).await.with(200).json();
        assert_eq!(answer, json!({ "cancelled": expected, "more": false }));
    }
    shop.patch(&subscription, json!({ "status": "active" })).await;
    for event in &held {
        shop.delivery(&subscription, &event.id, "cancelled").await;
        shop.delivery(&other, &event.id, "delivered").await;
    }
    shop.delivery(&subscription, &delivered.id, "delivered").await;
    let after = shop.publish("order.created", "31").await;
    shop.delivery(&subscription, &after.id, "delivered").await;
    world.drained().await;
    assert_eq!(receiver.count("/"), 2);
    let elsewhere = world.tenant("shop-2", &[]).await;
    let path = elsewhere.path(&format!("/subscriptions/{}/cancel", subscription.id));
    let _ = elsewhere.api.post(&path, &json!({})).await.with(404);
    world.finish().await;
}
