//! The profile `cloudcart`: 200 alone is success, five retries, statuses that disable, a phrase
//! that deletes, and bare data as JSON or XML.

use serde_json::{Value, json};
use tests::catalogues::{self, CLOUDCART};
use tests::timeline::{self, Line, Timeline};
use tests::{Gate, Options, Receiver, Step, Subscription, Tenant, World, until};

const ORDER: &str = r#"{"id": 1001, "status": "pending", "payment_status": "requested",
    "fulfilment_status": "not_fulfilled", "total": "42.50",
    "customer": {"name": "Ани & Co <ltd>", "email": "ani@example.com"},
    "products": [{"sku": "A-1", "quantity": 2}, {"sku": "B-2", "quantity": 1}]}"#;
/// The order in the promised form, with a line break where there is none.
const ORDER_XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<data>
<id type="number">1001</id>
<status>pending</status>
<payment_status>requested</payment_status>
<fulfilment_status>not_fulfilled</fulfilment_status>
<total>42.50</total>
<customer><name>Ани &amp; Co &lt;ltd&gt;</name><email>ani@example.com</email></customer>
<products repeated="true"><sku>A-1</sku><quantity type="number">2</quantity></products>
<products repeated="true"><sku>B-2</sku><quantity type="number">1</quantity></products>
</data>"#;
const PHRASE: &str = "Thank you. Please Unsubscribe ME, we have moved.";

async fn shop(world: &World) -> Tenant {
    catalogues::import(world, CLOUDCART).await;
    let shop = world.tenant("shop-1", &[]).await;
    shop.set_default_profile("cloudcart").await;
    shop
}

/// Subscribes a path with the profile as it is.
async fn subscribe(shop: &Tenant, receiver: &Receiver, path: &str) -> Subscription {
    shop.subscribe(receiver, path, json!({ "overrides": {} })).await
}

#[tokio::test]
async fn five_retries_come_1_to_5_minutes_apart_after_a_timeout_and_whatever_is_not_200() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = shop(&world).await;
    let subscription = subscribe(&shop, &receiver, "/in").await;
    let mut steps = vec![Step::Hold(Gate::default(), 200)];
    steps.extend([201, 204, 500, 402, 409].map(Step::status));
    receiver.script("/in", steps);

    let published = shop.publish("order.created", ORDER).await;
    let line =
        Line { tenant: &shop, subscription: &subscription, path: "/in", event: &published.id };
    let course = timeline.exhaust(&line, 6).await;
    course.assert_waits(&[60, 120, 180, 240, 300]);
    let expected = [
        (1, "timed_out", None),
        (2, "rejected", Some(201)),
        (3, "rejected", Some(204)),
        (4, "rejected", Some(500)),
        (5, "rejected", Some(402)),
        (6, "rejected", Some(409)),
    ];
    assert_eq!(course.delivery.outcomes(), expected);
    let hung = &course.delivery.attempts()[0];
    assert_eq!(hung.error_class.as_deref(), Some("timeout"));
    assert!((5000..6000).contains(&hung.duration_ms), "{} ms", hung.duration_ms);
    assert_eq!(course.delivery.reason.as_deref(), Some("every attempt of the schedule was made"));
    assert_eq!(shop.show(&subscription).await["status"], "active");

    receiver.script("/in", [Step::status(200)]);
    let heard = shop.publish("order.created", ORDER).await;
    shop.delivery(&subscription, &heard.id, "delivered").await;
    world.finish().await;
}

#[tokio::test]
async fn eight_statuses_disable_a_subscription_at_once_and_others_do_not() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    let mut subscriptions = Vec::new();
    for status in [400, 401, 403, 404, 405, 406, 410, 411, 402, 409, 500] {
        let path = format!("/{status}");
        receiver.script(&path, [Step::status(status)]);
        subscriptions.push((status, subscribe(&shop, &receiver, &path).await));
    }
    let (disabled, kept) = subscriptions.split_at(8);
    let published = shop.publish("order.created", ORDER).await;
    for (status, subscription) in disabled {
        let ended = shop.delivery(subscription, &published.id, "exhausted").await;
        assert_eq!(ended.outcomes(), [(1, "rejected", Some(*status))]);
        let reason = format!("the receiver answered {status}");
        assert_eq!(ended.reason.as_deref(), Some(reason.as_str()));
        let shown: Value = until("the subscription is disabled", async || {
            let shown = shop.show(subscription).await;
            if shown["status"] == "disabled" { Ok(shown) } else { Err(shown) }
        })
        .await;
        assert!(
            shown["status_reason"].as_str().is_some_and(|why| why.starts_with(&reason)),
            "{shown}"
        );
    }
    for (status, subscription) in kept {
        let made = |delivery: &tests::Delivery| delivery.attempt_count == 1;
        let waiting = shop.delivery_when(subscription, &published.id, "one attempt", made).await;
        assert_eq!((waiting.status.as_str(), waiting.reason), ("pending", None), "{status}");
        assert_eq!(shop.show(subscription).await["status"], "active", "{status}");
    }
    let next = shop.publish("order.created", ORDER).await;
    assert_eq!(shop.event(&next.id).await.matched, 3);
    world.drained().await;
    for (status, _) in disabled {
        assert_eq!(receiver.requests(&format!("/{status}")).len(), 1, "{status}");
    }
    world.finish().await;
}

