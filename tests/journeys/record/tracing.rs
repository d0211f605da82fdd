//! Traces: the one that a publisher names goes with its events to every attempt, whatever happens
//! on the way.

use std::collections::HashSet;

use http::Method;
use serde_json::{Value, json};
use tests::{Event, Options, Received, Receiver, Step, Tenant, World, until};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";
const STATE: &str = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";

fn parent() -> String {
    format!("00-{TRACE}-{SPAN}-01")
}

/// Publishes as a part of the trace.
async fn publish(shop: &Tenant, body: &Value) -> Value {
    let parent = parent();
    let headers = [("traceparent", parent.as_str()), ("tracestate", STATE)];
    shop.api
        .call(Method::POST, &shop.path("/events"), &headers, body.to_string())
        .await
        .with(202)
        .json()
}

async fn publish_one(shop: &Tenant, event_type: &str) -> String {
    let published = publish(shop, &json!({ "type": event_type, "data": 1 })).await;
    published["id"].as_str().expect("an id").to_owned()
}

/// Checks that these requests are each a span of their own in the trace, and passes their
/// `traceparent`s on.
#[track_caller]
fn spans(requests: &[Received]) -> Vec<String> {
    let mut spans = HashSet::from([SPAN.to_owned()]);
    for request in requests {
        let parts: Vec<_> = request.header("traceparent").split('-').collect();
        assert_eq!(
            (parts[0], parts[1], parts[3], parts.len()),
            ("00", TRACE, "01", 4),
            "{:?}",
            request.headers
        );
        assert!(spans.insert(parts[2].to_owned()), "{} is the span of another", parts[2]);
        assert_eq!(request.header("tracestate"), STATE);
    }
    requests.iter().map(|request| request.header("traceparent").to_owned()).collect()
}

#[track_caller]
fn is_in_trace(event: &Event) {
    assert_eq!(
        (event.trace_id.as_deref(), event.tracestate.as_deref()),
        (Some(TRACE), Some(STATE))
    );
}

#[tokio::test]
async fn a_receiver_sees_the_publishers_trace_and_another_span_at_each_attempt() {
    let world = World::start(Options::default().with("LogLevel", "debug")).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    receiver.script("/", [Step::status(500), Step::status(200)]);
    let event = publish_one(&shop, "order.created").await;
    let delivered = shop.delivery(&subscription, &event, "delivered").await;
    let sent = spans(&receiver.requests("/"));
    let recorded: Vec<_> = delivered
        .attempts()
        .iter()
        .map(|made| {
            let headers = made.request_headers.as_ref().expect("headers");
            assert!(!headers.contains_key("tracestate"), "it is the event's: {headers:?}");
            headers["traceparent"].clone()
        })
        .collect();
    assert_eq!((&recorded, sent.len()), (&sent, 2));
    is_in_trace(&shop.event(&event).await);
    world.drained().await;

    let logged = [
        ("intake", "accepted"),
        ("fanout", "fanned out"),
        ("delivery", "not delivered"),
        ("delivery", "delivered"),
    ];
    for (function, message) in logged {
        let line = until(&format!("{function} logs '{message}'"), async || {
            let log = world.log(function);
            log.into_iter().find(|line| line["message"] == message).ok_or("no such line")
        })
        .await;
        let named = (&line["tenant"], &line["event"], &line["trace_id"]);
        assert_eq!(named, (&json!("shop-1"), &json!(event), &json!(TRACE)), "{line}");
        if function == "delivery" {
            assert_eq!(line["subscription"], json!(subscription.id), "{line}");
        }
    }
    world.finish().await;
}

