//! Time that passes at once. A file of its own: the tests' own time is part of it.

use std::path::Path;
use std::time::{Duration, Instant};

use aws::{ClockError, Level, Options, Stack};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use shared::edges::clock;

async fn start(clock: bool) -> Stack {
    // Cargo builds examples beside the tests: `release/deps/…` is this test,
    // `release/examples/probe` the function.
    let functions = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("examples");
    let options = Options {
        template: Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/template.yaml"),
        ephemeral: true,
        port: 0,
        functions: Some(functions),
        logs: Level::Off,
        clock,
        ..Options::default()
    };
    Stack::start(options).await.unwrap()
}

async fn post(url: &str, headers: &[(&str, &str)], body: String) -> (StatusCode, Value) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let mut request = Request::post(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer =
        client.request(request.body(Full::new(bytes::Bytes::from(body))).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    (
        parts.status,
        serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap_or_default(),
    )
}

async fn put_forward(stack: &Stack, body: &str) -> (StatusCode, Value) {
    post(&format!("{}/_stack/clock", stack.addresses().invoke), &[], body.to_owned()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delayed_message_arrives_as_soon_as_the_clock_is_put_forward() {
    let stack = start(true).await;
    let url = format!("{}/000000000000/Orders", stack.addresses().sqs);
    let headers =
        [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", "AmazonSQS.SendMessage")];
    let request = json!({ "QueueUrl": url, "MessageBody": "ok", "DelaySeconds": 900 }).to_string();
    assert_eq!(post(&stack.addresses().sqs, &headers, request).await.0, StatusCode::OK);
    assert_eq!(
        stack.status().await["queues"]["Orders"],
        json!({ "visible": 0, "in_flight": 0, "delayed": 1 })
    );

    let before = clock::now();
    let answer = put_forward(&stack, r#"{"ahead_ms": 900000}"#).await;
    assert_eq!(answer, (StatusCode::OK, json!({ "ahead_ms": 900_000 })));
    assert!(before.until(clock::now()) >= Duration::from_mins(15));
    // The mapping's long poll would go on for up to twenty seconds.
    let start = Instant::now();
    while stack.status().await["functions"]["probe"]["invocations"] != 1 {
        assert!(start.elapsed() < Duration::from_secs(10), "{}", stack.status().await);
        tokio::task::yield_now().await;
    }

    for refused in [r#"{"ahead_ms": 899999}"#, r#"{"ahead_ms": -1}"#, "{}", ""] {
        let (status, body) = put_forward(&stack, refused).await;
        assert_eq!(
            (status, body["message"].is_string()),
            (StatusCode::BAD_REQUEST, true),
            "{refused}: {body}"
        );
    }
    assert!(matches!(stack.run_ahead_by(Duration::ZERO), Err(ClockError::Backwards(900_000))));
    stack.run_ahead_by(Duration::from_hours(1)).unwrap();
    assert_eq!(stack.status().await["ahead_ms"], 3_600_000);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_was_not_started_for_it_stays_at_its_time() {
    let stack = start(false).await;
    assert_eq!(put_forward(&stack, r#"{"ahead_ms": 1}"#).await.0, StatusCode::NOT_FOUND);
    assert!(matches!(stack.run_ahead_by(Duration::from_millis(1)), Err(ClockError::Fixed)));
    assert_eq!(stack.status().await["ahead_ms"], 0);
    stack.stop().await;
}
