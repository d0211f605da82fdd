//! What the API takes and no more: every field of every body one beyond its limit, and fields that
//! nobody knows, at any depth, are refused with the place where they stand.

use http::Method;
use serde_json::{Value, json};
use tests::{Options, Receiver, Tenant, World};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What API Gateway takes of a body.
const GATEWAY_LIMIT: usize = 10 << 20;

/// A request, and the path of the fault that it is refused with.
type Case = (Method, String, Value, &'static str);

/// The body of a request with one of its fields otherwise.
fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    *body.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer} in the body")) = value;
    body
}

fn long(characters: usize) -> Value {
    Value::String("x".repeat(characters))
}

fn many(one: &Value, count: usize) -> Value {
    Value::Array(vec![one.clone(); count])
}

fn subscriptions(shop: &Tenant, existing: &str) -> Vec<Case> {
    let whole = json!({
        "url": "https://example.com/", "event_types": ["*"], "description": "", "profile": "standard", "secret": null,
        "secret_type": null, "status": "active", "headers": {}, "colour": null,
        "overrides": { "retry_waits_seconds": [1], "jitter_percent": 0, "max_retry_after_seconds": 0, "timeout_seconds": 1,
            "success_status": ["2xx"], "disable_on_status": [410], "delete_on_response_text": "",
            "rate_limit_per_minute": 1, "failing_after_attempts": 1, "body": {}, "body_format": "json", "colour": null,
            "signature": { "kind": "token", "header": "x-token" } },
    });
    let mut known = whole;
    for place in ["", "/overrides"] {
        let _ = known
            .pointer_mut(place)
            .and_then(Value::as_object_mut)
            .and_then(|fields| fields.remove("colour"));
    }
    let headers: Value =
        (0..21).map(|n| (format!("x-{n}"), json!("v"))).collect::<serde_json::Map<_, _>>().into();
    let token = json!({ "kind": "token", "header": "x-token", "colour": 1 });
    let cases = [
        ("/url", json!(format!("https://example.com/{}", "x".repeat(2048))), "url"),
        ("/event_types", many(&json!("a"), 101), "event_types"),
        ("/event_types", json!([]), "event_types"),
        ("/event_types", json!([long(129)]), "event_types[0]"),
        ("/description", long(501), "description"),
        ("/profile", long(100_000), "profile"),
        ("/secret", json!("s".repeat(257)), "secret"),
        ("/secret", json!("short"), "secret"),
        ("/secret_type", long(100_000), "secret_type"),
        ("/status", long(100_000), "status"),
        ("/headers", headers, "headers"),
        ("/headers", json!({ "x-key": "v".repeat(1025) }), "headers"),
        ("/headers", json!({ "x".repeat(129): "v" }), "headers"),
        ("/headers", json!({ "host": "v" }), "headers"),
        ("/overrides/retry_waits_seconds", many(&json!(1), 21), "overrides.retry_waits_seconds"),
        ("/overrides/retry_waits_seconds", json!([604_801]), "overrides.retry_waits_seconds"),
        ("/overrides/jitter_percent", json!(51), "overrides.jitter_percent"),
        ("/overrides/max_retry_after_seconds", json!(43_201), "overrides.max_retry_after_seconds"),
        ("/overrides/timeout_seconds", json!(31), "overrides.timeout_seconds"),
        ("/overrides/success_status", many(&json!(200), 51), "overrides.success_status"),
        ("/overrides/disable_on_status", many(&json!(410), 51), "overrides.disable_on_status"),
        ("/overrides/delete_on_response_text", long(201), "overrides.delete_on_response_text"),
        ("/overrides/rate_limit_per_minute", json!(1_001), "overrides.rate_limit_per_minute"),
        ("/overrides/failing_after_attempts", json!(1_001), "overrides.failing_after_attempts"),
        ("/overrides/body", long(8 * 1024), "overrides.body"),
        ("/overrides/body", json!({ "a": "${now}" }), "overrides.body"),
        ("/overrides/body_format", long(100_000), "overrides.body_format"),
        ("/overrides/signature", token, "overrides.signature"),
        ("/overrides/signature/header", long(129), "overrides.signature.header"),
    ];
    let unknown = [json!({ "colour": 1 }), json!({ "overrides": { "colour": 1 } })];
    let mut all: Vec<Case> = Vec::new();
    for (pointer, value, path) in cases {
        all.push((
            Method::POST,
            shop.path("/subscriptions"),
            with(known.clone(), pointer, value),
            path,
        ));
    }
    for (patch, path) in unknown.into_iter().zip(["colour", "overrides.colour"]) {
        all.push((Method::PATCH, shop.path(&format!("/subscriptions/{existing}")), patch, path));
    }
    all
}

