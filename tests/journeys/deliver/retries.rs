//! Attempts that fail, and the ones that follow.

use serde_json::json;
use tests::{Options, Receiver, Step, World};

#[tokio::test]
async fn two_failures_and_a_success_are_three_attempts_spaced_as_the_schedule_says() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let overrides = json!({ "retry_waits_seconds": [1, 2], "jitter_percent": 0 });
    let subscription = shop.subscribe(&receiver, "/", json!({ "overrides": overrides })).await;
    receiver.script("/", [Step::body(500, "try later"), Step::status(404), Step::body(200, "ok")]);

    let published = shop.publish("order.created", r#"{"total": 1.50}"#).await;
    let delivery = shop.delivery(&subscription, &published.id, "delivered").await;

    let requests = receiver.requests("/");
    assert_eq!(requests.len(), 3);
    for request in &requests {
        assert_eq!((request.id(), &request.body), (published.id.as_str(), &requests[0].body));
    }
    let seconds: Vec<i64> = requests
        .iter()
        .map(|request| request.header("webhook-timestamp").parse().unwrap())
        .collect();
    assert!(seconds[0] < seconds[1] && seconds[1] < seconds[2], "fresh timestamps: {seconds:?}");

    let expected =
        [(1, "rejected", Some(500)), (2, "rejected", Some(404)), (3, "succeeded", Some(200))];
    assert_eq!(delivery.outcomes(), expected);
    let attempts = delivery.attempts();
    assert_eq!(attempts[0].response_excerpt.as_deref(), Some("try later"));
    assert_eq!(attempts[0].error_class.as_deref(), Some("http_status"));
    for (position, wait) in [(0, 1000), (1, 2000)] {
        let (earlier, later) = (&attempts[position], &attempts[position + 1]);
        let ended = earlier.started_at.as_millis() + i64::from(earlier.duration_ms);
        let waited = later.started_at.as_millis() - ended;
        assert!(
            waited >= wait,
            "attempt {} came after {waited} ms instead of {wait}",
            later.number
        );
        assert_eq!(later.trigger, "event");
    }
    world.finish().await;
}

#[tokio::test]
async fn while_a_retry_waits_the_delivery_is_pending_and_says_when() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let overrides = json!({ "retry_waits_seconds": [2], "jitter_percent": 0 });
    let subscription = shop.subscribe(&receiver, "/", json!({ "overrides": overrides })).await;
    receiver.script("/", [Step::status(503), Step::status(200)]);
    let published = shop.publish("order.created", "1").await;
    let waiting = shop
        .delivery_when(&subscription, &published.id, "one attempt", |d| d.attempt_count == 1)
        .await;
    assert_eq!((waiting.status.as_str(), waiting.success), ("pending", false));
    let made = &waiting.attempts()[0];
    let next = waiting.next_attempt_at.expect("a next attempt").as_millis();
    assert!(next >= made.started_at.as_millis() + i64::from(made.duration_ms) + 2000);
    let delivered = shop.delivery(&subscription, &published.id, "delivered").await;
    assert!(delivered.attempts()[1].started_at.as_millis() >= next);
    world.finish().await;
}
