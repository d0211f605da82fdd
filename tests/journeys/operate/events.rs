//! Operational events: what happens to subscriptions and deliveries reaches whoever runs the
//! platform.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::catalogues::{self, OPERATIONS};
use tests::operations::{PATH, listen, told};
use tests::{Options, Receiver, Step, Subscription, Tenant, World, until};

/// What the runner says of a batch whose process died, and of a process that died early.
const CRASHES: &[&str] =
    &["the whole batch of", "ended before it asked for work", "a message was not handled in time"];

/// The one event of a type that was told of a subscription.
#[track_caller]
fn only(told: &[(String, Value)], event_type: &str, subscription: &Subscription) -> Value {
    let found = told
        .iter()
        .filter(|(name, data)| name == event_type && data["subscription"] == subscription.id);
    let found: Vec<_> = found.collect();
    let [(_, data)] = found[..] else { panic!("{} of {event_type}: {told:?}", found.len()) };
    data.clone()
}

/// How many events of the tenant `_operations` are on record.
async fn recorded(world: &World) -> usize {
    world.api().all("/v1/tenants/_operations/events").await.len()
}

#[tokio::test]
async fn each_operational_event_comes_once_with_what_the_catalogue_says() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    catalogues::import(&world, OPERATIONS).await;
    listen(&world, &receiver, json!({})).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let waits = |waits: &[u32]| json!({ "retry_waits_seconds": waits, "jitter_percent": 0 });
    let gone = shop.subscribe(&receiver, "/gone", json!({})).await;
    receiver.script("/gone", [Step::status(410)]);
    let mut overrides = waits(&[1]);
    overrides["delete_on_response_text"] = "leave me alone".into();
    let leaving = shop.subscribe(&receiver, "/leaving", json!({ "overrides": overrides })).await;
    receiver.script("/leaving", [Step::body(200, "Leave me alone!")]);
    let mut overrides = waits(&[1; 5]);
    overrides["failing_after_attempts"] = 3.into();
    let ill = shop.subscribe(&receiver, "/ill", json!({ "overrides": overrides })).await;
    receiver.script("/ill", [500, 502, 503, 503, 200].map(Step::status));
    let refusing =
        shop.subscribe(&receiver, "/refusing", json!({ "overrides": waits(&[1]) })).await;
    receiver.script("/refusing", [Step::status(500)]);
    let well = shop.subscribe(&receiver, "/well", json!({})).await;

    let published = shop.publish("order.created", "1").await;
    shop.delivery(&ill, &published.id, "delivered").await;
    shop.delivery(&refusing, &published.id, "exhausted").await;
    shop.delivery(&well, &published.id, "delivered").await;
    world.drained().await;

    let told = told(&receiver);
    assert_eq!(
        (told.len(), receiver.requests(PATH).len(), recorded(&world).await),
        (6, 6, 6),
        "{told:?}"
    );
    let types = catalogues::types(OPERATIONS);
    for (name, data) in &told {
        let required = types[name]["schema"]["required"].as_array().expect("members");
        let required: BTreeSet<_> = required.iter().filter_map(Value::as_str).collect();
        let members: BTreeSet<_> =
            data.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(members, required, "{name}");
        let expected = [
            ("tenant", "shop-1"),
            ("event", published.id.as_str()),
            ("event_type", "order.created"),
        ];
        for (member, wanted) in expected {
            assert_eq!(data[member], wanted, "{name}: {data}");
        }
    }
    assert_eq!(only(&told, "subscription.disabled", &gone)["reason"], "the receiver answered 410");
    let exhausted = only(&told, "delivery.exhausted", &gone);
    assert_eq!(
        (&exhausted["attempts"], &exhausted["reason"]),
        (&json!(1), &json!("the receiver answered 410"))
    );
    let deleted = only(&told, "subscription.deleted", &leaving);
    assert!(deleted["reason"].as_str().is_some_and(|why| !why.is_empty()), "{deleted}");
    let failing = only(&told, "subscription.failing", &ill);
    assert_eq!(failing["failed_attempts"], 3);
    assert!(failing["reason"].as_str().is_some_and(|why| why.contains("503")), "{failing}");
    let recovered = only(&told, "subscription.recovered", &ill);
    assert_eq!(recovered["failing_since"], failing["at"]);
    let exhausted = only(&told, "delivery.exhausted", &refusing);
    let reason = json!("every attempt of the schedule was made");
    assert_eq!((&exhausted["attempts"], &exhausted["reason"]), (&json!(2), &reason));
    world.finish().await;
}