fn others(shop: &Tenant, existing: &str) -> Vec<Case> {
    let of = |rest: &str| shop.path(&format!("/subscriptions/{existing}{rest}"));
    let event_type = "/v1/event-types/order.created".to_owned();
    let import = "/v1/event-types/import".to_owned();
    let event = json!({ "type": "order.created", "data": 1 });
    let batch = |event: Value| json!({ "events": [event] });
    let (post, put) = (Method::POST, Method::PUT);
    vec![
        (put.clone(), shop.path(""), json!({ "name": long(201) }), "name"),
        (
            put.clone(),
            shop.path(""),
            json!({ "default_profile": long(100_000) }),
            "default_profile",
        ),
        (
            put.clone(),
            shop.path(""),
            json!({ "events_per_minute": 10_000_001 }),
            "events_per_minute",
        ),
        (put.clone(), shop.path(""), json!({ "events_per_minute": -1 }), "events_per_minute"),
        (put.clone(), shop.path(""), json!({ "colour": 1 }), "colour"),
        (post.clone(), shop.path("/keys"), json!({ "name": long(201) }), "name"),
        (post.clone(), shop.path("/keys"), json!({ "x".repeat(100_000): 1 }), ""),
        (
            post.clone(),
            of("/secret/rotate"),
            json!({ "overlap_seconds": 604_801 }),
            "overlap_seconds",
        ),
        (post.clone(), of("/secret/rotate"), json!({ "colour": 1 }), "colour"),
        (
            post.clone(),
            of("/test"),
            json!({ "event_type": "order.created", "data": 1, "colour": 1 }),
            "colour",
        ),
        (post.clone(), of("/resend"), json!({ "types": many(&json!("a"), 101) }), "types"),
        (post.clone(), of("/resend"), json!({ "colour": 1 }), "colour"),
        (put.clone(), event_type.clone(), json!({ "description": long(2_001) }), "description"),
        (put.clone(), event_type.clone(), json!({ "example": long(64 * 1024) }), "example"),
        (
            put.clone(),
            event_type.clone(),
            json!({ "schema": { "title": long(64 * 1024) } }),
            "schema",
        ),
        (
            put.clone(),
            event_type.clone(),
            json!({ "schema": { "allOf": [{ "$ref": "#" }] } }),
            "schema",
        ),
        (
            put.clone(),
            event_type.clone(),
            json!({ "schema": { "pattern": long(1_001) } }),
            "schema",
        ),
        (put.clone(), event_type.clone(), json!({ "split": "/a/b/c/d/e/f/g/h/i" }), "split"),
        (put, event_type, json!({ "colour": 1 }), "colour"),
        (
            post.clone(),
            import.clone(),
            json!({ "event_types": many(&json!({ "name": "a" }), 501) }),
            "event_types",
        ),
        (
            post.clone(),
            import,
            json!({ "event_types": [{ "name": "a", "colour": 1 }] }),
            "event_types[0].colour",
        ),
        (post.clone(), shop.path("/events"), json!({ "events": many(&event, 101) }), "events"),
        (post.clone(), shop.path("/events"), json!({ "events": [] }), "events"),
        (post.clone(), shop.path("/events"), json!({ "type": long(129), "data": 1 }), "type"),
        (
            post.clone(),
            shop.path("/events"),
            batch(json!({ "type": "order.created", "data": 1, "idempotency_key": long(256) })),
            "events[0].idempotency_key",
        ),
        (
            post,
            shop.path("/events"),
            batch(json!({ "type": "order.created", "data": 1, "colour": 1 })),
            "events[0].colour",
        ),
    ]
}

