//! The limits: what just fits goes through byte for byte, what does not is refused whole.

use serde_json::{Value, json};
use tests::{Options, Receiver, World, fixtures};

const MIB: usize = 1 << 20;

#[tokio::test]
async fn a_payload_of_one_mebibyte_arrives_byte_for_byte_and_one_byte_more_is_refused() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let payloads = [
        fixtures::noise(MIB, 3),
        fixtures::monotony(MIB),
        fixtures::noise(60_000, 5),
        fixtures::noise(700, 9),
    ];
    for payload in payloads {
        let published = shop.publish("order.created", &payload).await;
        let delivery = shop.delivery(&subscription, &published.id, "delivered").await;
        assert!(
            delivery.data.is_some_and(|data| data.get() == payload),
            "the delivery's payload is another"
        );
        let event = shop.event(&published.id).await;
        assert!(
            event.data.is_some_and(|data| data.get() == payload),
            "the event's payload is another"
        );
        let requests = receiver.requests("/");
        let request =
            requests.iter().find(|request| request.id() == published.id).expect("its request");
        assert!(
            request.text().ends_with(&format!(r#","data":{payload}}}"#)),
            "the body's data is another"
        );
    }
    for payload in [fixtures::noise(MIB + 1, 3), fixtures::monotony(MIB + 1)] {
        let refused = shop.try_publish("order.created", &payload, &[]).await.with(413);
        assert!(refused.text().contains("1048577"), "{}", refused.text());
    }
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), 4);
    world.finish().await;
}

#[tokio::test]
async fn a_large_payload_is_still_there_for_a_retry_and_a_resend() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    receiver.script("/", [tests::Step::status(500), tests::Step::status(200)]);
    let payload = fixtures::noise(400_000, 11);
    let published = shop.publish("order.created", &payload).await;
    shop.delivery(&subscription, &published.id, "delivered").await;
    shop.resend(&subscription, &published.id).await;
    let requests = receiver.wait("/", 3).await;
    assert!(requests.iter().all(|request| request.body == requests[0].body));
    assert!(requests[0].text().ends_with(&format!(r#","data":{payload}}}"#)));
    world.finish().await;
}

#[tokio::test]
async fn a_batch_of_a_hundred_is_accepted_in_order_and_one_of_a_hundred_and_one_is_refused() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    shop.subscribe(&receiver, "/", json!({})).await;
    let published = shop.publish_many("order.created", 100).await;
    let requests = receiver.wait("/", 100).await;
    for (n, event) in published.iter().enumerate() {
        let request =
            requests.iter().find(|request| request.id() == event.id).expect("each is delivered");
        assert!(
            request.text().ends_with(&format!(r#""data":{{"n":{n}}}}}"#)),
            "{}",
            request.text()
        );
    }
    let events: Vec<_> = (0..101).map(|n| json!({ "type": "order.created", "data": n })).collect();
    for wrong in [json!(events), json!([])] {
        let refused: Value = shop
            .api
            .post(&shop.path("/events"), &json!({ "events": wrong }))
            .await
            .with(422)
            .json();
        assert_eq!(refused["errors"][0]["path"], "events");
    }
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), 100);
    world.finish().await;
}

#[tokio::test]
async fn one_wrong_event_refuses_its_whole_batch_and_nothing_of_it_is_accepted() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    shop.subscribe(&receiver, "/", json!({})).await;
    let mut events: Vec<_> =
        (0..10).map(|n| json!({ "type": "order.created", "data": n })).collect();
    events[3]["type"] = "order.unknown".into();
    events[7]["type"] = "order.unknown".into();
    let refused: Value =
        shop.api.post(&shop.path("/events"), &json!({ "events": events })).await.with(422).json();
    let paths: Vec<_> =
        refused["errors"].as_array().expect("errors").iter().map(|error| &error["path"]).collect();
    assert_eq!(paths, ["events[3].type", "events[7].type"]);
    world.drained().await;
    assert_eq!(receiver.count("/"), 0);
    let listed: Value = shop.api.get(&shop.path("/events")).await.with(200).json();
    assert_eq!(listed["items"], json!([]));
    world.finish().await;
}