#[tokio::test]
async fn what_was_parked_held_or_is_sent_again_is_in_its_trace_still() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let parked = json!({ "overrides": { "retry_waits_seconds": [3], "jitter_percent": 0 } });
    let parked = shop.subscribe(&receiver, "/parked", parked).await;
    let held = shop.subscribe(&receiver, "/held", json!({})).await;
    shop.patch(&held, json!({ "status": "paused" })).await;
    receiver.script("/parked", [Step::status(500), Step::status(200)]);
    let event = publish_one(&shop, "order.created").await;
    shop.delivery(&parked, &event, "delivered").await;
    shop.delivery(&held, &event, "held").await;
    shop.patch(&held, json!({ "status": "active" })).await;
    shop.delivery(&held, &event, "delivered").await;
    let late = shop.subscribe(&receiver, "/late", json!({})).await;
    for (subscription, path) in [(&parked, "/parked"), (&held, "/held"), (&late, "/late")] {
        let before = receiver.count(path);
        shop.resend(subscription, &event).await;
        receiver.wait(path, before + 1).await;
    }
    world.drained().await;
    let requests: Vec<_> =
        ["/parked", "/held", "/late"].iter().flat_map(|path| receiver.requests(path)).collect();
    assert_eq!(spans(&requests).len(), 6);
    world.finish().await;
}

#[tokio::test]
async fn the_events_of_a_batch_and_the_parts_of_an_event_are_in_the_trace_of_their_request() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let split = json!({ "split": "/items" });
    let _ = shop.api.put("/v1/event-types/cart.placed", &split).await.with(201);
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let cart = json!({ "type": "cart.placed", "data": { "items": [{ "n": 1 }, { "n": 2 }] } });
    let order = json!({ "type": "order.created", "data": 1 });
    publish(&shop, &json!({ "events": [order, cart, order] })).await;
    let requests = receiver.wait("/", 4).await;
    assert_eq!(spans(&requests).len(), 4);
    for request in &requests {
        shop.delivery(&subscription, request.id(), "delivered").await;
        is_in_trace(&shop.event(request.id()).await);
    }
    world.finish().await;
}

#[tokio::test]
async fn an_invalid_trace_or_none_is_no_fault_of_the_event_and_none_is_begun() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let (zero, upper) = (parent().replace(TRACE, &"0".repeat(32)), parent().to_uppercase());
    let (twice, invalid) = (parent(), parent().replacen("00", "ff", 1));
    let requests: [&[(&str, &str)]; 6] = [
        &[],
        &[("tracestate", STATE)],
        &[("traceparent", &zero), ("tracestate", STATE)],
        &[("traceparent", &upper)],
        &[("traceparent", &invalid)],
        &[("traceparent", &twice), ("traceparent", &twice)],
    ];
    for headers in requests {
        let answer = shop.try_publish("order.created", "1", headers).await.with(202);
        let event = answer.json::<Value>()["id"].as_str().expect("an id").to_owned();
        shop.delivery(&subscription, &event, "delivered").await;
        let shown = shop.event(&event).await;
        assert_eq!((shown.trace_id, shown.tracestate), (None, None), "{headers:?}");
    }
    for request in receiver.requests("/") {
        let headers = &request.headers;
        assert!(
            !headers.contains_key("traceparent") && !headers.contains_key("tracestate"),
            "{headers:?}"
        );
    }
    // A state that is none leaves the trace as it is.
    let parent = parent();
    let headers = [("traceparent", parent.as_str()), ("tracestate", "=")];
    let _ = shop.try_publish("order.created", "1", &headers).await.with(202);
    let last = receiver.wait("/", 7).await.remove(6);
    assert!(
        last.header("traceparent").contains(TRACE) && !last.headers.contains_key("tracestate"),
        "{last:?}"
    );
    world.finish().await;
}

#[tokio::test]
async fn a_custom_header_cannot_stand_in_for_the_trace() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &[]).await;
    for name in ["traceparent", "TraceState"] {
        let body = json!({ "url": "https://example.com/", "event_types": ["*"], "headers": { name: parent() } });
        let refused: Value =
            shop.api.post(&shop.path("/subscriptions"), &body).await.with(422).json();
        assert!(refused.to_string().contains("reserved"), "{refused}");
    }
    world.finish().await;
}
