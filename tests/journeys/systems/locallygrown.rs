//! The profile `locallygrown`: an envelope with the market, a hex HMAC of the body, five retries
//! within a day, and a hundred deliveries a minute.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};
use tests::catalogues::{self, LOCALLYGROWN};
use tests::timeline::{self, Line, Timeline};
use tests::{
    Delivery, Gate, Options, Published, Receiver, Step, Subscription, Tenant, World, assert_limit,
    fixtures, hex_hmac, until,
};

const ORDER: &str = r#"{
  "id": "order_456", "customer_id": "user_789", "status": "pending", "total": 4250, "currency": "usd",
  "items": [
    {"product_id": "prod_123", "name": "Organic Tomatoes", "quantity": 2, "price": 1200, "grower_id": "grower_456"}
  ],
  "pickup_location": "Downtown Farmers Market", "pickup_date": "2024-01-15", "created_at": "2024-01-10T10:30:00Z"
}"#;
const SECRET: &str = "your-webhook-secret-key";
const SIGNATURE: &str = "X-LocallyGrown-Signature";
const A_MINUTE: Duration = Duration::from_mins(1);

async fn market(world: &World) -> Tenant {
    catalogues::import(world, LOCALLYGROWN).await;
    let market = world.tenant("market_123", &[]).await;
    market.set_default_profile("locallygrown").await;
    market
}

/// The case's subscription.
async fn subscribe(market: &Tenant, receiver: &Receiver) -> Subscription {
    let settings = json!({
        "event_types": ["order.created", "order.completed", "payment.succeeded"],
        "secret": SECRET,
        "overrides": {},
    });
    market.subscribe(receiver, "/webhooks/locallygrown", settings).await
}

/// The body that an order's event must have.
fn body(event: &Published, data: &str) -> String {
    let (id, created) = (&event.id, event.timestamp.as_unix_seconds());
    let head = format!(r#"{{"id":"{id}","type":"order.created","created":{created}"#);
    let tail = r#""market_id":"market_123","api_version":"2024-01-01"}"#;
    format!(r#"{head},"data":{{"object":{data}}},{tail}"#)
}

#[tokio::test]
async fn a_market_gets_its_envelope_around_the_exact_data_with_a_signature_over_the_exact_body() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let market = market(&world).await;
    let subscription = subscribe(&market, &receiver).await;
    assert_eq!(subscription.secret, SECRET);
    let unwanted = market.publish("order.updated", ORDER).await;
    for data in [ORDER, fixtures::ODD_JSON] {
        let published = market.publish("order.created", data).await;
        market.delivery(&subscription, &published.id, "delivered").await;
        let request = receiver.requests("/webhooks/locallygrown").pop().expect("a request");
        assert_eq!(request.text(), body(&published, data));
        assert_eq!(
            request.header(SIGNATURE),
            format!("sha256={}", hex_hmac(SECRET, &request.body))
        );
        assert_eq!(request.id(), published.id);
    }
    let body: Value = receiver.requests("/webhooks/locallygrown")[0].text().parse().expect("JSON");
    assert!(body["created"].is_u64(), "{body}");
    let members = body["data"].as_object().expect("an object");
    assert_eq!(members.keys().collect::<Vec<_>>(), ["object"]);
    assert_eq!(market.event(&unwanted.id).await.matched, 0);
    world.drained().await;
    assert_eq!(receiver.requests("/webhooks/locallygrown").len(), 2, "only subscribed types");
    world.finish().await;
}

#[tokio::test]
async fn five_retries_come_with_growing_waits_within_a_day_and_each_is_the_same_event() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let market = market(&world).await;
    let subscription = subscribe(&market, &receiver).await;
    let path = "/webhooks/locallygrown";
    receiver.script(path, [Step::Hold(Gate::default(), 200), Step::status(500)]);

    let published = market.publish("order.created", ORDER).await;
    let line = Line { tenant: &market, subscription: &subscription, path, event: &published.id };
    let course = timeline.exhaust(&line, 6).await;
    let planned = [60, 300, 1500, 7500, 37_500].map(Duration::from_secs);
    let waits = course.waits();
    assert_eq!(waits.len(), planned.len());
    for (wait, planned) in waits.iter().zip(planned) {
        // What was spread, and the second tick of the scheduler at most.
        let within = planned.mul_f64(0.9)..planned.mul_f64(1.1) + Duration::from_secs(3);
        assert!(within.contains(wait), "{wait:?} instead of {planned:?}: {waits:?}");
    }
    assert!(waits.is_sorted() && course.span() < Duration::from_hours(24), "{waits:?}");

    let ids: HashSet<_> =
        course.arrivals.iter().map(|request| (request.id(), &request.body)).collect();
    assert_eq!(ids.len(), 1, "each is the same event with the same bytes");
    for request in &course.arrivals {
        assert_eq!(
            request.header(SIGNATURE),
            format!("sha256={}", hex_hmac(SECRET, &request.body))
        );
    }
    let first = &course.delivery.attempts()[0];
    assert_eq!(
        (first.outcome.as_str(), first.error_class.as_deref()),
        ("timed_out", Some("timeout"))
    );
    assert!((10_000..11_000).contains(&first.duration_ms), "{} ms", first.duration_ms);
    assert_eq!(course.delivery.reason.as_deref(), Some("every attempt of the schedule was made"));
    world.finish().await;
}

