//! Ordered subscriptions: what is published one after another arrives one after another, whatever
//! fails meanwhile.

use http::Method;
use serde_json::{Value, json};
use tests::ordered::{EVENTS, arrivals, ids, options, publish, shop, subscribe};
use tests::{Options, Published, Receiver, Step, Tenant, World, until};
use tokio::task::JoinSet;

/// Fan-out takes this many subscriptions of a tenant at once.
const A_PAGE: usize = 1_000;

#[tokio::test]
async fn what_is_published_one_after_another_arrives_in_order() {
    let world = World::start(options()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    let ordered = subscribe(&shop, &receiver, "/ordered").await;
    let other = shop.subscribe(&receiver, "/other", json!({})).await;
    let published = publish(&shop, 200).await;
    receiver.wait("/ordered", 200).await;
    world.drained().await;
    assert_eq!(arrivals(&receiver, "/ordered"), ids(&published));
    assert_eq!((receiver.count("/ordered"), receiver.count("/other")), (200, 200));
    assert_eq!(
        (&shop.show(&ordered).await["ordered"], &shop.show(&other).await["ordered"]),
        (&json!(true), &json!(false))
    );
    world.finish().await;
}

#[tokio::test]
async fn a_batch_is_in_the_order_of_the_request_when_it_arrives_and_on_record() {
    let world = World::start(options()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    let subscription = subscribe(&shop, &receiver, "/").await;
    let published = shop.publish_many("order.created", 100).await;
    world.drained().await;
    assert_eq!(arrivals(&receiver, "/"), ids(&published));
    let recorded = shop.deliveries(&subscription, "order=asc&limit=100").await;
    let recorded: Vec<&str> =
        recorded.items.iter().map(|delivery| delivery.event.as_str()).collect();
    assert_eq!(recorded, ids(&published));
    world.finish().await;
}

#[tokio::test]
async fn a_head_that_fails_keeps_back_its_own_subscription_and_no_other() {
    let world = World::start(options()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    for path in ["/failing", "/other"] {
        subscribe(&shop, &receiver, path).await;
    }
    let gate = receiver.hold("/failing");
    let published = publish(&shop, 20).await;
    receiver.wait("/other", 20).await;
    assert_eq!(receiver.count("/failing"), 1, "the second came before the first was answered");
    receiver.script("/failing", [Step::status(500), Step::status(500), Step::status(200)]);
    gate.open();
    world.drained().await;
    for path in ["/failing", "/other"] {
        assert_eq!(arrivals(&receiver, path), ids(&published), "{path}");
    }
    let requests = receiver.requests("/failing");
    let head: Vec<usize> =
        (0..requests.len()).filter(|at| requests[*at].id() == published[1].id).collect();
    assert_eq!(head, [1, 2, 3], "its retries come before what is behind it");
    assert_eq!(requests.len(), 22);
    world.finish().await;
}

#[tokio::test]
async fn functions_that_die_change_no_order() {
    const EXPECTED: &[&str] = &[
        "the whole batch of",
        "ended before it asked for work",
        "a message was not handled in time",
    ];
    let world = World::start(options().for_crashes().expecting_errors(EXPECTED)).await;
    // What a crash leaves is hidden for six minutes as deployed.
    world.queues().set_visibility(EVENTS, 3).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    for path in ["/a", "/b"] {
        subscribe(&shop, &receiver, path).await;
    }
    let mut published = Vec::new();
    for function in ["delivery", "fanout", "delivery", "fanout"] {
        published.extend(publish(&shop, 15).await);
        let before = world.status().await.functions[function].invocations;
        published.extend(publish(&shop, 5).await);
        until("it is at work", async || {
            let status = world.status().await.functions[function].clone();
            if status.busy > 0 || status.invocations > before { Ok(()) } else { Err("idle") }
        })
        .await;
        world.sigkill(function).await;
    }
    world.drained().await;
    for path in ["/a", "/b"] {
        assert_eq!(arrivals(&receiver, path), ids(&published), "{path}");
    }
    world.finish().await;
}

#[tokio::test]
async fn a_repeated_request_neither_makes_a_second_delivery_nor_moves_the_first() {
    let world = World::start(options()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    subscribe(&shop, &receiver, "/").await;
    let mut published: Vec<Published> = Vec::new();
    for key in ["1", "2", "1", "3", "2"] {
        let answer =
            shop.try_publish("order.created", key, &[("idempotency-key", key)]).await.with(202);
        published.push(answer.json());
    }
    world.drained().await;
    let expected = [0, 1, 3].map(|place: usize| published[place].id.clone());
    assert_eq!(arrivals(&receiver, "/"), expected);
    assert_eq!(receiver.count("/"), 3);
    world.finish().await;
}

#[tokio::test]
async fn a_tenant_with_more_subscriptions_than_one_page_keeps_its_order() {
    let world = World::start(options()).await;
    let receiver = Receiver::start().await;
    let shop = shop(&world).await;
    let _ = shop.api.put("/v1/event-types/order.lost", &json!({})).await.with(201);
    let mut connections = JoinSet::new();
    for first in 0..8 {
        let (shop, url) = (shop.clone(), receiver.url("/lost"));
        connections.spawn(async move {
            for _ in (first..A_PAGE).step_by(8) {
                let body = json!({ "url": url, "event_types": ["order.lost"] });
                let _ = shop.api.post(&shop.path("/subscriptions"), &body).await.with(201);
            }
        });
    }
    connections.join_all().await;
    // On the second page.
    subscribe(&shop, &receiver, "/").await;
    let published = publish(&shop, 10).await;
    world.drained().await;
    assert_eq!(arrivals(&receiver, "/"), ids(&published));
    assert_eq!(shop.event(&published[0].id).await.matched, 1);
    world.finish().await;
}

#[tokio::test]
async fn order_is_promised_only_where_it_can_be_kept() {
    let world = World::start(options()).await;
    let receiver = Receiver::start().await;
    let tenant = world.tenant("shop-1", &["order.created"]).await;
    let body = json!({ "url": receiver.url("/"), "event_types": ["*"], "ordered": true });
    let refused = tenant.api.post(&tenant.path("/subscriptions"), &body).await.with(409);
    assert!(refused.text().contains("keep no order"), "{}", refused.text());

    let shop = shop_again(&tenant).await;
    let subscription = subscribe(&shop, &receiver, "/").await;
    let refused = shop.api.put(&shop.path(""), &json!({})).await.with(409);
    assert!(refused.text().contains(&subscription.id), "{}", refused.text());
    let path = shop.path(&format!("/subscriptions/{}", subscription.id));
    let refused = shop.api.patch(&path, &json!({ "ordered": false })).await.with(409);
    assert!(refused.text().contains("make another one"), "{}", refused.text());
    let _ = shop.api.patch(&path, &json!({ "ordered": true })).await.with(200);
    let _ = shop.api.call(Method::DELETE, &path, &[], "").await.with(204);
    let put: Value = shop.api.put(&shop.path(""), &json!({})).await.with(200).json();
    assert_eq!(put["ordered"], false);
    world.finish().await;
}

/// The same tenant, ordered from now on.
async fn shop_again(tenant: &Tenant) -> Tenant {
    let put: Value =
        tenant.api.put(&tenant.path(""), &json!({ "ordered": true })).await.with(200).json();
    assert_eq!(put["ordered"], true);
    tenant.clone()
}

#[tokio::test]
async fn a_deployment_without_ordered_delivery_says_so() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let refused = shop.api.put(&shop.path(""), &json!({ "ordered": true })).await.with(409);
    assert!(refused.text().contains("OrderedDelivery=true"), "{}", refused.text());
    world.finish().await;
}
