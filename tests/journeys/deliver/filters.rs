//! Which events a subscription gets, and from when on.

use serde_json::{Value, json};
use tests::{Options, Receiver, World};

const TYPES: [&str; 5] =
    ["order", "order.created", "order.item.added", "orders.closed", "SaleCreated"];

#[tokio::test]
async fn a_filter_is_a_name_everything_below_a_prefix_or_all() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &TYPES).await;
    let cases: [(&str, &[&str], &[&str]); 5] = [
        ("/exact", &["order.created"], &["order.created"]),
        ("/below", &["order.*"], &["order.created", "order.item.added"]),
        ("/deeper", &["order.item.*"], &["order.item.added"]),
        ("/all", &["*"], &TYPES),
        (
            "/several",
            &["order", "SaleCreated", "orders.*"],
            &["order", "orders.closed", "SaleCreated"],
        ),
    ];
    for (path, filter, _) in cases {
        shop.subscribe(&receiver, path, json!({ "event_types": filter })).await;
    }
    for name in TYPES {
        shop.publish(name, "1").await;
    }
    world.drained().await;
    for (path, filter, wanted) in cases {
        let mut arrived: Vec<String> = Vec::new();
        for request in receiver.requests(path) {
            let body: Value = serde_json::from_slice(&request.body).expect("JSON");
            arrived.push(body["type"].as_str().expect("a type").to_owned());
        }
        arrived.sort_unstable();
        let mut wanted: Vec<_> = wanted.to_vec();
        wanted.sort_unstable();
        assert_eq!(arrived, wanted, "{filter:?}");
    }
    for wrong in [
        json!([]),
        json!(["order*"]),
        json!(["*.created"]),
        json!(["order..x"]),
        json!("order.created"),
    ] {
        let body = json!({ "url": receiver.url("/"), "event_types": wrong });
        let refused = shop.api.post(&shop.path("/subscriptions"), &body).await;
        assert_eq!(refused.status, 422, "{wrong}: {}", refused.text());
    }
    world.finish().await;
}

#[tokio::test]
async fn a_subscription_made_just_before_an_event_gets_it() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    // Each round, fan-out has the list of the round before in its cache.
    for count in 1..=15 {
        shop.subscribe(&receiver, &format!("/{count}"), json!({})).await;
        let published = shop.publish("order.created", "1").await;
        assert_eq!(shop.event(&published.id).await.matched, count);
        receiver.wait(&format!("/{count}"), 1).await;
    }
    world.finish().await;
}

#[tokio::test]
async fn what_is_deleted_disabled_or_no_longer_interested_gets_nothing_from_then_on() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let deleted = shop.subscribe(&receiver, "/deleted", json!({})).await;
    let disabled = shop.subscribe(&receiver, "/disabled", json!({})).await;
    let narrowed = shop.subscribe(&receiver, "/narrowed", json!({})).await;
    shop.publish("order.created", "1").await;
    let paths = ["/deleted", "/disabled", "/narrowed"];
    for path in paths {
        receiver.wait(path, 1).await;
    }
    let path = shop.path(&format!("/subscriptions/{}", deleted.id));
    let _ = shop.api.delete(&path).await.with(204);
    let _ = shop.api.get(&path).await.with(404);
    let _ = shop.api.delete(&path).await.with(404);
    shop.patch(&disabled, json!({ "status": "disabled" })).await;
    shop.patch(&narrowed, json!({ "event_types": ["order.paid"] })).await;
    let unheard = shop.publish("order.created", "2").await;
    assert_eq!(shop.event(&unheard.id).await.matched, 0);
    shop.patch(&disabled, json!({ "status": "active" })).await;
    shop.publish("order.created", "3").await;
    receiver.wait("/disabled", 2).await;
    world.drained().await;
    assert_eq!(paths.map(|path| receiver.requests(path).len()), [1, 2, 1]);
    world.finish().await;
}

#[tokio::test]
async fn a_retry_that_waits_is_dropped_when_its_subscription_is_deleted() {
    // A retry may see its subscription as it was up to five seconds ago.
    let world = World::start(Options::default().with("HideLimitSeconds", "10")).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let overrides = json!({ "retry_waits_seconds": [6, 1], "jitter_percent": 0 });
    let subscription = shop.subscribe(&receiver, "/", json!({ "overrides": overrides })).await;
    receiver.script("/", [tests::Step::status(500)]);
    let published = shop.publish("order.created", "1").await;
    shop.delivery_when(&subscription, &published.id, "one attempt", |d| d.attempt_count == 1).await;
    let _ =
        shop.api.delete(&shop.path(&format!("/subscriptions/{}", subscription.id))).await.with(204);
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_resets_it() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let settings = json!({
        "description": "first",
        "headers": { "X-One": "1", "X-Two": "2" },
        "overrides": { "retry_waits_seconds": [1], "jitter_percent": 0, "timeout_seconds": 3 },
    });
    let subscription = shop.subscribe(&receiver, "/", settings).await;
    let before = shop.show(&subscription).await;
    let after = shop.patch(&subscription, json!({ "overrides": { "timeout_seconds": 4 } })).await;
    let overrides = json!({
        "retry_waits_seconds": [1], "jitter_percent": 0, "timeout_seconds": 4, "probe_waits_seconds": [],
    });
    assert_eq!(after["overrides"], overrides);
    for name in ["url", "event_types", "description", "headers", "status", "profile", "created_at"]
    {
        assert_eq!(after[name], before[name], "{name}");
    }
    let after =
        shop.patch(&subscription, json!({ "overrides": { "retry_waits_seconds": null } })).await;
    assert_eq!(
        after["overrides"],
        json!({ "jitter_percent": 0, "timeout_seconds": 4, "probe_waits_seconds": [] })
    );
    assert_eq!(
        shop.patch(&subscription, json!({ "overrides": null })).await["overrides"],
        json!({})
    );

    let after =
        shop.patch(&subscription, json!({ "headers": { "x-one": null, "X-Three": "3" } })).await;
    let hidden = "********";
    assert_eq!(after["headers"], json!({ "x-three": hidden, "x-two": hidden }));
    shop.publish("order.created", "1").await;
    let request = receiver.wait("/", 1).await.remove(0);
    assert_eq!((request.header("x-two"), request.header("x-three")), ("2", "3"));
    assert!(!request.headers.contains_key("x-one"));

    let after = shop
        .patch(
            &subscription,
            json!({ "headers": null, "description": null, "url": receiver.url("/new") }),
        )
        .await;
    assert_eq!((&after["headers"], &after["description"]), (&json!({}), &json!("")));
    receiver.trust("/new", &subscription.secret);
    shop.publish("order.created", "2").await;
    assert!(!receiver.wait("/new", 1).await[0].headers.contains_key("x-two"));
    assert_eq!(shop.show(&subscription).await, after);
    world.finish().await;
}
