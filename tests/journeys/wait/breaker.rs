//! The breaker: a receiver that fails is left alone but for probes, and gets what was held when it
//! answers again.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};
use tests::operations::{listen, told};
use tests::portal::{Visitor, at};
use tests::{Gate, Options, Published, Receiver, Step, Subscription, Tenant, World, until};

const HELD: &str = "the receiver is failing, and probed until it answers";

/// A subscription that is failing after two attempts, is probed each second, and makes no retry by
/// itself.
async fn fragile(shop: &Tenant, receiver: &Receiver, more: Value) -> Subscription {
    let mut overrides = json!({
        "retry_waits_seconds": [], "jitter_percent": 0, "failing_after_attempts": 2, "probe_waits_seconds": [1],
    });
    for (name, value) in more.as_object().expect("an object") {
        overrides[name] = value.clone();
    }
    shop.subscribe(receiver, "/", json!({ "overrides": overrides })).await
}

/// Publishes until the breaker is open.
async fn fail(shop: &Tenant, subscription: &Subscription) {
    for _ in 0..2 {
        let published = shop.publish("order.created", "1").await;
        shop.delivery(subscription, &published.id, "exhausted").await;
    }
    breaker(shop, subscription, "open").await;
}

async fn breaker(shop: &Tenant, subscription: &Subscription, wanted: &str) -> Value {
    until("the breaker moves", async || {
        let shown = shop.show(subscription).await;
        if shown["breaker"] == wanted { Ok(shown) } else { Err(shown) }
    })
    .await
}

fn triggers(delivery: &tests::Delivery) -> Vec<&str> {
    delivery.attempts.iter().flatten().map(|made| made.trigger.as_str()).collect()
}

fn types(receiver: &Receiver) -> Vec<String> {
    told(receiver)
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name != "delivery.exhausted")
        .collect()
}

#[tokio::test]
async fn what_comes_while_a_receiver_fails_is_held_and_goes_out_in_order_once_a_probe_succeeds() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    listen(&world, &receiver, json!({})).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = fragile(&shop, &receiver, json!({})).await;
    assert_eq!(shop.show(&subscription).await["breaker"], "closed");
    receiver.script("/", [Step::status(503)]);
    fail(&shop, &subscription).await;
    let mut held = Vec::new();
    for n in 0..12 {
        let published = shop.publish("order.created", &n.to_string()).await;
        let delivery = shop.delivery(&subscription, &published.id, "held").await;
        assert_eq!(delivery.reason.as_deref(), Some(HELD));
        held.push(published);
    }
    // The newest one is sent as a probe, is on record as that, and is held on.
    let newest = held.last().expect("some");
    let probed = shop
        .delivery_when(&subscription, &newest.id, "two probes", |found| found.attempt_count >= 2)
        .await;
    assert_eq!((probed.status.as_str(), probed.reason.as_deref()), ("held", Some(HELD)));
    assert!(triggers(&probed).iter().all(|trigger| *trigger == "probe"), "{:?}", probed.attempts);
    assert_eq!(
        shop.delivery(&subscription, &held[0].id, "held").await.attempt_count,
        0,
        "one at a time"
    );

    let failed = receiver.count("/");
    receiver.script("/", [Step::status(200)]);
    for published in &held {
        shop.delivery(&subscription, &published.id, "delivered").await;
    }
    let shown = breaker(&shop, &subscription, "closed").await;
    assert_eq!(shown["failing_since"], Value::Null);
    world.drained().await;
    let arrived: Vec<_> =
        receiver.requests("/")[failed..].iter().map(|request| request.id().to_owned()).collect();
    assert_eq!(
        arrived[..2],
        [&newest.id, &held[0].id].map(String::clone),
        "the probe, and the oldest by itself"
    );
    assert_eq!(arrived.iter().collect::<HashSet<_>>().len(), 12);
    assert_eq!(arrived.len(), 12, "none goes out twice");
    assert_eq!(types(&receiver), ["subscription.failing", "subscription.recovered"]);
    world.finish().await;
}

