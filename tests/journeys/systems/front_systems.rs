//! The profile `front-systems`: one attempt with the bare data; what failed is listed until it is
//! resent.

use std::time::Duration;

use serde_json::{Value, json};
use tests::catalogues::{self, FRONT_SYSTEMS};
use tests::timeline::{self, Line, Timeline};
use tests::{Options, Receiver, Step, Tenant, World};

const COUNT: &str = r#"{"stockId": 17, "countedDateTime": "2021-12-09T08:50:00Z",
    "movements": [{"gtin": "7041234567890", "quantity": -2}, {"gtin": "7041234567906", "quantity": 1}]}"#;
const A_DAY: Duration = Duration::from_hours(24);

async fn store(world: &World) -> Tenant {
    catalogues::import(world, FRONT_SYSTEMS).await;
    let store = world.tenant("store-1", &[]).await;
    store.set_default_profile("front-systems").await;
    store
}

#[tokio::test]
async fn what_a_receiver_does_not_find_is_sent_once_and_listed_as_failed_until_it_is_resent() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let store = store(&world).await;
    let settings = json!({ "event_types": ["StockCountReconciled"], "overrides": {} });
    let subscription = store.subscribe(&receiver, "/in", settings).await;
    receiver.script("/in", [Step::body(404, "Not found"), Step::status(200)]);

    let published = store.publish("StockCountReconciled", COUNT).await;
    let unwanted = store.publish("SaleCreated", "{}").await;
    let failed = store.delivery(&subscription, &published.id, "exhausted").await;
    assert_eq!(failed.outcomes(), [(1, "rejected", Some(404))]);
    assert_eq!(failed.attempts()[0].response_excerpt.as_deref(), Some("Not found"));
    let line =
        Line { tenant: &store, subscription: &subscription, path: "/in", event: &published.id };
    timeline.nothing_for_a_day(&line, 1).await;
    assert_eq!(store.event(&unwanted.id).await.matched, 0);

    let date = |time: shared::core::timestamp::Timestamp| time.to_string()[..10].to_owned();
    let (before, after) =
        (date(published.timestamp.before(A_DAY)), date(published.timestamp.after(A_DAY)));
    let flags = "success=false&include_payload=false&include_attempts=false";
    let listed =
        store.deliveries(&subscription, &format!("from={before}&to={after}&{flags}")).await.items;
    let [entry] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!(
        (entry.event.as_str(), entry.status.as_str(), entry.attempt_count),
        (&*published.id, "exhausted", 1)
    );
    assert_eq!(entry.last_attempt.as_ref().and_then(|made| made.status), Some(404));
    assert!(entry.data.is_none() && entry.attempts.is_none(), "{entry:?}");
    for elsewhere in [format!("to={before}"), format!("from={after}")] {
        let listed = store.deliveries(&subscription, &format!("{elsewhere}&{flags}")).await.items;
        assert!(listed.is_empty(), "{elsewhere}: {listed:?}");
    }
    let whole = "success=false&include_payload=true&include_attempts=true";
    let listed = store.deliveries(&subscription, whole).await.items;
    assert_eq!(listed[0].data.as_ref().map(|data| data.get()), Some(COUNT));
    assert_eq!(listed[0].outcomes(), failed.outcomes());

    store.resend(&subscription, &published.id).await;
    let delivered = store.delivery(&subscription, &published.id, "delivered").await;
    assert_eq!(delivered.outcomes(), [(1, "rejected", Some(404)), (2, "succeeded", Some(200))]);
    assert!(store.deliveries(&subscription, "success=false").await.items.is_empty());
    let requests = receiver.requests("/in");
    assert_eq!(requests.iter().map(tests::Received::text).collect::<Vec<_>>(), [COUNT, COUNT]);
    assert_eq!(requests[1].id(), published.id);
    world.finish().await;
}

#[tokio::test]
async fn an_integrator_who_loops_over_what_failed_empties_the_list() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let store = store(&world).await;
    let subscription = store.subscribe(&receiver, "/in", json!({ "overrides": {} })).await;
    receiver.script("/in", [Step::status(503)]);
    let published = store.publish_many("SaleCreated", 7).await;
    for event in &published {
        let failed = store.delivery(&subscription, &event.id, "exhausted").await;
        assert_eq!(failed.outcomes(), [(1, "rejected", Some(503))]);
    }
    // The receiver is back, and still refuses two of them once.
    receiver.script("/in", [200, 404, 200, 404, 200].map(Step::status));
    let mut left = Vec::new();
    loop {
        let failed =
            store.deliveries(&subscription, "success=false&limit=250&order=asc").await.items;
        if failed.is_empty() {
            break;
        }
        left.push(failed.len());
        assert!(left.len() < 5, "it goes on and on: {left:?}");
        for delivery in failed {
            store.resend(&subscription, &delivery.event).await;
            let made = delivery.attempt_count + 1;
            store
                .delivery_when(&subscription, &delivery.event, "the resend", |d| {
                    d.attempt_count == made
                })
                .await;
        }
    }
    assert_eq!(left, [7, 2]);
    for event in &published {
        let delivered = store.delivery(&subscription, &event.id, "delivered").await;
        assert!(
            delivered.attempts()[1..].iter().all(|made| made.trigger == "resend"),
            "{delivered:?}"
        );
    }
    world.drained().await;
    assert_eq!(receiver.requests("/in").len(), 7 + 7 + 2);
    world.finish().await;
}

