//! A tenant's payloads erased; in `tenants`, all of it.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use shared::core::id::EventId;
use shared::edges::clock;
use tests::erasing::{Shop, done, erase, key_of, looked_once, shop};
use tests::timeline::{self, Timeline};
use tests::{Options, Receiver, Step, World, fan_out, until};

/// What the runner says of processes that died.
const CRASHES: &[&str] =
    &["the whole batch of", "ended before it asked for work", "the scheduled run failed"];

#[tokio::test]
async fn all_payloads_of_a_tenant_are_erased_with_what_was_answered_to_them_and_no_other_tenants() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let erased = shop(&world, &receiver, "erased", "4242-1111").await;
    let kept = shop(&world, &receiver, "kept", "5555-2222").await;
    let tables = world.tables();
    for shop in [&erased, &kept] {
        assert!(
            !tables.rows_with("LogTable", shop.card).await.is_empty(),
            "what is to be erased is not found at all"
        );
    }

    let asked = erase(&erased.tenant, "/payloads").await;
    assert_eq!((asked.tenant.as_str(), asked.what.as_str()), ("erased", "payloads"));
    assert_eq!((asked.status.as_str(), asked.finished_at), ("running", None));
    for name in ["fine", "failing"] {
        receiver.script(&format!("/erased/{name}"), [Step::status(200)]);
    }
    let later = erased.tenant.publish("order.created", r#"{"later":1}"#).await;
    let looked = looked_once(&erased.tenant).await;
    assert_eq!((looked.status.as_str(), looked.events, looked.deliveries), ("running", 2, 6));
    assert_erased(&world, &erased).await;
    erased.tenant.delivery(&erased.fine, &later.id, "delivered").await;
    erased.tenant.delivery(&erased.paused, &later.id, "held").await;

    let done = done(&world, &timeline, &erased.tenant).await;
    assert_eq!((done.what.as_str(), done.events, done.deliveries), ("payloads", 2, 6));
    assert_erased(&world, &erased).await;
    kept.assert_untouched(&world).await;
    let after = erased.tenant.publish("order.created", "17").await;
    for (event, data) in [(&later, r#"{"later":1}"#), (&after, "17")] {
        let shown = erased.tenant.event(&event.id).await;
        assert_eq!(shown.data.map(|data| data.get().to_owned()).as_deref(), Some(data));
    }
    erased.tenant.delivery(&erased.fine, &after.id, "delivered").await;
    world.advance(Duration::from_hours(2)).await;
    timeline.ticks().await;
    timeline.works().await;
    for request in receiver.requests("/erased/failing").iter().skip(2) {
        assert!(
            [&later.id, &after.id].iter().any(|id| *id == request.id()),
            "an erased event was sent again"
        );
    }
    world.finish().await;
}

/// Fails unless the shop's two events are listed without payloads, excerpts and answered headers,
/// wait for nothing, and have left nothing in the table.
async fn assert_erased(world: &World, shop: &Shop) {
    let tenant = &shop.tenant;
    let listed = tenant.api.all(&tenant.path("/events")).await;
    for event in [&shop.small, &shop.large] {
        let entry =
            listed.iter().find(|entry| entry["id"] == event.id).expect("it is still listed");
        assert_eq!(entry["payload_erased"], true, "{entry}");
        let shown = tenant.event(&event.id).await;
        assert!(shown.payload_erased && shown.data.is_none(), "{shown:?}");
        let rows =
            [(&shop.fine, "delivered"), (&shop.failing, "cancelled"), (&shop.paused, "cancelled")];
        for (subscription, status) in rows {
            let path = tenant.delivery_path(&subscription.id, &event.id);
            let row: Value = tenant.api.get(&path).await.with(200).json();
            assert_eq!(row["status"], status, "{row}");
            if status == "cancelled" {
                assert_eq!(row["reason"], "the payload was erased");
            }
            let attempts = row["attempts"].as_array().expect("attempts");
            let told = ["response_excerpt", "response_headers"];
            let told = attempts
                .iter()
                .any(|made| told.iter().any(|name| made.get(*name).is_some_and(|v| !v.is_null())));
            assert!(!told && row.get("data").is_none(), "{row}");
        }
        let resend = format!("{}/resend", tenant.delivery_path(&shop.fine.id, &event.id));
        let _ = tenant.api.post(&resend, &json!({})).await.with(409);
        let chunks = world.tables().rows_with("LogTable", &format!("payload#{}", event.id)).await;
        assert!(chunks.is_empty(), "{} chunks are left", chunks.len());
    }
    let left = world.tables().rows_with("LogTable", shop.card).await;
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn what_was_in_a_queue_at_the_first_look_is_found_by_the_second() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let tenant = world.tenant("shop-1", &["order.created"]).await;
    let subscription = tenant.subscribe(&receiver, "/", json!({})).await;
    receiver.script("/", [Step::body(200, "thanks for 4242")]);
    let early = tenant.publish("order.created", "1").await;
    tenant.delivery(&subscription, &early.id, "delivered").await;
    let waiting = EventId::new(world.now(), clock::random_bits());
    timeline.settled().await;
    world.advance(Duration::from_secs(1)).await;
    erase(&tenant, "/payloads").await;
    looked_once(&tenant).await;
    fan_out(&world, &tenant, waiting, r#"{"card":"4242"}"#).await;
    let waiting = waiting.to_string();
    tenant.event(&waiting).await;
    world.drained().await;
    done(&world, &timeline, &tenant).await;
    assert!(
        tenant.event(&waiting).await.payload_erased,
        "what joined the record late keeps its payload"
    );
    assert!(world.tables().rows_with("LogTable", "4242").await.is_empty());
    world.finish().await;
}

#[tokio::test]
async fn asked_for_again_it_starts_over_and_everything_takes_over_from_payloads() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let tenant = world.tenant("shop-1", &["order.created"]).await;
    let _ = tenant.api.get(&tenant.path("/erasure")).await.with(404);
    let event = tenant.publish("order.created", "1").await;
    tenant.event(&event.id).await;
    let first = erase(&tenant, "/payloads").await;
    let (one, two) = tokio::join!(erase(&tenant, "/payloads"), erase(&tenant, "/payloads"));
    for again in [&one, &two] {
        assert_eq!((again.what.as_str(), again.status.as_str()), ("payloads", "running"));
        assert!(
            again.created_at >= first.created_at,
            "it is meant for what was accepted since as well"
        );
    }
    let between = tenant.publish("order.created", "2").await;
    tenant.event(&between.id).await;
    looked_once(&tenant).await;
    let last = erase(&tenant, "/payloads").await;
    assert_eq!(
        (last.look, last.status.as_str(), last.events),
        (1, "running", 1),
        "it starts over, and keeps its counts"
    );
    let finished = done(&world, &timeline, &tenant).await;
    assert_eq!((finished.events, finished.created_at), (2, last.created_at));
    for erased in [&event, &between] {
        assert!(tenant.event(&erased.id).await.payload_erased);
    }

    let next = erase(&tenant, "/payloads").await;
    assert!(next.created_at > last.created_at && next.status == "running", "{next:?}");
    assert_eq!(erase(&tenant, "").await.what, "everything");
    // By then nobody remembers the tenant.
    world.advance(Duration::from_secs(6)).await;
    for rest in ["/payloads", ""] {
        let running = erase(&tenant, rest).await;
        assert_eq!(
            (running.what.as_str(), running.status.as_str()),
            ("everything", "running"),
            "{rest}"
        );
    }
    let _ = tenant.api.get(&tenant.path("")).await.with(404);
    assert_eq!(done(&world, &timeline, &tenant).await.what, "everything");
    assert!(world.tables().rows_with("LogTable", &event.id).await.is_empty());
    let _ = world.api().get("/v1/tenants/nobody/erasure").await.with(404);
    let _ = world.api().delete("/v1/tenants/nobody/payloads").await.with(404);
    world.finish().await;
}

#[tokio::test]
async fn a_scheduler_that_dies_again_and_again_erases_all_the_same() {
    const EVENTS: usize = 500;
    let world = World::start(timeline::options().expecting_errors(CRASHES)).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let tenant = world.tenant("shop-1", &["order.created"]).await;
    let subscription = tenant.subscribe(&receiver, "/", json!({})).await;
    tenant.publish_many("order.created", EVENTS).await;
    receiver.wait("/", EVENTS).await;
    timeline.settled().await;
    erase(&tenant, "").await;
    for _ in 0..5 {
        until("the scheduler is at work", async || {
            let scheduler = world.status().await.functions["scheduler"].clone();
            if scheduler.busy > 0 { Ok(()) } else { Err("idle") }
        })
        .await;
        world.sigkill("scheduler").await;
    }
    done(&world, &timeline, &tenant).await;
    for id in [subscription.id.as_str(), "#shop-1#"] {
        let left = world.tables().rows_with("LogTable", id).await;
        assert!(left.is_empty(), "{} rows with {id} are left", left.len());
    }
    world.finish().await;
}

#[tokio::test]
async fn only_the_platform_erases() {
    let world = World::start(Options::default()).await;
    let (shop, other) =
        (world.tenant("shop-1", &["order.created"]).await, world.tenant("shop-2", &[]).await);
    let (own, stranger) = (key_of(&shop).await, key_of(&other).await);
    let event = shop.publish("order.created", "1").await;
    shop.event(&event.id).await;
    let routes = [(Method::DELETE, ""), (Method::DELETE, "/payloads"), (Method::GET, "/erasure")];
    for (method, rest) in routes {
        let refused = own.call(method.clone(), &shop.path(rest), &[], "").await;
        assert_eq!(refused.status, 403, "{method} {rest}: {}", refused.text());
        let crossed = stranger.call(method.clone(), &shop.path(rest), &[], "").await;
        assert!(matches!(crossed.status, 403 | 404), "{method} {rest}: {}", crossed.text());
    }
    let _ = shop.api.get(&shop.path("/erasure")).await.with(404);
    assert!(shop.event(&event.id).await.data.is_some());
    let _ = shop.api.delete("/v1/tenants/_operations").await.with(422);
    world.finish().await;
}