#[tokio::test]
async fn a_receiver_that_is_back_gets_its_backlog_few_at_a_time() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = fragile(&shop, &receiver, json!({ "release_concurrency": 3 })).await;
    shop.patch(&subscription, json!({ "status": "paused" })).await;
    let published = shop.publish_many("order.created", 20).await;
    for event in &published {
        shop.delivery(&subscription, &event.id, "held").await;
    }
    world.drained().await;
    // Three are answered at once, which makes room for as many, and these wait.
    let gate = Gate::default();
    receiver.script(
        "/",
        [200, 200, 200].map(Step::status).into_iter().chain([Step::Hold(gate.clone(), 200)]),
    );
    shop.patch(&subscription, json!({ "status": "active" })).await;
    // The last place is filled when there is room for two.
    receiver.wait("/", 5).await;
    world.ticks(3).await;
    let sent = receiver.count("/");
    assert!((5..=6).contains(&sent), "three may be under way, and no more are sent: {sent}");
    gate.open();
    for event in &published {
        assert_eq!(shop.delivery(&subscription, &event.id, "delivered").await.attempt_count, 1);
    }
    world.drained().await;
    assert_eq!(receiver.count("/"), 20);
    world.finish().await;
}

#[tokio::test]
async fn who_changes_a_failing_subscription_gives_it_a_new_start() {
    let world = World::start(Options::default()).await;
    let (dead, receiver) = (Receiver::start().await, Receiver::start().await);
    let shop = world.tenant("shop-1", &["order.created"]).await;
    // Nobody waits for a probe here.
    let subscription = fragile(&shop, &dead, json!({ "probe_waits_seconds": [3600] })).await;
    dead.script("/", [Step::status(500)]);
    fail(&shop, &subscription).await;
    let held = shop.publish("order.created", "1").await;
    shop.delivery(&subscription, &held.id, "held").await;
    receiver.trust("/", &subscription.secret);
    let changed = shop.patch(&subscription, json!({ "url": receiver.url("/") })).await;
    assert_eq!((&changed["breaker"], &changed["failing_since"]), (&json!("closed"), &Value::Null));
    shop.delivery(&subscription, &held.id, "delivered").await;
    world.drained().await;
    assert_eq!((dead.count("/"), receiver.count("/")), (2, 1));
    world.finish().await;
}

#[tokio::test]
async fn the_tenants_page_says_that_deliveries_are_held_and_sends_them_when_its_visitor_wants_so() {
    const SENDS: &str = "Send what is held now";
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = fragile(&shop, &receiver, json!({ "probe_waits_seconds": [3600] })).await;
    let visitor = Visitor::new(&shop, Some(&["manage"])).await;
    let page = at(&subscription, "");
    assert!(!visitor.get(&page).await.with(200).text().contains(SENDS));
    receiver.script("/", [500, 500, 200].map(Step::status));
    fail(&shop, &subscription).await;
    let held = shop.publish("order.created", "1").await;
    shop.delivery(&subscription, &held.id, "held").await;
    let shown = visitor.get(&page).await.with(200);
    assert!(
        shown.text().contains("New deliveries are held") && shown.text().contains(SENDS),
        "{}",
        shown.text()
    );
    let switched = visitor.post(&at(&subscription, "/switch"), "status=active").await.with(303);
    assert!(switched.header("location").is_some_and(|to| to.starts_with(&page)));
    shop.delivery(&subscription, &held.id, "delivered").await;
    world.drained().await;
    world.finish().await;
}

#[tokio::test]
async fn a_resend_is_made_although_the_breaker_is_open_and_its_success_closes_it() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = fragile(&shop, &receiver, json!({ "probe_waits_seconds": [3600] })).await;
    receiver
        .script("/", [Step::status(500), Step::status(500), Step::status(500), Step::status(200)]);
    fail(&shop, &subscription).await;
    let held = shop.publish("order.created", "1").await;
    shop.delivery(&subscription, &held.id, "held").await;
    shop.resend(&subscription, &held.id).await;
    let failed = shop
        .delivery_when(&subscription, &held.id, "one attempt", |found| found.attempt_count == 1)
        .await;
    assert_eq!((failed.status.as_str(), &triggers(&failed)[..]), ("held", &["resend"][..]));
    let other = shop.publish("order.created", "2").await;
    shop.delivery(&subscription, &other.id, "held").await;
    shop.resend(&subscription, &held.id).await;
    shop.delivery(&subscription, &held.id, "delivered").await;
    shop.delivery(&subscription, &other.id, "delivered").await;
    breaker(&shop, &subscription, "closed").await;
    world.drained().await;
    assert_eq!(receiver.count("/"), 5);
    world.finish().await;
}