#[tokio::test]
async fn every_field_has_a_limit_and_what_nobody_knows_is_refused_where_it_stands() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let existing = shop.subscribe(&receiver, "/", json!({})).await;
    let cases = subscriptions(&shop, &existing.id).into_iter().chain(others(&shop, &existing.id));
    let mut wrong = Vec::new();
    for (method, path, body, place) in cases {
        let body = body.to_string();
        let answer = world.api().call(method.clone(), &path, &[], body.clone()).await;
        let found = if answer.status == 422 { answer.json() } else { Value::Null };
        let found = found["errors"][0]["path"].as_str();
        let is_right = found.is_some_and(|found| place.is_empty() || found == place);
        if !is_right || answer.body.len() > 4_096 {
            let beginning = |text: &str| text.chars().take(200).collect::<String>();
            wrong.push(format!(
                "{method} {path} {place} {}: {}",
                beginning(&body),
                beginning(answer.text())
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let shown = shop.show(&existing).await;
    assert_eq!(shown["updated_at"], shown["created_at"], "nothing of it was saved");
    world.finish().await;
}

#[tokio::test]
async fn white_space_in_what_is_kept_as_it_is_given_counts() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &[]).await;
    let body = |spaces: usize| {
        let overrides = format!(r#"{{"retry_waits_seconds":[{}1]}}"#, " ".repeat(spaces));
        format!(r#"{{"url":"https://example.com/","event_types":["*"],"overrides":{overrides}}}"#)
    };
    let ask = async |spaces| {
        world.api().call(Method::POST, &shop.path("/subscriptions"), &[], body(spaces)).await
    };
    let refused = ask(1 << 20).await.with(422).json::<Value>();
    assert_eq!(refused["errors"][0]["path"], "overrides.retry_waits_seconds");
    let _ = ask(4_096).await.with(201);
    world.finish().await;
}

#[tokio::test]
async fn data_that_would_take_too_long_to_check_is_refused_at_once() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &[]).await;
    let branch = json!({ "properties": { "a": { "$ref": "#" } } });
    let put = json!({ "schema": { "anyOf": [branch, branch] }, "enforce_schema": true });
    let _ = world.api().put("/v1/event-types/order.created", &put).await.with(201);
    let nested = |levels: usize| format!("{}{{}}{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
    let refused =
        shop.try_publish("order.created", &nested(60), &[]).await.with(422).json::<Value>();
    assert_eq!(refused["errors"][0]["path"], "data");
    let said = refused["detail"].as_str().expect("a detail");
    assert!(said.contains("would take too long"), "{said}");
    shop.publish("order.created", &nested(3)).await;
    world.finish().await;
}

#[tokio::test]
async fn data_nested_a_hundred_thousand_levels_deep_goes_through_as_it_is() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let published = shop.publish("order.created", &deep).await;
    let delivered = shop.delivery(&subscription, &published.id, "delivered").await;
    assert!(delivered.data.is_some_and(|data| data.get() == deep), "the payload is another");
    world.finish().await;
}

#[tokio::test]
async fn a_test_push_of_more_than_an_answer_holds_shows_the_beginning() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let xml = json!({ "overrides": { "body_format": "xml", "body": "${data}" } });
    let subscription = shop.subscribe(&receiver, "/", xml).await;
    let items = format!(r#"{{"{}":[{}1]}}"#, "n".repeat(100), "1,".repeat(30_000));
    let push = format!(r#"{{"event_type":"order.created","data":{items}}}"#);
    let pushed: Value = shop.try_push(&subscription, &push).await.with(200).json();
    // Whether the receiver takes it or not.
    let shown = pushed["request"]["body"].as_str().expect("a body");
    assert!(
        shown.starts_with("<?xml") && (1 << 20..2 << 20).contains(&shown.len()),
        "{} bytes",
        shown.len()
    );
    world.finish().await;
}

/// What the front answers before the body has been sent whole: `head`, and then so many bytes of
/// it.
async fn answered_early(world: &World, head: &str, sent: usize) -> String {
    let (address, key) =
        (world.api().address_and_key().0.to_owned(), world.api().address_and_key().1.to_owned());
    let host = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.expect("the front listens");
    let head = format!(
        "POST /v1/tenants/shop-1/events HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\n{head}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("the head is taken");
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    for _ in 0..sent / 0x10000 {
        // It may be closed before all is sent.
        if stream.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    let mut answer = vec![0; 1024];
    let read = stream.read(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[tokio::test]
async fn a_body_over_the_limit_stops_being_read() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let declared =
        answered_early(&world, &format!("content-length: {}", GATEWAY_LIMIT + 1), 0).await;
    assert!(declared.starts_with("HTTP/1.1 413"), "{declared}");
    let endless =
        answered_early(&world, "transfer-encoding: chunked", GATEWAY_LIMIT + 0x10000).await;
    assert!(endless.starts_with("HTTP/1.1 413"), "{endless}");
    // Less than that, and more than a function takes.
    let body = " ".repeat(5 << 20) + "1";
    let refused = world.api().call(Method::POST, &shop.path("/events"), &[], body).await.with(413);
    assert!(refused.text().contains("too-large"), "{}", refused.text());
    world.finish().await;
}