/// What waits for a slot, once that is all that is left of so many events.
async fn waiting(market: &Tenant, subscription: &Subscription, count: usize) -> Vec<Delivery> {
    until("the rest waits", async || {
        let waiting = market.deliveries(subscription, "success=false&limit=250").await.items;
        if waiting.len() == count { Ok(waiting) } else { Err(format!("{} wait", waiting.len())) }
    })
    .await
}

#[tokio::test]
async fn the_101st_delivery_of_a_minute_waits_for_its_slot_which_is_no_attempt() {
    const EVENTS: usize = 130;
    const LIMIT: usize = 100;
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let market = market(&world).await;
    let subscription = subscribe(&market, &receiver).await;
    let path = "/webhooks/locallygrown";
    let published = market.publish_many("order.created", EVENTS).await;

    let first = receiver.wait(path, LIMIT).await[0].at;
    let waiting = waiting(&market, &subscription, EVENTS - LIMIT).await;
    for delivery in &waiting {
        assert_eq!(
            (delivery.status.as_str(), delivery.attempt_count),
            ("pending", 0),
            "{delivery:?}"
        );
        let slot = delivery.next_attempt_at.expect("its slot");
        assert!(
            first.until(slot) >= A_MINUTE && first.until(slot) < 2 * A_MINUTE,
            "{first} {slot}"
        );
    }
    let earliest =
        waiting.iter().filter_map(|delivery| delivery.next_attempt_at).min().expect("a slot");
    timeline.settled().await;
    world.advance_to(earliest.before(Duration::from_secs(2))).await;
    timeline.works().await;
    let early = receiver.requests(path).iter().filter(|request| request.at < earliest).count();
    assert_eq!(early, LIMIT, "something came before its slot");
    world.advance_to(earliest).await;
    for event in &published {
        let delivered = market.delivery(&subscription, &event.id, "delivered").await;
        assert_eq!(delivered.outcomes(), [(1, "succeeded", Some(200))]);
    }
    assert_eq!(receiver.requests(path).len(), EVENTS);
    assert_limit(&receiver.requests(path), LIMIT);
    world.finish().await;
}

#[tokio::test]
async fn a_burst_right_after_a_minute_with_a_burst_keeps_its_distance_to_it() {
    const LIMIT: usize = 5;
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let market = market(&world).await;
    market
        .subscribe(&receiver, "/", json!({ "overrides": { "rate_limit_per_minute": LIMIT } }))
        .await;
    for burst in 0..4 {
        market.publish_many("order.created", LIMIT).await;
        let first = receiver.wait("/", (burst + 1) * LIMIT).await[burst * LIMIT].at;
        timeline.settled().await;
        world.advance_to(first.after(A_MINUTE)).await;
    }
    assert_limit(&receiver.requests("/"), LIMIT);
    world.finish().await;
}

#[tokio::test]
async fn what_waits_for_its_slot_is_held_while_the_subscription_is_paused_and_keeps_to_the_limit_after()
 {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let market = market(&world).await;
    let subscription = market
        .subscribe(&receiver, "/", json!({ "overrides": { "rate_limit_per_minute": 5 } }))
        .await;
    let published = market.publish_many("order.created", 12).await;
    receiver.wait("/", 5).await;
    waiting(&market, &subscription, 7).await;
    timeline.settled().await;
    market.patch(&subscription, json!({ "status": "paused" })).await;
    world.advance(3 * A_MINUTE).await;
    until("what waits is held", async || {
        let held = market.deliveries(&subscription, "success=false").await.items;
        if held.iter().all(|delivery| delivery.status == "held") {
            Ok(())
        } else {
            Err(format!("{held:?}"))
        }
    })
    .await;
    timeline.settled().await;
    assert_eq!(receiver.requests("/").len(), 5);

    market.patch(&subscription, json!({ "status": "active" })).await;
    receiver.wait("/", 10).await;
    let left = waiting(&market, &subscription, 2).await;
    assert!(
        left.iter()
            .all(|delivery| (delivery.status.as_str(), delivery.attempt_count) == ("pending", 0))
    );
    timeline.settled().await;
    assert_eq!(receiver.requests("/").len(), 10);
    world
        .advance_to(
            left.iter().filter_map(|delivery| delivery.next_attempt_at).max().expect("a slot"),
        )
        .await;
    for event in &published {
        let delivered = market.delivery(&subscription, &event.id, "delivered").await;
        assert_eq!(delivered.attempt_count, 1);
    }
    assert_eq!(receiver.requests("/").len(), 12);
    world.finish().await;
}

#[tokio::test]
async fn a_market_that_is_gone_is_disabled_and_gets_nothing_more() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let market = market(&world).await;
    let subscription = subscribe(&market, &receiver).await;
    receiver.script("/webhooks/locallygrown", [Step::status(410)]);
    let published = market.publish("order.created", ORDER).await;
    let ended = market.delivery(&subscription, &published.id, "exhausted").await;
    assert_eq!(ended.outcomes(), [(1, "rejected", Some(410))]);
    assert_eq!(ended.reason.as_deref(), Some("the receiver answered 410"));
    until("the subscription is disabled", async || {
        let shown = market.show(&subscription).await;
        if shown["status"] == "disabled" { Ok(()) } else { Err(shown) }
    })
    .await;
    let unheard = market.publish("order.created", ORDER).await;
    assert_eq!(market.event(&unheard.id).await.matched, 0);
    world.drained().await;
    assert_eq!(receiver.requests("/webhooks/locallygrown").len(), 1);
    world.finish().await;
}
