//! Event types that are split: each element of an array becomes an event of its own.

use std::collections::HashSet;

use http::Method;
use serde_json::{Value, json};
use tests::{Answer, Options, Published, Receiver, Tenant, World, until};

/// A tenant, a type that is split, and one that is not.
async fn shop(world: &World) -> Tenant {
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let _ = world
        .api()
        .put("/v1/event-types/cart.ordered", &json!({ "split": "/cart/items" }))
        .await
        .with(201);
    shop
}

async fn publish_all(shop: &Tenant, events: &str, key: &str) -> Answer {
    let body = format!(r#"{{"events":[{events}]}}"#);
    shop.api.call(Method::POST, &shop.path("/events"), &[("idempotency-key", key)], body).await
}

fn path(refused: &Value) -> &str {
    refused["errors"][0]["path"].as_str().expect("a path")
}

#[tokio::test]
async fn each_part_of_a_batch_is_an_event_with_what_stands_around_it_and_keeps_its_bytes() {
    const BATCH: &str = r#"
        {"type":"cart.ordered","data":{"shop":7,"cart":{"id":1e2,"items":[{"upc":"1"},{"upc":"2","id":2.50}]}}},
        {"type":"order.created","data":{"cart":{"items":[{}]}}},
        {"type":"cart.ordered","data":{"cart":{"items":[{"n":[ 3 ]}]}}}"#;
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    let bare = json!({ "overrides": { "body": "${data}" } });
    shop.subscribe(&receiver, "/", bare).await;

    let first = publish_all(&shop, BATCH, "batch").await.with(202);
    let again = publish_all(&shop, BATCH, "batch").await.with(202);
    assert_eq!(first.body, again.body, "the same request makes the same events");
    assert_eq!(
        (first.header("idempotency-replayed"), again.header("idempotency-replayed")),
        (None, Some("true"))
    );
    let answer: Value = first.json();
    let published: Vec<Published> =
        serde_json::from_value(answer["events"].clone()).expect("events");
    assert_eq!(published.iter().map(|event| event.events.len()).collect::<Vec<_>>(), [2, 0, 1]);
    assert_eq!(answer["events"][1].get("events"), None);

    let expected = [
        (&published[0].events[0], Some(&published[0]), r#"{"upc":"1","id":1e2,"shop":7}"#),
        (&published[0].events[1], Some(&published[0]), r#"{"upc":"2","id":2.50,"shop":7}"#),
        (&published[1], None, r#"{"cart":{"items":[{}]}}"#),
        (&published[2].events[0], Some(&published[2]), r#"{"n":[ 3 ]}"#),
    ];
    world.drained().await;
    let requests = receiver.requests("/");
    assert_eq!(requests.len(), expected.len());
    let all = published.iter().flat_map(|event| event.events.iter().chain([event]));
    assert_eq!(all.map(|event| &event.id).collect::<HashSet<_>>().len(), 6);
    for (event, parent, body) in expected {
        let request = requests.iter().find(|request| request.id() == event.id).expect("a delivery");
        assert_eq!(request.text(), body);
        let shown = shop.event(&event.id).await;
        assert_eq!(shown.parent.as_ref(), parent.map(|parent| &parent.id));
        assert_eq!((shown.r#type, shown.timestamp), (event.r#type.clone(), event.timestamp));
        assert!(parent.is_none_or(|parent| parent.r#type == event.r#type));
    }
    let listed = shop.api.all(&shop.path("/events")).await;
    assert_eq!(listed.len(), 4, "what is split is no event of its own: {listed:?}");
    world.finish().await;
}

#[tokio::test]
async fn what_cannot_be_split_is_refused_whole_and_says_where() {
    let world = World::start(Options::default()).await;
    let shop = shop(&world).await;
    let cases = [
        (r#"{"shop":7}"#, "/cart/items"),
        (r#"{"cart":{"items":{}}}"#, "/cart/items"),
        (r#"{"cart":{"items":[]}}"#, "/cart/items"),
        (r#"{"cart":{"items":[{},1]}}"#, "/cart/items/1"),
        ("null", "/cart/items"),
    ];
    for (data, place) in cases {
        let refused: Value = shop.try_publish("cart.ordered", data, &[]).await.with(422).json();
        assert_eq!(path(&refused), "data", "{data}: {refused}");
        assert!(
            refused["errors"][0]["message"].as_str().is_some_and(|why| why.contains(place)),
            "{data}: {refused}"
        );
        let good = r#"{"type":"order.created","data":1}"#;
        let batch = format!(r#"{good},{{"type":"cart.ordered","data":{data}}}"#);
        let refused: Value = publish_all(&shop, &batch, data).await.with(422).json();
        assert_eq!(path(&refused), "events[1].data", "{data}: {refused}");
    }
    world.drained().await;
    assert_eq!(shop.api.all(&shop.path("/events")).await, Vec::<Value>::new());
    world.finish().await;
}

#[tokio::test]
async fn a_request_becomes_a_thousand_events_and_no_more() {
    let world = World::start(Options::default()).await;
    let shop = shop(&world).await;
    let data =
        |elements: usize| format!(r#"{{"cart":{{"items":[{}]}}}}"#, vec!["{}"; elements].join(","));
    let one_too_many = shop.try_publish("cart.ordered", &data(1001), &[]).await.with(413);
    assert!(one_too_many.text().contains("1001"), "{}", one_too_many.text());
    let event = |elements| format!(r#"{{"type":"cart.ordered","data":{}}}"#, data(elements));
    let _ = publish_all(&shop, &format!("{},{}", event(600), event(401)), "two").await.with(413);
    // A member beside the array is repeated in each event: a few bytes more of it would be
    // gigabytes.
    let wide = format!(
        r#"{{"note":"{}","cart":{{"items":[{}]}}}}"#,
        "x".repeat(900_000),
        vec!["{}"; 20].join(",")
    );
    let _ = shop.try_publish("cart.ordered", &wide, &[]).await.with(413);

    let most: Published = shop.try_publish("cart.ordered", &data(1000), &[]).await.with(202).json();
    assert_eq!(most.events.iter().map(|event| &event.id).collect::<HashSet<_>>().len(), 1000);
    world.drained().await;
    assert_eq!(shop.api.all(&shop.path("/events?limit=250")).await.len(), 1000);
    world.finish().await;
}

#[tokio::test]
async fn a_type_that_is_put_with_or_without_a_split_is_split_or_not_within_seconds() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    shop.subscribe(&receiver, "/", json!({})).await;
    let data = r#"{"cart":{"items":[{"n":1},{"n":2}]}}"#;
    assert_eq!(shop.publish("cart.ordered", data).await.events.len(), 2);
    for (put, parts) in [(json!({}), 0), (json!({ "split": "/cart/items" }), 2)] {
        let shown: Value =
            world.api().put("/v1/event-types/cart.ordered", &put).await.with(200).json();
        assert_eq!(shown["split"], put["split"]);
        until("the change is seen", async || {
            let published = shop.publish("cart.ordered", data).await;
            if published.events.len() == parts { Ok(()) } else { Err(format!("{published:?}")) }
        })
        .await;
    }
    for pointer in ["", "items", "/", "/a//b", "/a~2"] {
        let put = json!({ "split": pointer });
        let refused: Value =
            world.api().put("/v1/event-types/cart.ordered", &put).await.with(422).json();
        assert_eq!(path(&refused), "split", "{pointer:?}: {refused}");
    }
    let put = json!({ "split": "/items", "example": { "items": [] } });
    let refused: Value =
        world.api().put("/v1/event-types/cart.ordered", &put).await.with(422).json();
    assert_eq!(path(&refused), "example");
    let import = json!({ "event_types": [{ "name": "cart.paid", "split": "items" }] });
    let refused: Value = world.api().post("/v1/event-types/import", &import).await.with(422).json();
    assert_eq!(path(&refused), "event_types[0].split");
    world.finish().await;
}

#[tokio::test]
async fn a_repeated_request_makes_nothing_new_though_its_type_is_no_longer_split() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    shop.subscribe(&receiver, "/", json!({})).await;
    let data = r#"{"cart":{"items":[{"n":1},{"n":2}]}}"#;
    let key = [("idempotency-key", "cart-1")];
    let first: Published = shop.try_publish("cart.ordered", data, &key).await.with(202).json();
    let _ = world.api().put("/v1/event-types/cart.ordered", &json!({})).await.with(200);
    let other = r#"{"cart":{"items":[{"n":3}]}}"#;
    until("the change is seen", async || {
        let published = shop.publish("cart.ordered", other).await;
        if published.events.is_empty() { Ok(()) } else { Err(format!("{published:?}")) }
    })
    .await;
    let again: Published = shop.try_publish("cart.ordered", data, &key).await.with(202).json();
    assert_eq!(again.id, first.id);
    world.drained().await;
    let ids: Vec<_> =
        first.events.iter().map(|part| part.id.as_str()).chain([first.id.as_str()]).collect();
    let requests = receiver.requests("/");
    let arrived: Vec<_> = ids
        .iter()
        .map(|id| requests.iter().filter(|request| request.id() == *id).count())
        .collect();
    assert_eq!(arrived, [1, 1, 0], "each part came once, and the cart itself never");
    world.finish().await;
}
