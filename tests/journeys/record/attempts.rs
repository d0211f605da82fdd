//! What is on record of an attempt: what was sent and answered, and where the time went.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};
use tests::rude::{Manner, Rude};
use tests::{Attempt, Options, Receiver, Step, Subscription, World};

const KEY: &str = "sk_live_5f7a9c31";
const MASK: &str = "********";

fn json_bytes(headers: &BTreeMap<String, String>) -> usize {
    serde_json::to_string(headers).expect("JSON").len()
}

#[tokio::test]
async fn headers_are_on_record_as_they_were_sent_with_secrets_masked() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let settings = json!({ "profile": "locally", "headers": { "X-Api-Key": KEY, "x-shop": "7" } });
    let subscription = shop.subscribe(&receiver, "/", settings).await;
    let published = shop.publish("order.created", "1").await;
    let delivered = shop.delivery(&subscription, &published.id, "delivered").await;
    let request = receiver.requests("/").remove(0);
    assert_eq!((request.header("x-api-key"), request.header("x-shop")), (KEY, "7"));

    let mut expected = BTreeMap::new();
    for name in request.headers.keys().map(http::HeaderName::as_str) {
        let secret = ["x-api-key", "x-shop", "locally-webhook-token"].contains(&name);
        expected
            .insert(name.to_owned(), if secret { MASK } else { request.header(name) }.to_owned());
    }
    // What HTTP itself needs is not among those on record.
    for name in ["accept", "content-length", "host"] {
        assert!(expected.remove(name).is_some(), "{name}");
    }
    assert_eq!(
        (expected["locally-webhook-token"].as_str(), &expected["webhook-id"]),
        (MASK, &published.id)
    );
    assert_eq!(delivered.attempts()[0].request_headers, Some(expected));
    let answer = shop.api.get(&shop.delivery_path(&subscription.id, &published.id)).await.with(200);
    assert!(
        !answer.text().contains(KEY) && !answer.text().contains(&subscription.secret),
        "{}",
        answer.text()
    );
    let shown: Value = answer.json();
    assert_eq!(shown["last_attempt"], shown["attempts"][0]);
    world.finish().await;
}

