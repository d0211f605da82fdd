//! Every error is problem details (RFC 9457), and their form is a promise.

use std::fmt::Write as _;

use http::Method;
use serde_json::{Value, json};
use tests::keys::key_of;
use tests::{Answer, Options, World, fixtures};

/// What callers rely on: status, the headers that say something, and the body.
fn shown(answer: &Answer) -> String {
    let mut text = format!("{}\n", answer.status);
    for name in ["content-type", "www-authenticate", "allow", "retry-after"] {
        if let Some(value) = answer.header(name) {
            let _ = writeln!(text, "{name}: {value}");
        }
    }
    let body: Value = answer.json();
    assert_eq!(body["status"], answer.status, "{body}");
    let body = serde_json::to_string_pretty(&body).expect("JSON");
    let id = body.split("evt_").nth(1).map(|rest| format!("evt_{}", &rest[..26]));
    text + &id.map_or(body.clone(), |id| body.replace(&id, "<event>")) + "\n"
}

#[tokio::test]
async fn errors_are_problem_details_in_the_promised_form() {
    let world = World::start(Options::default()).await;
    let (api, shop) = (world.api(), world.tenant("shop-1", &["order.created"]).await);
    let key: Value = api.post(&shop.path("/keys"), &json!({})).await.with(201).json();
    let own = api.with_key(key["key"].as_str().expect("a key"));
    let (_, looking) = key_of(&shop, "read_only").await;
    let headers = [("idempotency-key", "key")];
    let _ = shop.try_publish("order.created", "1", &headers).await.with(202);
    let subscriptions = shop.path("/subscriptions");
    let wrong = json!({ "url": "https://example.com/", "event_types": ["*"], "colour": "red" });
    let blocked = json!({ "url": "https://10.0.0.1/", "event_types": ["*"] });
    let waits = json!({ "url": "https://example.com/", "event_types": ["*"], "overrides": { "retry_waits_seconds": [0] } });
    let batch = json!({ "events": [{ "type": "order.created", "data": 1 }, { "type": "order.unknown", "data": 1 }] });
    let cases = [
        ("malformed", api.call(Method::POST, &shop.path("/events"), &[], "{").await),
        ("empty", api.call(Method::POST, &subscriptions, &[], "").await),
        ("unauthorized", api.with_key("wrong").get("/v1/tenants").await),
        ("admin_only", own.get("/v1/tenants").await),
        ("not_permitted", looking.post(&subscriptions, &json!({})).await),
        ("no_such_tenant", api.get("/v1/tenants/nobody").await),
        ("no_such_route", api.get("/v1/nowhere").await),
        ("method_not_allowed", api.delete("/v1/tenants").await),
        ("conflict", shop.try_publish("order.created", "2", &headers).await),
        (
            "too_large",
            shop.try_publish("order.created", &fixtures::noise((1 << 20) + 1, 1), &[]).await,
        ),
        ("unknown_field", api.post(&subscriptions, &wrong).await),
        ("blocked_address", api.post(&subscriptions, &blocked).await),
        ("override_out_of_bounds", api.post(&subscriptions, &waits).await),
        ("unknown_type_in_a_batch", api.post(&shop.path("/events"), &batch).await),
        (
            "missing_data",
            api.post(&shop.path("/events"), &json!({ "type": "order.created" })).await,
        ),
        ("limit_out_of_bounds", api.get(&format!("{subscriptions}?limit=251")).await),
        ("unknown_parameter", api.get(&format!("{subscriptions}?limits=2")).await),
        ("invalid_cursor", api.get(&format!("{subscriptions}?cursor=%21")).await),
    ];
    let mut all = String::new();
    for (name, answer) in &cases {
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{name}");
        let _ = writeln!(all, "# {name}\n{}", shown(answer));
    }
    insta::assert_snapshot!(all);
    world.finish().await;
}

#[tokio::test]
async fn health_needs_no_key() {
    let world = World::start(Options::default()).await;
    let health = world.api().with_key("").get("/health").await.with(200);
    assert_eq!(health.json::<Value>(), json!({ "status": "ok" }));
    world.finish().await;
}
