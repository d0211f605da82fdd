//! The test push: a sample now, with what was sent and what came back.

use std::time::Duration;

use serde_json::{Value, json};
use tests::catalogues::{self, LOCALLY};
use tests::timeline::{self, Timeline};
use tests::{Gate, Options, Receiver, Step, Subscription, Tenant, World, fixtures, rude};

/// Sends a test push, and answers with what it says.
async fn push(shop: &Tenant, subscription: &Subscription, body: &Value) -> Value {
    shop.try_push(subscription, &body.to_string()).await.with(200).json()
}

/// The numbers of an attempt that say how it ended.
fn ended(pushed: &Value) -> (&str, &Value, &Value) {
    let attempt = &pushed["attempt"];
    assert_eq!((&attempt["number"], &attempt["trigger"]), (&json!(1), &json!("test")), "{attempt}");
    (attempt["outcome"].as_str().expect("an outcome"), &attempt["status"], &attempt["error_class"])
}

fn id(pushed: &Value) -> &str {
    pushed["event"].as_str().expect("an id")
}

#[tokio::test]
async fn the_example_or_the_callers_own_data_is_sent_as_an_event_would_be() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.paid"]).await;
    let put = json!({ "example": { "id": 7, "lines": ["a"] } });
    let _ = world.api().put("/v1/event-types/order.created", &put).await.with(201);
    let subscription =
        shop.subscribe(&receiver, "/in?shop=1", json!({ "event_types": ["other"] })).await;
    receiver.script(
        "/in",
        [Step::Answer(201, vec![("x-answer", "yes".to_owned())], "thank you".into())],
    );

    let pushed = push(&shop, &subscription, &json!({ "event_type": "order.created" })).await;
    let request = receiver.requests("/in").remove(0);
    assert_eq!(request.id(), id(&pushed));
    assert!(id(&pushed).starts_with("evt_"), "{pushed}");
    let sent = &pushed["request"];
    assert_eq!(
        (&sent["method"], &sent["url"]),
        (&json!("POST"), &json!(receiver.url("/in?shop=1")))
    );
    assert_eq!(sent["body"], request.text());
    for name in
        ["webhook-id", "webhook-timestamp", "webhook-signature", "content-type", "user-agent"]
    {
        assert_eq!(sent["headers"][name], request.header(name), "{name}");
    }
    let body: Value = request.text().parse().expect("JSON");
    assert_eq!((&body["type"], &body["data"]), (&json!("order.created"), &put["example"]));
    let answer = &pushed["response"];
    assert_eq!((&answer["status"], &answer["body"]), (&json!(201), &json!("thank you")));
    assert_eq!(answer["headers"]["x-answer"], "yes");
    assert_eq!(ended(&pushed), ("succeeded", &json!(201), &Value::Null));
    assert_eq!(pushed["attempt"]["response_excerpt"], "thank you");

    let own = format!(r#"{{"event_type":"order.paid","data":{}}}"#, fixtures::ODD_JSON);
    let pushed: Value = shop.try_push(&subscription, &own).await.with(200).json();
    let request = receiver.requests("/in").remove(1);
    assert!(
        request.text().ends_with(&format!(r#""data":{}}}"#, fixtures::ODD_JSON)),
        "{}",
        request.text()
    );
    assert_eq!(pushed["request"]["body"], request.text());

    let refused = [
        (json!({ "event_type": "order.paid" }), "data"),
        (json!({ "event_type": "order.unknown", "data": 1 }), "event_type"),
        (json!({ "data": 1 }), "event_type"),
        (json!({ "event_type": "order.paid", "data": 1, "colour": "red" }), "colour"),
    ];
    for (body, path) in refused {
        let refused: Value = shop.try_push(&subscription, &body.to_string()).await.with(422).json();
        let found = refused["errors"][0].to_string();
        assert!(found.contains(path), "{body}: {refused}");
    }
    assert_eq!(receiver.requests("/in").len(), 2);
    let nobody =
        Subscription { id: "sub_00000000000000000000000000".to_owned(), secret: String::new() };
    let _ = shop.try_push(&nobody, r#"{"event_type":"order.created"}"#).await.with(404);
    world.finish().await;
}

#[tokio::test]
async fn null_is_data_of_a_push_as_it_is_of_an_event() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &[]).await;
    let put = json!({ "example": { "id": 7 } });
    let _ = world.api().put("/v1/event-types/order.created", &put).await.with(201);
    shop.subscribe(&receiver, "/event", json!({ "overrides": { "body": "${data}" } })).await;
    let pushed = json!({ "event_types": ["other"], "overrides": { "body": "${data}" } });
    let pushed = shop.subscribe(&receiver, "/push", pushed).await;
    shop.publish("order.created", "null").await;
    push(&shop, &pushed, &json!({ "event_type": "order.created", "data": null })).await;
    let event = receiver.wait("/event", 1).await.remove(0);
    assert_eq!((event.text(), receiver.requests("/push")[0].text()), ("null", "null"));
    world.finish().await;
}

#[tokio::test]
async fn a_type_that_is_split_is_tested_with_the_first_element_of_its_example() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    catalogues::import(&world, LOCALLY).await;
    let shop = world.tenant("shop-1", &[]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({ "profile": "locally" })).await;
    push(&shop, &subscription, &json!({ "event_type": "cart.item_confirmed" })).await;
    let body: Value = receiver.requests("/")[0].text().parse().expect("JSON");
    let mut expected = catalogues::types(LOCALLY)["cart.item_confirmed"]["example"].clone();
    let first = expected["items"][0].take();
    expected.as_object_mut().expect("an object").remove("items");
    expected["upc"] = first["upc"].clone();
    assert_eq!(body, expected);
    world.finish().await;
}