#[tokio::test]
async fn the_phrase_in_an_answer_deletes_the_subscription_whatever_the_status() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    let mut subscriptions = Vec::new();
    for (path, status) in [("/accepted", 200), ("/refused", 500)] {
        receiver.script(path, [Step::body(status, PHRASE)]);
        subscriptions.push(subscribe(&shop, &receiver, path).await);
    }
    receiver.script("/other", [Step::body(200, "Please do not unsubscribe me.")]);
    let other = subscribe(&shop, &receiver, "/other").await;

    let published = shop.publish("order.created", ORDER).await;
    for subscription in &subscriptions {
        let path = shop.path(&format!("/subscriptions/{}", subscription.id));
        until("the subscription is gone", async || {
            let answer = shop.api.get(&path).await;
            if answer.status == 404 { Ok(()) } else { Err(answer.text().to_owned()) }
        })
        .await;
    }
    shop.delivery(&other, &published.id, "delivered").await;
    world.drained().await;
    let path = shop.path(&format!("/events/{}/deliveries", published.id));
    let deliveries: tests::List<tests::Delivery> = shop.api.get(&path).await.with(200).json();
    for (subscription, status) in subscriptions.iter().zip(["delivered", "exhausted"]) {
        let found =
            deliveries.items.iter().find(|delivery| delivery.subscription == subscription.id);
        let found = found.unwrap_or_else(|| panic!("{deliveries:?}"));
        assert_eq!(
            (found.status.as_str(), found.attempt_count, found.next_attempt_at),
            (status, 1, None)
        );
    }
    let next = shop.publish("order.created", ORDER).await;
    assert_eq!(shop.event(&next.id).await.matched, 1);
    shop.delivery(&other, &next.id, "delivered").await;
    world.drained().await;
    assert_eq!(
        ["/accepted", "/refused", "/other"].map(|path| receiver.requests(path).len()),
        [1, 1, 2]
    );
    world.finish().await;
}

#[tokio::test]
async fn an_order_comes_bare_as_json_and_where_that_is_wanted_as_xml() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    subscribe(&shop, &receiver, "/json").await;
    let xml = json!({ "overrides": { "body_format": "xml" } });
    shop.subscribe(&receiver, "/xml", xml).await;
    shop.publish("order.created", ORDER).await;
    let (json, xml) =
        (receiver.wait("/json", 1).await.remove(0), receiver.wait("/xml", 1).await.remove(0));
    assert_eq!((json.header("content-type"), json.text()), ("application/json", ORDER));
    assert_eq!(xml.header("content-type"), "application/xml; charset=utf-8");
    assert_eq!(xml.text(), ORDER_XML.replace('\n', ""));
    world.finish().await;
}

#[tokio::test]
async fn data_that_no_xml_can_hold_is_exhausted_without_an_attempt_and_says_why() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    let xml = json!({ "overrides": { "body_format": "xml" } });
    let xml = shop.subscribe(&receiver, "/xml", xml).await;
    let json = subscribe(&shop, &receiver, "/json").await;
    let deep = format!("{}1{}", "[".repeat(65), "]".repeat(65));
    for (data, why) in [(deep.as_str(), "deeper than 64"), (r#"{"a":"\ud800"}"#, "surrogate")] {
        let published = shop.publish("order.created", data).await;
        let ended = shop.delivery(&xml, &published.id, "exhausted").await;
        assert_eq!((ended.attempt_count, ended.next_attempt_at), (0, None));
        assert!(ended.reason.as_ref().is_some_and(|reason| reason.contains(why)), "{ended:?}");
        shop.delivery(&json, &published.id, "delivered").await;
        let push = format!(r#"{{"event_type":"order.created","data":{data}}}"#);
        let refused: Value = shop.try_push(&xml, &push).await.with(422).json();
        assert_eq!(refused["errors"][0]["path"], "data");
    }
    world.drained().await;
    assert_eq!(receiver.count("/xml"), 0);
    world.finish().await;
}
