//! Requests to publish: up to a hundred events, their data byte for byte as it stands in the body,
//! their parts within bounds; and a refusal that says why in a few kilobytes. Input: an idempotency
//! key, a line end, the body.
#![no_main]

use lambda_http::Body;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use shared::edges::api::Request;
use shared::core::event::payload;
use shared::core::event::split::{MAX_PARTS, MAX_PARTS_BYTES, Split};

#[allow(dead_code)]
#[path = "../../functions/intake/src/request.rs"]
mod request;

fuzz_target!(|input: &str| {
    let (key, body) = input.split_once('\n').unwrap_or(("", input));
    let mut incoming = lambda_http::http::Request::post("/v1/tenants/shop-1/events");
    if !key.is_empty() {
        incoming = incoming.header("idempotency-key", key);
    }
    let Ok(incoming) = incoming.body(Body::from(body)) else { return };
    match request::read(&Request::new(incoming)) {
        Ok(published) => accepted(published, body),
        Err(refusal) => {
            let response = refusal.response();
            assert!([400, 413, 422].contains(&response.status().as_u16()));
            let Body::Text(text) = response.body() else { panic!("a problem is text") };
            assert!(text.len() <= 128 * 1024, "{} bytes", text.len());
            serde_json::from_str::<Value>(text).expect("a problem is JSON");
        }
    }
});

fn accepted(mut published: request::Published, body: &str) {
    assert!((1..=100).contains(&published.events.len()));
    let split: Split = "/items".parse().expect("a pointer");
    for event in &mut published.events {
        assert!(body.contains(event.data.get()) && event.data.get().len() <= payload::MAX_BYTES);
        assert!(event.idempotency_key.as_ref().is_none_or(|key| !key.is_empty() && key.len() <= 255 + 3));
        let data = event.data.get().to_owned();
        if event.split(Some(split.clone())).is_ok() {
            assert!((1..=MAX_PARTS).contains(&event.parts.len()));
            assert!(event.parts.iter().map(|part| part.get().len()).sum::<usize>() <= MAX_PARTS_BYTES);
            for part in &event.parts {
                assert!(part.get().starts_with('{'));
                if serde_json::from_str::<Value>(&data).is_ok() {
                    serde_json::from_str::<Value>(part.get()).expect("a part of JSON is JSON");
                }
            }
        }
    }
}
