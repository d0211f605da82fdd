//! What waits in order: behind a paused subscription, a long schedule, a delivery that was
//! cancelled; and for too long.

use std::time::Duration;

use http::Method;
use serde_json::json;
use tests::ordered::{DELIVERIES, arrivals, ids, options, publish, shop, subscribe};
use tests::{Gate, Receiver, Step, Tally, World, timeline, until};

/// Longer than a message keeps its place.
const EIGHT_DAYS: Duration = Duration::from_hours(8 * 24);

/// Waits until fan-out has sent this many deliveries, the first of which waits hidden, and nothing
/// is being worked on.
async fn backed_up(world: &World, count: u64) {
    let expected = Tally { visible: count - 1, in_flight: 1, delayed: 0 };
    let mut before = None;
    until("the backlog is in the queue", async || {
        let status = world.status().await;
        let functions = ["fanout", "delivery"].map(|name| status.functions[name].clone());
        let idle = functions.iter().all(|function| function.busy == 0)
            && status.queue(DELIVERIES) == expected;
        // A message is settled a moment after its function has answered: two looks must be the
        // same.
        let look = idle.then_some(functions.map(|function| function.invocations));
        let same = look.is_some() && look == before;
        before = look;
        if same { Ok(()) } else { Err(status) }
    })
    .await;
}

/// Lets time pass until the first of a backlog is looked at again.
async fn advance(world: &World, by: Duration) {
    let before = world.status().await.functions["delivery"].invocations;
    world.advance(by).await;
    until("it is looked at again", async || {
        let status = world.status().await;
        let delivery = &status.functions["delivery"];
        if delivery.invocations > before && delivery.busy == 0 { Ok(()) } else { Err(status) }
    })
    .await;
}

