//! The profile `locally`: an event for each item of a cart, a token in a header, and three more
//! attempts within a minute of the first.

use std::time::Duration;

use serde_json::{Value, json};
use tests::catalogues::{self, LOCALLY};
use tests::timeline::{self, Line, Timeline};
use tests::{Gate, Options, Published, Receiver, Step, Tenant, World};

const UPCS: [&str; 3] = ["601842495575", "601842495582", "601842495599"];
const ORDER_URL: &str = "https://www.locally.com/api/v2/cart/QE3QL6";
const TOKEN: &str = "locally-webhook-token";

fn cart(upcs: &[&str]) -> String {
    let items: Vec<_> = upcs.iter().map(|upc| json!({ "upc": upc })).collect();
    json!({ "order_id": "QE3QL6", "status": "confirmed", "order_url": ORDER_URL, "items": items })
        .to_string()
}

/// A tenant whose subscriptions are Locally's, and its catalogue.
async fn shop(world: &World) -> Tenant {
    catalogues::import(world, LOCALLY).await;
    let shop = world.tenant("shop-1", &[]).await;
    shop.set_default_profile("locally").await;
    shop
}

/// Publishes a cart with one item, and answers with the item's event.
async fn publish_item(shop: &Tenant) -> Published {
    let mut cart = shop.publish("cart.item_confirmed", &cart(&UPCS[..1])).await;
    assert_eq!(cart.events.len(), 1);
    cart.events.remove(0)
}

#[tokio::test]
async fn a_cart_is_a_delivery_for_each_item_with_the_token_and_the_bare_item() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    let subscription = shop.subscribe(&receiver, "/", json!({ "overrides": {} })).await;
    assert_eq!(shop.show(&subscription).await["profile"], "locally");

    let cart = shop.publish("cart.item_confirmed", &cart(&UPCS)).await;
    assert_eq!(cart.events.len(), UPCS.len());
    let requests = receiver.wait("/", UPCS.len()).await;
    for (upc, event) in UPCS.iter().zip(&cart.events) {
        let request = requests
            .iter()
            .find(|request| request.id() == event.id)
            .expect("a delivery of each item");
        let body: Value = serde_json::from_slice(&request.body).expect("JSON");
        let expected = json!({ "upc": upc, "order_id": "QE3QL6", "status": "confirmed", "order_url": ORDER_URL });
        assert_eq!(body, expected);
        assert_eq!(request.header(TOKEN), subscription.secret);
        let shown = shop.event(&event.id).await;
        assert_eq!((shown.parent.as_deref(), shown.matched), (Some(cart.id.as_str()), 1));
        assert_eq!(shown.data.expect("data").get(), request.text());
        let delivered = shop.delivery(&subscription, &event.id, "delivered").await;
        assert_eq!(delivered.outcomes(), [(1, "succeeded", Some(200))]);
    }
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), UPCS.len());
    world.finish().await;
}

#[tokio::test]
async fn a_cart_that_is_sent_twice_under_a_key_makes_the_same_events_and_no_more_deliveries() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    let subscription = shop.subscribe(&receiver, "/", json!({ "overrides": {} })).await;
    let key = [("idempotency-key", "cart-QE3QL6")];
    let first = shop.try_publish("cart.item_confirmed", &cart(&UPCS), &key).await.with(202);
    let again = shop.try_publish("cart.item_confirmed", &cart(&UPCS), &key).await.with(202);
    assert_eq!(first.body, again.body);
    assert_eq!(
        (first.header("idempotency-replayed"), again.header("idempotency-replayed")),
        (None, Some("true"))
    );
    assert_eq!(first.json::<Published>().events.len(), UPCS.len());
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), UPCS.len());
    assert_eq!(shop.deliveries(&subscription, "").await.items.len(), UPCS.len());
    world.finish().await;
}

#[tokio::test]
async fn a_regenerated_token_is_sent_from_then_on() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    let subscription = shop.subscribe(&receiver, "/", json!({ "overrides": {} })).await;
    publish_item(&shop).await;
    assert_eq!(receiver.wait("/", 1).await[0].header(TOKEN), subscription.secret);

    let rotated = shop.rotate(&subscription, json!({})).await;
    let token = rotated["secret"].as_str().expect("a token");
    assert_ne!(token, subscription.secret);
    assert_eq!(
        (&rotated["previous_secret"], &rotated["public_key"]),
        (&json!(subscription.secret), &Value::Null)
    );
    receiver.trust("/", token);
    publish_item(&shop).await;
    assert_eq!(receiver.wait("/", 2).await[1].header(TOKEN), token);

    let own = "a-token-of-the-owners-choice";
    shop.rotate(&subscription, json!({ "secret": own, "overlap_seconds": 0 })).await;
    receiver.trust("/", own);
    publish_item(&shop).await;
    assert_eq!(receiver.wait("/", 3).await[2].header(TOKEN), own);
    world.finish().await;
}

#[tokio::test]
async fn three_more_attempts_come_after_5_10_and_15_seconds_whatever_retry_after_asks_and_none_ever_after()
 {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = shop(&world).await;
    let subscription = shop.subscribe(&receiver, "/", json!({ "overrides": {} })).await;
    let later = |status| Step::header(status, "retry-after", "600");
    receiver.script("/", [Step::status(500), later(503), later(429), Step::status(500)]);

    let item = publish_item(&shop).await;
    let line = Line { tenant: &shop, subscription: &subscription, path: "/", event: &item.id };
    let course = timeline.exhaust(&line, 4).await;
    course.assert_waits(&[5, 10, 15]);
    assert!(course.span() <= Duration::from_mins(1), "{:?}", course.span());
    let rejected = [500, 503, 429, 500].map(Some);
    let statuses: Vec<_> = course.delivery.attempts().iter().map(|made| made.status).collect();
    assert_eq!(statuses, rejected);
    assert_eq!(shop.show(&subscription).await["status"], "active");
    world.finish().await;
}

#[tokio::test]
async fn a_receiver_that_hangs_is_left_after_5_seconds_and_all_attempts_are_over_within_a_minute() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = shop(&world).await;
    let subscription = shop.subscribe(&receiver, "/", json!({ "overrides": {} })).await;
    receiver.script("/", [Step::Hold(Gate::default(), 200)]);

    let item = publish_item(&shop).await;
    let line = Line { tenant: &shop, subscription: &subscription, path: "/", event: &item.id };
    let course = timeline.exhaust(&line, 4).await;
    for made in course.delivery.attempts() {
        let class = (made.outcome.as_str(), made.error_class.as_deref(), made.status);
        assert_eq!(class, ("timed_out", Some("timeout"), None));
        assert!((5000..6000).contains(&made.duration_ms), "{} ms", made.duration_ms);
    }
    course.assert_waits(&[5, 10, 15]);
    let last = course.delivery.attempts().last().expect("the fourth");
    let ended = last.started_at.after(Duration::from_millis(u64::from(last.duration_ms)));
    let took = course.arrivals[0].at.until(ended);
    assert!(took <= Duration::from_mins(1), "{took:?}");
    world.finish().await;
}