#[tokio::test]
async fn a_subscription_says_since_when_it_fails_and_a_success_or_a_fresh_start_ends_it() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    listen(&world, &receiver, json!({})).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let overrides = json!({ "retry_waits_seconds": [], "failing_after_attempts": 2 });
    let subscription = shop.subscribe(&receiver, "/", json!({ "overrides": overrides })).await;
    assert_eq!(shop.show(&subscription).await["failing_since"], Value::Null);
    let fail = async || {
        let published = shop.publish("order.created", "1").await;
        shop.delivery(&subscription, &published.id, "exhausted").await;
        world.drained().await;
    };
    let succeed = async || {
        let published = shop.publish("order.created", "1").await;
        shop.delivery(&subscription, &published.id, "delivered").await;
        world.drained().await;
    };
    let count =
        |event_type: &str| told(&receiver).iter().filter(|(name, _)| name == event_type).count();
    let counts = || [count("subscription.failing"), count("subscription.recovered")];

    receiver.script("/", [500, 200, 500, 500, 500, 200, 500, 500, 500].map(Step::status));
    fail().await;
    succeed().await;
    fail().await;
    assert_eq!(counts(), [0, 0], "a success in between starts the count anew");
    fail().await;
    assert_eq!(counts(), [1, 0]);
    let failing = shop.show(&subscription).await;
    assert!(failing["failing_since"].is_string(), "{failing}");
    fail().await;
    assert_eq!(counts(), [1, 0], "it is told once");
    assert_eq!(shop.show(&subscription).await["failing_since"], failing["failing_since"]);
    succeed().await;
    assert_eq!(counts(), [1, 1]);
    assert_eq!(shop.show(&subscription).await["failing_since"], Value::Null);
    fail().await;
    fail().await;
    assert_eq!(counts(), [2, 1], "it may fail anew");
    shop.patch(&subscription, json!({ "status": "disabled" })).await;
    let active = shop.patch(&subscription, json!({ "status": "active" })).await;
    assert_eq!(active["failing_since"], Value::Null, "who sets it active again starts anew");
    world.finish().await;
}

#[tokio::test]
async fn what_fails_about_an_operational_event_makes_no_other_one() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let failing =
        json!({ "retry_waits_seconds": [1], "jitter_percent": 0, "failing_after_attempts": 1 });
    let (operations, listener) = listen(&world, &receiver, json!({ "overrides": failing })).await;
    let gone = operations.subscribe(&receiver, "/gone", json!({})).await;
    receiver.script(PATH, [Step::status(500)]);
    receiver.script("/gone", [Step::status(410)]);
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let refusing =
        shop.subscribe(&receiver, "/", json!({ "overrides": { "retry_waits_seconds": [] } })).await;
    receiver.script("/", [Step::status(500)]);

    let published = shop.publish("order.created", "1").await;
    shop.delivery(&refusing, &published.id, "exhausted").await;
    world.drained().await;
    let events = world.api().all("/v1/tenants/_operations/events").await;
    let types: Vec<_> = events.iter().map(|event| event["type"].clone()).collect();
    assert_eq!(types, ["delivery.exhausted"]);
    let event = events[0]["id"].as_str().expect("an id");
    operations.delivery(&listener, event, "exhausted").await;
    assert!(operations.show(&listener).await["failing_since"].is_string());
    assert_eq!(operations.show(&gone).await["status"], "disabled");

    // Were there any about those, they would be here by the time that the next one is.
    let published = shop.publish("order.created", "2").await;
    shop.delivery(&refusing, &published.id, "exhausted").await;
    world.drained().await;
    assert_eq!(recorded(&world).await, 2);
    assert_eq!(receiver.requests(PATH).len(), 4);
    world.finish().await;
}

#[tokio::test]
async fn the_operations_tenant_is_there_and_only_postrider_publishes_to_it() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let operations = Tenant::new(world.api(), "_operations");
    let listed: Value =
        operations.api.get(&operations.path("/subscriptions")).await.with(200).json();
    assert_eq!(listed["items"], json!([]));
    let (api, path) = (&operations.api, operations.path(""));
    let _ = api.put(&path, &json!({})).await.with(422);
    let _ = api.delete(&path).await.with(422);
    catalogues::import(&world, OPERATIONS).await;
    let _ = operations.try_publish("delivery.exhausted", "{}", &[]).await.with(422);
    let shop = world.tenant("shop-1", &[]).await;
    let key: Value = api.post(&shop.path("/keys"), &json!({})).await.with(201).json();
    let own = api.with_key(key["key"].as_str().expect("a key"));
    let _ = own.get(&operations.path("/subscriptions")).await.with(404);
    let _ = own.get(&operations.path("/events")).await.with(404);
    listen(&world, &receiver, json!({})).await;
    world.drained().await;
    assert_eq!((recorded(&world).await, receiver.count(PATH)), (0, 0));
    world.finish().await;
}

#[tokio::test]
async fn a_delivery_function_that_dies_tells_it_all_the_same_and_as_one_event() {
    let options = Options::default().for_crashes().expecting_errors(CRASHES);
    let world = World::start(options).await;
    let receiver = Receiver::start().await;
    listen(&world, &receiver, json!({})).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let refusing =
        shop.subscribe(&receiver, "/", json!({ "overrides": { "retry_waits_seconds": [] } })).await;
    let mut published = Vec::new();
    for _ in 0..5 {
        let gate = tests::Gate::default();
        receiver.script("/", [Step::Hold(gate.clone(), 500)]);
        let event = shop.publish("order.created", "1").await;
        until("the attempt is made", async || {
            let arrived = receiver.requests("/").iter().any(|request| request.id() == event.id);
            if arrived { Ok(()) } else { Err("not yet") }
        })
        .await;
        gate.open();
        // From here to the record, to the telling and to the settled message it is a matter of
        // milliseconds.
        shop.delivery(&refusing, &event.id, "exhausted").await;
        world.sigkill("delivery").await;
        published.push(event);
    }
    world.drained().await;
    let told = told(&receiver);
    let events: Vec<_> = told.iter().map(|(_, data)| data["event"].clone()).collect();
    for event in &published {
        let times = events.iter().filter(|told| **told == event.id).count();
        assert_eq!(times, 1, "{} in {told:?}", event.id);
    }
    assert_eq!(
        (told.len(), recorded(&world).await),
        (published.len(), published.len()),
        "{told:?}"
    );
    world.finish().await;
}