#[tokio::test]
async fn an_integrator_reads_the_catalogue_and_each_schema_by_name() {
    let world = World::start(Options::default()).await;
    let store = store(&world).await;
    let key: Value =
        store.api.post(&store.path("/keys"), &json!({ "name": "erp" })).await.with(201).json();
    let integrator = store.api.with_key(key["key"].as_str().expect("a key"));
    let listed = integrator.all("/v1/event-types?order=asc").await;
    let types = catalogues::types(FRONT_SYSTEMS);
    let names: Vec<_> = listed.iter().filter_map(|found| found["name"].as_str()).collect();
    assert_eq!(names, types.keys().collect::<Vec<_>>());
    for (name, wanted) in &types {
        let schema: Value =
            integrator.get(&format!("/v1/event-types/{name}/schema")).await.with(200).json();
        assert_eq!(schema, wanted["schema"], "{name}");
    }
    let _ = integrator.get("/v1/event-types/NothingCreated/schema").await.with(404);
    let _ = store.publish("StockCountReconciled", COUNT).await;
    world.finish().await;
}

/// Runs `examples/resend_failed.py` as an integrator with this key: its exit code, and what it
/// printed.
async fn run_example(store: &Tenant, key: &str, subscription: &str) -> (Option<i32>, String) {
    let (address, _) = store.api.address_and_key();
    let mut command = std::process::Command::new("python3");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/resend_failed.py"));
    command.args([
        "--url",
        address,
        "--tenant",
        &store.id,
        "--subscription",
        subscription,
        "--pause",
        "0.05",
    ]);
    command.env("POSTRIDER_KEY", key);
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .expect("no panic")
        .expect("python3 runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

#[tokio::test]
async fn the_example_for_integrators_empties_the_list_once_the_receiver_is_back() {
    const EVENTS: usize = 260;
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let store = store(&world).await;
    let subscription = store.subscribe(&receiver, "/in", json!({ "overrides": {} })).await;
    let made: Value =
        store.api.post(&store.path("/keys"), &json!({ "name": "erp" })).await.with(201).json();
    let key = made["key"].as_str().expect("a key");
    receiver.script("/in", [Step::status(503)]);
    store.publish_many("SaleCreated", EVENTS).await;
    receiver.wait("/in", EVENTS).await;
    world.drained().await;

    // The receiver still refuses all: the example says what is left, and gives up.
    let (code, printed) = run_example(&store, key, &subscription.id).await;
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("260 left") && printed.contains("(exhausted, 503)"), "{printed}");
    assert_eq!(receiver.count("/in"), 2 * EVENTS, "each was sent again once");

    // It is back, and refuses one of them once more.
    receiver.script(
        "/in",
        vec![Step::status(200); 7].into_iter().chain([Step::status(503), Step::status(200)]),
    );
    let (code, printed) = run_example(&store, key, &subscription.id).await;
    assert_eq!(code, Some(0), "{printed}");
    assert!(
        printed.contains("round 2: 1 not delivered") && printed.contains("nothing is left"),
        "{printed}"
    );
    assert!(store.deliveries(&subscription, "success=false").await.items.is_empty());
    world.drained().await;
    assert_eq!(receiver.requests("/in").len(), 3 * EVENTS + 1);
    assert_eq!(
        run_example(&store, key, &subscription.id).await.0,
        Some(0),
        "nothing to do is no failure"
    );

    for (key, subscription, said) in [
        ("pr_wrong", subscription.id.as_str(), "401"),
        (key, "sub_00000000000000000000000000", "404"),
        ("", &subscription.id, "POSTRIDER_KEY"),
    ] {
        let (code, printed) = run_example(&store, key, subscription).await;
        assert_eq!(code, Some(2), "{printed}");
        assert!(printed.contains(said) && !printed.contains("Traceback"), "{printed}");
    }
    world.finish().await;
}