#[tokio::test]
async fn what_fails_for_five_days_is_disabled_with_a_reason_and_gets_what_was_held_when_it_is_enabled()
 {
    let world = World::start(Options::default().with_clock()).await;
    let receiver = Receiver::start_by(&world).await;
    listen(&world, &receiver, json!({})).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = fragile(&shop, &receiver, json!({ "probe_waits_seconds": [60] })).await;
    receiver.script("/", [Step::status(500)]);
    fail(&shop, &subscription).await;
    let since = shop.show(&subscription).await["failing_since"].clone();
    let held = shop.publish("order.created", "1").await;
    shop.delivery(&subscription, &held.id, "held").await;
    world.advance(Duration::from_hours(119)).await;
    shop.delivery_when(&subscription, &held.id, "a probe", |found| found.attempt_count == 1).await;
    assert_eq!(shop.show(&subscription).await["status"], "active");
    world.advance(Duration::from_hours(2)).await;
    let shown = until("the subscription is disabled", async || {
        let shown = shop.show(&subscription).await;
        if shown["status"] == "disabled" { Ok(shown) } else { Err(shown) }
    })
    .await;
    let reason = format!("no attempt has succeeded since {}", since.as_str().expect("a time"));
    assert_eq!(shown["status_reason"], reason.as_str());
    until("that is told", async || {
        let types = types(&receiver);
        if types == ["subscription.failing", "subscription.disabled"] {
            Ok(())
        } else {
            Err(format!("{types:?}"))
        }
    })
    .await;
    assert_eq!(
        shop.delivery(&subscription, &held.id, "held").await.attempt_count,
        2,
        "it is held on"
    );

    receiver.script("/", [Step::status(200)]);
    let enabled = shop.patch(&subscription, json!({ "status": "active" })).await;
    assert_eq!((&enabled["failing_since"], &enabled["breaker"]), (&Value::Null, &json!("closed")));
    let delivered = shop.delivery(&subscription, &held.id, "delivered").await;
    assert_eq!(delivered.attempt_count, 3);
    world.drained().await;
    world.finish().await;
}

#[tokio::test]
async fn without_probes_a_failing_subscription_keeps_to_its_schedule() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription =
        fragile(&shop, &receiver, json!({ "probe_waits_seconds": [], "retry_waits_seconds": [1] }))
            .await;
    receiver.script("/", [Step::status(500)]);
    let mut published: Vec<Published> = Vec::new();
    for n in 0..5 {
        published.push(shop.publish("order.created", &n.to_string()).await);
    }
    for event in &published {
        assert_eq!(shop.delivery(&subscription, &event.id, "exhausted").await.attempt_count, 2);
    }
    let shown = shop.show(&subscription).await;
    assert_eq!((&shown["breaker"], shown["failing_since"].is_string()), (&json!("none"), true));
    world.drained().await;
    world.finish().await;
}

#[tokio::test]
async fn a_scheduler_or_a_delivery_that_dies_in_the_middle_of_a_release_loses_nothing() {
    const CRASHES: &[&str] = &[
        "the whole batch of",
        "the scheduled run failed",
        "ended before it asked for work",
        "a message was not handled in time",
    ];
    let world = World::start(Options::default().for_crashes().expecting_errors(CRASHES)).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = fragile(&shop, &receiver, json!({ "failing_after_attempts": 1000 })).await;
    shop.patch(&subscription, json!({ "status": "paused" })).await;
    let published = shop.publish_many("order.created", 60).await;
    for event in &published {
        shop.delivery(&subscription, &event.id, "held").await;
    }
    shop.patch(&subscription, json!({ "status": "active" })).await;
    for function in ["scheduler", "delivery", "scheduler", "delivery"] {
        let before = receiver.count("/");
        receiver.wait("/", before + 1).await;
        world.sigkill(function).await;
    }
    for event in &published {
        shop.delivery(&subscription, &event.id, "delivered").await;
    }
    world.drained().await;
    let ids: HashSet<_> =
        receiver.requests("/").iter().map(|request| request.id().to_owned()).collect();
    assert_eq!(ids.len(), 60);
    world.finish().await;
}