#[tokio::test]
async fn what_is_published_before_in_and_after_a_pause_arrives_in_order() {
    let world = World::start(options()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    let subscription = subscribe(&shop, &receiver, "/").await;
    let mut published = publish(&shop, 5).await;
    world.drained().await;
    shop.patch(&subscription, json!({ "status": "paused" })).await;
    published.extend(publish(&shop, 20).await);
    backed_up(&world, 20).await;
    assert_eq!(receiver.count("/"), 5);
    shop.patch(&subscription, json!({ "status": "active" })).await;
    published.extend(publish(&shop, 20).await);
    receiver.wait("/", 45).await;
    world.drained().await;
    assert_eq!(arrivals(&receiver, "/"), ids(&published));
    assert_eq!(receiver.count("/"), 45);
    world.finish().await;
}

#[tokio::test]
async fn a_wait_of_hours_keeps_back_what_is_behind_it_and_goes_on_when_it_is_cancelled() {
    let world = World::start(timeline::options().with("OrderedDelivery", "true")).await;
    let receiver = Receiver::start_by(&world).await;
    let shop = shop(&world).await;
    let overrides = json!({ "retry_waits_seconds": [7200, 7200], "jitter_percent": 0 });
    let settings = json!({ "ordered": true, "overrides": overrides });
    let subscription = shop.subscribe(&receiver, "/", settings).await;
    receiver.script("/", [Step::status(500), Step::status(500), Step::status(200)]);
    let published = publish(&shop, 3).await;
    backed_up(&world, 3).await;
    advance(&world, Duration::from_mins(20)).await;
    backed_up(&world, 3).await;
    assert_eq!(receiver.count("/"), 1, "it is looked at, and waits on");
    advance(&world, Duration::from_hours(2)).await;
    let head = &published[0].id;
    shop.delivery_when(&subscription, head, "two attempts", |delivery| delivery.attempt_count == 2)
        .await;
    let cancel = format!("{}/cancel", shop.delivery_path(&subscription.id, head));
    let _ = shop.api.post(&cancel, &json!({})).await.with(200);
    backed_up(&world, 3).await;
    world.advance(Duration::from_mins(20)).await;
    receiver.wait("/", 4).await;
    world.drained().await;
    let came: Vec<String> =
        receiver.requests("/").iter().map(|request| request.id().to_owned()).collect();
    assert_eq!(came, [head, head, &published[1].id, &published[2].id].map(String::as_str));
    world.finish().await;
}

#[tokio::test]
async fn an_open_breaker_leaves_what_is_in_order_to_its_schedule() {
    let world = World::start(options()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    let overrides = json!({
        "retry_waits_seconds": [1, 1, 1], "jitter_percent": 0, "failing_after_attempts": 2, "probe_waits_seconds": [3600],
    });
    let subscription =
        shop.subscribe(&receiver, "/", json!({ "ordered": true, "overrides": overrides })).await;
    let gate = Gate::default();
    receiver.script("/", [Step::status(500), Step::status(500), Step::Hold(gate.clone(), 200)]);
    let published = publish(&shop, 5).await;
    receiver.wait("/", 3).await;
    assert_eq!(shop.show(&subscription).await["breaker"], "open");
    gate.open();
    world.drained().await;
    assert_eq!(arrivals(&receiver, "/"), ids(&published));
    assert_eq!(receiver.count("/"), 7, "nothing was held, and nothing waited for a probe");
    assert_eq!(shop.show(&subscription).await["breaker"], "closed");
    world.finish().await;
}

#[tokio::test]
async fn a_delivery_that_is_given_up_lets_the_next_go_on() {
    let world = World::start(options()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    let settings = json!({ "ordered": true, "overrides": { "retry_waits_seconds": [1], "jitter_percent": 0 } });
    let subscription = shop.subscribe(&receiver, "/", settings).await;
    receiver.script("/", [Step::status(500), Step::status(500), Step::status(200)]);
    let published = publish(&shop, 3).await;
    world.drained().await;
    assert_eq!(arrivals(&receiver, "/"), ids(&published));
    assert_eq!(receiver.count("/"), 4);
    shop.delivery(&subscription, &published[0].id, "exhausted").await;
    // Asked for, it comes behind all that was delivered since.
    shop.resend(&subscription, &published[0].id).await;
    shop.delivery(&subscription, &published[0].id, "delivered").await;
    world.finish().await;
}

#[tokio::test]
async fn what_waits_for_a_subscription_that_is_deleted_goes_nowhere() {
    let world = World::start(options()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    let subscription = subscribe(&shop, &receiver, "/").await;
    shop.patch(&subscription, json!({ "status": "paused" })).await;
    publish(&shop, 20).await;
    backed_up(&world, 20).await;
    let path = shop.path(&format!("/subscriptions/{}", subscription.id));
    let _ = shop.api.call(Method::DELETE, &path, &[], "").await.with(204);
    world.drained().await;
    assert_eq!(receiver.count("/"), 0);
    world.finish().await;
}

#[tokio::test]
async fn a_payload_that_is_erased_while_it_waits_in_order_is_not_sent() {
    let world = World::start(timeline::options().with("OrderedDelivery", "true")).await;
    let receiver = Receiver::start_by(&world).await;
    let shop = shop(&world).await;
    let subscription = subscribe(&shop, &receiver, "/").await;
    shop.patch(&subscription, json!({ "status": "paused" })).await;
    let published = publish(&shop, 3).await;
    backed_up(&world, 3).await;
    let erased = &published[1].id;
    shop.event(erased).await;
    let _ = shop
        .api
        .call(Method::DELETE, &shop.path(&format!("/events/{erased}/payload")), &[], "")
        .await
        .with(204);
    shop.patch(&subscription, json!({ "status": "active" })).await;
    world.advance(Duration::from_mins(20)).await;
    world.drained().await;
    assert_eq!(arrivals(&receiver, "/"), [published[0].id.as_str(), published[2].id.as_str()]);
    let cancelled = shop.delivery(&subscription, erased, "cancelled").await;
    assert!(cancelled.reason.is_some_and(|reason| reason.contains("erased")));
    world.finish().await;
}

#[tokio::test]
async fn what_waits_for_more_than_a_week_is_held_like_any_other_and_none_is_lost() {
    let world = World::start(timeline::options().with("OrderedDelivery", "true")).await;
    let receiver = Receiver::start_by(&world).await;
    let shop = shop(&world).await;
    let subscription = subscribe(&shop, &receiver, "/").await;
    shop.patch(&subscription, json!({ "status": "paused" })).await;
    let published = publish(&shop, 5).await;
    backed_up(&world, 5).await;
    world.advance(EIGHT_DAYS).await;
    for event in &published {
        shop.delivery(&subscription, &event.id, "held").await;
    }
    world.drained().await;
    shop.patch(&subscription, json!({ "status": "active" })).await;
    for event in &published {
        shop.delivery(&subscription, &event.id, "delivered").await;
    }
    assert_eq!(receiver.count("/"), 5);
    world.finish().await;
}
