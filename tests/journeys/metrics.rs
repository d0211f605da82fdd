//! Metrics: what CloudWatch reads from the functions' logs adds up to what happened, and names
//! nobody.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::rude::{Manner, Rude};
use tests::{Options, Receiver, Step, Subscription, Tenant, World, until};

/// Longer than the hide limit of a journey.
const PARKED_SECONDS: u32 = 3;

/// The metrics that a function has written: counts added up, and how many values there are of what
/// is timed.
fn sums(world: &World, function: &str) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for line in lines(world, function) {
        for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().expect("metrics") {
            let name = metric["Name"].as_str().expect("a name");
            let value = match &line[name] {
                Value::Array(values) => values.len() as u64,
                value => value.as_u64().expect("a count"),
            };
            *sums.entry(name.to_owned()).or_default() += value;
        }
    }
    sums
}

fn lines(world: &World, function: &str) -> Vec<Value> {
    world.log(function).into_iter().filter(|line| line.get("_aws").is_some()).collect()
}

/// Waits until the metrics are these, and no others.
async fn written(world: &World, expected: &[(&str, u64)]) {
    world.drained().await;
    let expected: BTreeMap<_, _> =
        expected.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    until("the metrics are written", async || {
        let sums = sums(world, "delivery");
        if sums == expected { Ok(()) } else { Err(format!("{sums:?}")) }
    })
    .await;
}

/// Subscribes a path to the event type of its own that is named like it.
async fn subscribe(
    shop: &Tenant,
    receiver: &Receiver,
    name: &str,
    overrides: Value,
) -> Subscription {
    let settings = json!({ "event_types": [name], "overrides": overrides });
    shop.subscribe(receiver, &format!("/{name}"), settings).await
}

#[tokio::test]
async fn the_metrics_of_deliveries_add_up_to_what_became_of_them() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let types = ["plain", "flaky", "refused", "gone", "paused"];
    let shop = world.tenant("shop-1", &types).await;
    let once = json!({ "retry_waits_seconds": [] });
    let plain = subscribe(&shop, &receiver, "plain", json!({})).await;
    let parked = json!({ "retry_waits_seconds": [PARKED_SECONDS], "jitter_percent": 0, "failing_after_attempts": 1 });
    let flaky = subscribe(&shop, &receiver, "flaky", parked).await;
    let refused = subscribe(&shop, &receiver, "refused", once.clone()).await;
    let gone = subscribe(&shop, &receiver, "gone", json!({})).await;
    let paused = subscribe(&shop, &receiver, "paused", json!({})).await;
    shop.patch(&paused, json!({ "status": "paused" })).await;
    receiver.script("/flaky", [Step::status(500), Step::status(200)]);
    receiver.script("/refused", [Step::status(500), Step::status(200)]);
    receiver.script("/gone", [Step::status(410)]);

    for event in shop.publish_many("plain", 12).await {
        shop.delivery(&plain, &event.id, "delivered").await;
    }
    for (name, subscription, status) in [
        ("flaky", &flaky, "delivered"),
        ("refused", &refused, "exhausted"),
        ("gone", &gone, "exhausted"),
        ("paused", &paused, "held"),
    ] {
        let event = shop.publish(name, "1").await;
        shop.delivery(subscription, &event.id, status).await;
        if name == "refused" {
            shop.resend(subscription, &event.id).await;
            shop.delivery(subscription, &event.id, "delivered").await;
        }
    }
    let push = json!({ "event_type": "plain", "data": 1 });
    let _ = shop.try_push(&plain, &push.to_string()).await.with(200);

    let expected = [
        // Twelve, what came again after its wait, and the resend; not the test push.
        ("attempts_succeeded", 14),
        ("attempts_rejected", 3),
        ("exhausted", 2),
        ("failing", 1),
        ("held", 1),
        ("parked", 1),
        ("publish_to_delivered", 13),
        ("publish_to_first_attempt", 15),
        ("recovered", 1),
        ("subscriptions_disabled", 1),
    ];
    written(&world, &expected).await;

    let invocations = world.status().await.functions["delivery"].invocations;
    let lines = lines(&world, "delivery");
    assert!(
        lines.len() as u64 <= invocations,
        "{} lines of {invocations} invocations",
        lines.len()
    );
    for line in &lines {
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([["deployment"]]));
        assert_eq!(line["deployment"], "postrider");
        let text = line.to_string();
        assert!(["shop-1", "evt_", "sub_"].iter().all(|id| !text.contains(id)), "{text}");
    }
    for function in
        ["control", "intake", "fanout", "subscriptions", "history", "scheduler", "portal"]
    {
        assert_eq!(sums(&world, function), BTreeMap::new(), "{function}");
    }
    world.finish().await;
}

#[tokio::test]
async fn attempts_without_an_answer_are_counted_by_what_went_wrong() {
    let mut world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let hanging = Rude::start(Manner::Hang).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let overrides = json!({ "retry_waits_seconds": [], "timeout_seconds": 1 });
    for url in [hanging.url(), "http://127.0.0.1:9/"] {
        shop.subscribe(&receiver, "/", json!({ "url": url, "overrides": overrides })).await;
    }
    let published = shop.publish("order.created", "1").await;
    world.drained().await;
    let expected = [
        ("attempts_timed_out", 1),
        ("attempts_unreachable", 1),
        ("exhausted", 2),
        ("publish_to_first_attempt", 2),
    ];
    written(&world, &expected).await;
    assert_eq!(shop.event(&published.id).await.matched, 2);

    world.restart_with("EgressAllow", "").await;
    let shop = Tenant::new(world.api(), "shop-1");
    shop.publish("order.created", "2").await;
    let expected = [
        ("attempts_blocked", 2),
        ("attempts_timed_out", 1),
        ("attempts_unreachable", 1),
        ("exhausted", 4),
        ("publish_to_first_attempt", 4),
    ];
    written(&world, &expected).await;
    world.finish().await;
}