#[tokio::test]
async fn a_push_that_fails_says_how_and_is_on_record_and_never_repeated() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let overrides =
        json!({ "retry_waits_seconds": [5, 60], "jitter_percent": 0, "timeout_seconds": 1 });
    let subscription = shop.subscribe(&receiver, "/", json!({ "overrides": overrides })).await;
    receiver.script("/", [Step::body(503, "not now"), Step::Hold(Gate::default(), 200)]);
    let sample = json!({ "event_type": "order.created", "data": { "n": 1 } });

    let rejected = push(&shop, &subscription, &sample).await;
    assert_eq!(ended(&rejected), ("rejected", &json!(503), &json!("http_status")));
    assert_eq!(
        (&rejected["response"]["status"], &rejected["response"]["body"]),
        (&json!(503), &json!("not now"))
    );
    let hung = push(&shop, &subscription, &sample).await;
    assert_eq!(ended(&hung), ("timed_out", &Value::Null, &json!("timeout")));
    assert_eq!(hung["response"], Value::Null);
    let took = hung["attempt"]["duration_ms"].as_u64().expect("milliseconds");
    assert!((1000..10_000).contains(&took), "not its own second, but {took} ms");
    shop.patch(&subscription, json!({ "url": rude::nobody().await })).await;
    let refused = push(&shop, &subscription, &sample).await;
    assert_eq!(ended(&refused), ("unreachable", &Value::Null, &json!("connect_refused")));
    assert_eq!(
        (&refused["response"], &refused["request"]["method"]),
        (&Value::Null, &json!("POST"))
    );
    assert!(
        refused["attempt"]["error"].as_str().is_some_and(|words| !words.is_empty()),
        "{refused}"
    );

    shop.patch(&subscription, json!({ "url": receiver.url("/") })).await;
    timeline.settled().await;
    world.advance(Duration::from_hours(1)).await;
    timeline.ticks().await;
    timeline.works().await;
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), 2, "a test push is not repeated");
    for pushed in [&rejected, &hung, &refused] {
        let delivery = shop.delivery(&subscription, id(pushed), "exhausted").await;
        let attempt = &delivery.attempts()[0];
        assert_eq!((delivery.attempt_count, attempt.trigger.as_str()), (1, "test"));
        assert_eq!(attempt.outcome, ended(pushed).0);
        assert!(delivery.data.is_none() && delivery.next_attempt_at.is_none(), "{delivery:?}");
        let resend = format!("{}/resend", shop.delivery_path(&subscription.id, id(pushed)));
        let _ = shop.api.post(&resend, &json!({})).await.with(404);
    }
    assert!(shop.deliveries(&subscription, "success=false").await.items.is_empty());
    assert_eq!(shop.deliveries(&subscription, "").await.items.len(), 3);
    world.finish().await;
}

