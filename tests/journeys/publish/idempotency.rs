//! Requests that are sent twice make one event.

use std::collections::HashSet;

use http::Method;
use serde_json::{Value, json};
use tests::{Answer, Options, Published, Receiver, Tenant, World};
use tokio::task::JoinSet;

async fn publish(shop: &Tenant, key: &str, data: &str) -> Answer {
    shop.try_publish("order.created", data, &[("idempotency-key", key)]).await
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer_and_makes_one_delivery() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created", "order.paid"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let first = publish(&shop, "key-1", r#"{"n":1}"#).await.with(202);
    let again = publish(&shop, "key-1", r#"{"n":1}"#).await.with(202);
    assert_eq!(first.body, again.body);
    assert_eq!(
        (first.header("idempotency-replayed"), again.header("idempotency-replayed")),
        (None, Some("true"))
    );

    for (event_type, data) in [("order.created", r#"{"n":2}"#), ("order.paid", r#"{"n":1}"#)] {
        let other =
            shop.try_publish(event_type, data, &[("idempotency-key", "key-1")]).await.with(409);
        assert!(other.text().contains(&first.json::<Published>().id), "{}", other.text());
    }
    let fresh: Published = publish(&shop, "key-2", r#"{"n":1}"#).await.with(202).json();
    world.drained().await;
    let ids: Vec<_> =
        receiver.requests("/").iter().map(|request| request.id().to_owned()).collect();
    assert_eq!(ids.len(), 2, "{ids:?}");
    assert!(ids.contains(&first.json::<Published>().id) && ids.contains(&fresh.id));
    assert_eq!(shop.deliveries(&subscription, "").await.items.len(), 2);
    world.finish().await;
}

#[tokio::test]
async fn twenty_identical_requests_at_once_make_one_event_and_one_delivery() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    shop.subscribe(&receiver, "/", json!({})).await;
    let mut requests = JoinSet::new();
    for _ in 0..20 {
        let shop = shop.clone();
        requests.spawn(async move {
            publish(&shop, "one", r#"{"n":1}"#).await.with(202).json::<Published>().id
        });
    }
    let ids: HashSet<String> = requests.join_all().await.into_iter().collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), 1);
    let events: Value = shop.api.get(&shop.path("/events")).await.with(200).json();
    assert_eq!(events["items"].as_array().map(Vec::len), Some(1));
    world.finish().await;
}

#[tokio::test]
async fn a_key_belongs_to_its_tenant() {
    let world = World::start(Options::default()).await;
    let (first, second) =
        (world.tenant("shop-1", &["order.created"]).await, world.tenant("shop-2", &[]).await);
    let one: Published = publish(&first, "key", "1").await.with(202).json();
    let other: Published = publish(&second, "key", "2").await.with(202).json();
    assert_ne!(one.id, other.id);
    world.finish().await;
}

#[tokio::test]
async fn the_key_of_a_batch_counts_for_each_of_its_events_unless_it_has_its_own() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    shop.subscribe(&receiver, "/", json!({})).await;
    let events = json!([
        { "type": "order.created", "data": 1 },
        { "type": "order.created", "data": 1 },
        { "type": "order.created", "data": 2, "idempotency_key": "own" },
    ]);
    let body = json!({ "events": events }).to_string();
    let headers = [("idempotency-key", "batch-1")];
    let first =
        shop.api.call(Method::POST, &shop.path("/events"), &headers, body.clone()).await.with(202);
    let again = shop.api.call(Method::POST, &shop.path("/events"), &headers, body).await.with(202);
    assert_eq!(first.body, again.body);
    let own: Published = publish(&shop, "own", "2").await.with(202).json();
    assert_eq!(first.json::<Value>()["events"][2]["id"], json!(own.id));
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), 3);
    world.finish().await;
}

#[tokio::test]
async fn a_key_that_is_empty_too_long_or_not_printable_is_refused() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    for key in ["", &"x".repeat(256), "tab\there"] {
        let body = json!({ "type": "order.created", "data": 1, "idempotency_key": key });
        let refused: Value = shop.api.post(&shop.path("/events"), &body).await.with(422).json();
        assert_eq!(refused["errors"][0]["path"], "idempotency_key", "{refused}");
    }
    let longest = "x".repeat(255);
    let _ = publish(&shop, &longest, "1").await.with(202);
    world.finish().await;
}
