//! From publish to a verified delivery.

use serde_json::{Value, json};
use tests::{Options, Receiver, Step, World, fixtures};

#[tokio::test]
async fn a_published_event_arrives_signed_and_byte_for_byte_and_is_on_record() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let headers = json!({ "X-Shop-Key": "k 1" });
    let subscription = shop.subscribe(&receiver, "/hooks?a=1", json!({ "headers": headers })).await;
    receiver.script("/hooks", [Step::body(201, "thank you")]);

    let published = shop.publish("order.created", fixtures::ODD_JSON).await;
    let delivery = shop.delivery(&subscription, &published.id, "delivered").await;

    let [request] = receiver.requests("/hooks").try_into().expect("one request");
    assert_eq!((request.method.as_str(), request.query.as_str()), ("POST", "a=1"));
    assert_eq!(request.id(), published.id);
    assert_eq!(request.header("content-type"), "application/json");
    assert!(request.header("user-agent").starts_with("Postrider/"));
    assert_eq!(request.header("x-shop-key"), "k 1");
    let sent: i64 = request.header("webhook-timestamp").parse().expect("seconds");
    assert!((0..=5).contains(&(request.at.as_unix_seconds() - sent)), "{sent}");
    let expected = format!(
        r#"{{"id":"{}","type":"order.created","timestamp":"{}","data":{}}}"#,
        published.id,
        published.timestamp,
        fixtures::ODD_JSON
    );
    assert_eq!(request.text(), expected);

    assert_eq!(
        (delivery.success, delivery.attempt_count, delivery.next_attempt_at),
        (true, 1, None)
    );
    assert_eq!(delivery.event_type.as_deref(), Some("order.created"));
    assert_eq!(delivery.data.as_ref().map(|data| data.get()), Some(fixtures::ODD_JSON));
    let [attempt] = delivery.attempts() else { panic!("{delivery:?}") };
    assert_eq!(
        (attempt.number, attempt.trigger.as_str(), attempt.outcome.as_str()),
        (1, "event", "succeeded")
    );
    assert_eq!(
        (attempt.status, attempt.response_excerpt.as_deref()),
        (Some(201), Some("thank you"))
    );
    assert_eq!((attempt.error_class.as_deref(), attempt.error.as_deref()), (None, None));
    assert_eq!(attempt.started_at.as_unix_seconds(), sent);

    let event = shop.event(&published.id).await;
    assert_eq!((event.matched, event.r#type.as_str()), (1, "order.created"));
    assert_eq!(event.timestamp, published.timestamp);
    assert_eq!(event.data.as_ref().map(|data| data.get()), Some(fixtures::ODD_JSON));
    let path = shop.path(&format!("/events/{}/deliveries", published.id));
    let went_to: Value = shop.api.get(&path).await.with(200).json();
    assert_eq!(went_to["items"][0]["subscription"], json!(subscription.id));
    assert_eq!(went_to["items"][0]["status"], json!("delivered"));
    world.finish().await;
}

#[tokio::test]
async fn every_kind_of_json_value_is_data() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    for data in ["null", "true", "-0", "\"\"", "[]", "{}", "\"\u{ffff}\""] {
        let published = shop.publish("order.created", data).await;
        let delivery = shop.delivery(&subscription, &published.id, "delivered").await;
        assert_eq!(delivery.data.as_ref().map(|data| data.get()), Some(data));
        let requests = receiver.requests("/");
        let request =
            requests.iter().find(|request| request.id() == published.id).expect("its request");
        assert!(request.text().ends_with(&format!(r#","data":{data}}}"#)), "{}", request.text());
    }
    world.finish().await;
}

#[tokio::test]
async fn an_event_goes_to_every_subscription_that_wants_it_and_counts_them() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    for path in ["/a", "/b", "/c"] {
        shop.subscribe(&receiver, path, json!({})).await;
    }
    let published = shop.publish("order.created", "1").await;
    for path in ["/a", "/b", "/c"] {
        assert_eq!(receiver.wait(path, 1).await[0].id(), published.id);
    }
    assert_eq!(shop.event(&published.id).await.matched, 3);
    let unheard = shop.publish("order.created", "2").await;
    world.drained().await;
    assert_eq!(shop.event(&unheard.id).await.matched, 3);
    assert_eq!(receiver.count("/a"), 2);
    world.finish().await;
}