#[tokio::test]
async fn secrets_are_masked_in_the_request_and_where_a_receiver_answers_with_them() {
    const KEY: &str = "the-key-of-the-receiver";
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let settings =
        json!({ "profile": "locally", "headers": { "X-Api-Key": KEY }, "overrides": {} });
    let subscription = shop.subscribe(&receiver, "/", settings).await;
    let token = &subscription.secret;
    let answer =
        |status, text: String| Step::Answer(status, vec![("x-echo", text.clone())], text.into());
    receiver.script(
        "/",
        [200, 200, 500].map(|status| answer(status, format!("got {token} and {KEY}, {token}"))),
    );
    let echoed = "got ******** and ********, ********";

    let path = shop.path(&format!("/subscriptions/{}/test", subscription.id));
    let sample = json!({ "event_type": "order.created", "data": 1 });
    let answer = shop.api.post(&path, &sample).await.with(200);
    assert!(!answer.text().contains(token) && !answer.text().contains(KEY), "{}", answer.text());
    let pushed: Value = answer.json();
    let headers = &pushed["request"]["headers"];
    assert_eq!(
        (&headers["locally-webhook-token"], &headers["x-api-key"]),
        (&json!("********"), &json!("********"))
    );
    let response = &pushed["response"];
    assert_eq!(
        (&response["body"], &response["headers"]["x-echo"]),
        (&json!(echoed), &json!(echoed))
    );
    assert_eq!(pushed["attempt"]["response_excerpt"], echoed);
    let request = receiver.requests("/").remove(0);
    assert_eq!(
        (request.header("locally-webhook-token"), request.header("x-api-key")),
        (token.as_str(), KEY)
    );

    // As on every attempt.
    let published = shop.publish("order.created", "1").await;
    let delivered = shop.delivery(&subscription, &published.id, "delivered").await;
    assert_eq!(delivered.attempts()[0].response_excerpt.as_deref(), Some(echoed));
    world.finish().await;
}

#[tokio::test]
async fn a_secret_that_the_end_of_an_excerpt_cuts_is_not_shown_in_part() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({ "profile": "locally" })).await;
    let token = &subscription.secret;
    // Of an accepted attempt's answer 256 bytes are kept.
    receiver.script("/", [Step::body(200, format!("{}{token}", "x".repeat(256 - 20)))]);
    let pushed =
        push(&shop, &subscription, &json!({ "event_type": "order.created", "data": 1 })).await;
    let excerpt = pushed["attempt"]["response_excerpt"].as_str().expect("an excerpt");
    assert!(!excerpt.contains(&token[..8]), "a part of the token is shown: {excerpt}");
    world.finish().await;
}

#[tokio::test]
async fn a_secret_that_contains_another_is_masked_whole() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let headers = json!({ "x-account": "shop-0815", "x-key": "shop-0815-and-its-password" });
    let subscription = shop.subscribe(&receiver, "/", json!({ "headers": headers })).await;
    receiver.script("/", [Step::body(200, "shop-0815-and-its-password of shop-0815")]);
    let pushed =
        push(&shop, &subscription, &json!({ "event_type": "order.created", "data": 1 })).await;
    assert_eq!(pushed["response"]["body"], "******** of ********");
    world.finish().await;
}

#[tokio::test]
async fn a_push_reaches_a_paused_or_disabled_subscription_and_changes_nothing() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let sample = json!({ "event_type": "order.created", "data": 1 });
    for (count, status) in (1..).zip(["paused", "disabled"]) {
        let before = shop.patch(&subscription, json!({ "status": status })).await;
        let pushed = push(&shop, &subscription, &sample).await;
        assert_eq!(ended(&pushed), ("succeeded", &json!(200), &Value::Null), "{status}");
        assert_eq!(receiver.requests("/").len(), count);
        assert_eq!(shop.show(&subscription).await, before);
        let delivery = shop.delivery(&subscription, id(&pushed), "delivered").await;
        assert_eq!((delivery.attempt_count, delivery.data.is_none()), (1, true));
        assert!(shop.api.all(&shop.path("/events")).await.is_empty(), "it is no event");
    }
    shop.patch(&subscription, json!({ "status": "active" })).await;
    receiver.script("/", [Step::status(410)]);
    let gone = push(&shop, &subscription, &sample).await;
    assert_eq!(ended(&gone), ("rejected", &json!(410), &json!("http_status")));
    world.drained().await;
    assert_eq!(
        shop.show(&subscription).await["status"],
        "active",
        "a test push is of no consequence"
    );
    world.finish().await;
}