#[tokio::test]
async fn headers_of_answers_are_on_record_as_far_as_there_is_room_with_cookies_and_secrets_masked()
{
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription =
        shop.subscribe(&receiver, "/", json!({ "headers": { "X-Api-Key": KEY } })).await;
    let mut headers = vec![
        ("a-trace", "1".to_owned()),
        ("a-trace", "2".to_owned()),
        ("set-cookie", "session=abc".to_owned()),
        ("x-echo", format!("got {KEY}")),
        ("x-long", "y".repeat(300)),
    ];
    let many = ["z-0", "z-1", "z-2", "z-3", "z-4", "z-5", "z-6", "z-7", "z-8", "z-9"];
    headers.extend(many.map(|name| (name, "z".repeat(256))));
    let body = "x".repeat(300);
    receiver.script(
        "/",
        [
            Step::Answer(500, headers.clone(), body.clone().into()),
            Step::Answer(200, headers, body.into()),
        ],
    );
    let published = shop.publish("order.created", "1").await;
    let delivered = shop.delivery(&subscription, &published.id, "delivered").await;
    let [failed, succeeded] =
        [0, 1].map(|n| delivered.attempts()[n].response_headers.as_ref().expect("headers"));

    let long = "y".repeat(256);
    for (name, value) in
        [("a-trace", "1, 2"), ("set-cookie", MASK), ("x-echo", "got ********"), ("x-long", &long)]
    {
        assert_eq!(failed[name], value, "{failed:?}");
    }
    assert!(failed.contains_key("z-0") && !failed.contains_key("z-9"), "{failed:?}");
    assert!((1700..=2050).contains(&json_bytes(failed)), "{}", json_bytes(failed));
    assert!(succeeded["a-trace"] == "1, 2" && !succeeded.contains_key("x-long"), "{succeeded:?}");
    assert!(json_bytes(succeeded) <= 258, "{succeeded:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_first_connection_is_timed_and_a_kept_one_is_not() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let mut timings = Vec::new();
    // Another process may take the next one and connect as well, but not time and again.
    for n in 0..10 {
        let published = shop.publish("order.created", &n.to_string()).await;
        let delivered = shop.delivery(&subscription, &published.id, "delivered").await;
        timings.push(delivered.attempts()[0].timing);
    }
    assert!(
        timings.iter().all(|timing| timing.dns_ms.is_none() && timing.tls_ms.is_none()),
        "{timings:?}"
    );
    assert!(timings.iter().all(|timing| timing.first_byte_ms.is_some()), "{timings:?}");
    assert!(timings[0].connect_ms.is_some(), "{timings:?}");
    assert!(timings.iter().any(|timing| timing.connect_ms.is_none()), "{timings:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_timeout_says_where_it_hung() {
    let world = World::start(Options::default()).await;
    let server = Rude::start(Manner::Hang).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let overrides = json!({ "retry_waits_seconds": [], "timeout_seconds": 1 });
    let deaf_to_tls = server.url().replace("http://", "https://");
    let mut subscriptions = Vec::new();
    for url in [server.url(), &deaf_to_tls] {
        let body = json!({ "url": url, "event_types": ["*"], "overrides": overrides });
        let made: Value = shop.api.post(&shop.path("/subscriptions"), &body).await.with(201).json();
        let id = made["id"].as_str().expect("an id").to_owned();
        subscriptions.push(Subscription { id, secret: String::new() });
    }
    let published = shop.publish("order.created", "1").await;
    let words = [
        (
            "first_byte",
            "no answer within 1 s: connected after ",
            "then waited for the answer's headers",
        ),
        ("tls", "no connection to 127.0.0.1 ", "within 1 s: the TLS handshake did not end"),
    ];
    for (subscription, (phase, start, end)) in subscriptions.iter().zip(words) {
        let delivery = shop.delivery(subscription, &published.id, "exhausted").await;
        let made = &delivery.attempts()[0];
        let error = made.error.as_deref().expect("words");
        assert!(error.starts_with(start) && error.ends_with(end), "{error}");
        assert_eq!(
            (made.outcome.as_str(), made.error_class.as_deref(), made.timeout_phase.as_deref()),
            ("timed_out", Some("timeout"), Some(phase)),
            "{error}"
        );
        assert!(made.timing.connect_ms.is_some(), "{made:?}");
        assert!(made.timing.tls_ms.is_none() && made.timing.first_byte_ms.is_none(), "{made:?}");
        assert!(made.request_headers.is_some() && made.response_headers.is_none(), "{made:?}");
    }
    world.finish().await;
}

#[tokio::test]
async fn headers_are_kept_of_the_latest_three_attempts_and_of_answers_until_they_are_erased() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let overrides = json!({ "retry_waits_seconds": [1, 1, 1, 1], "jitter_percent": 0 });
    let subscription = shop.subscribe(&receiver, "/", json!({ "overrides": overrides })).await;
    receiver.script("/", [Step::header(500, "x-answer", "no")]);
    let published = shop.publish("order.created", "1").await;
    let exhausted = shop.delivery(&subscription, &published.id, "exhausted").await;
    let kept = |made: &Attempt| (made.request_headers.is_some(), made.response_headers.is_some());
    let expected = [(false, false), (false, false), (true, true), (true, true), (true, true)];
    assert_eq!(exhausted.attempts().iter().map(kept).collect::<Vec<_>>(), expected);
    let requests = receiver.requests("/");
    for (made, request) in exhausted.attempts().iter().zip(&requests).skip(2) {
        let (Some(sent), Some(answered)) = (&made.request_headers, &made.response_headers) else {
            panic!("headers are missing: {made:?}");
        };
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            assert_eq!(sent[name], request.header(name), "{name}");
        }
        assert_eq!(answered["x-answer"], "no");
    }

    let path = shop.path(&format!("/events/{}/payload", published.id));
    assert_eq!(shop.api.call(Method::DELETE, &path, &[], "").await.status, 204);
    let erased = shop.delivery(&subscription, &published.id, "exhausted").await;
    assert_eq!(erased.attempts().iter().map(kept).collect::<Vec<_>>()[2..], [(true, false); 3]);
    world.finish().await;
}

#[tokio::test]
async fn a_test_push_shows_its_attempt_as_it_is_on_record() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription =
        shop.subscribe(&receiver, "/", json!({ "headers": { "X-Api-Key": KEY } })).await;
    receiver.script("/", [Step::header(200, "set-cookie", "session=abc")]);
    let sample = json!({ "event_type": "order.created", "data": 1 });
    let pushed: Value = shop.try_push(&subscription, &sample.to_string()).await.with(200).json();
    let (attempt, event) = (&pushed["attempt"], pushed["event"].as_str().expect("an id"));
    let (sent, answered) = (&attempt["request_headers"], &attempt["response_headers"]);
    assert_eq!((sent, answered), (&pushed["request"]["headers"], &pushed["response"]["headers"]));
    assert_eq!((&sent["x-api-key"], &sent["webhook-id"]), (&json!(MASK), &json!(event)));
    assert_eq!(answered["set-cookie"], MASK);
    assert!(attempt["timing"]["first_byte_ms"].is_number(), "{attempt}");
    let record: Value =
        shop.api.get(&shop.delivery_path(&subscription.id, event)).await.with(200).json();
    assert_eq!(record["attempts"], json!([attempt]));
    world.finish().await;
}
