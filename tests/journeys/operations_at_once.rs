//! What many deliveries find out at the same time is told once.

use serde_json::{Value, json};
use tests::{Options, Receiver, Step, World, until};

use crate::operations::{listen, told};

const EVENTS: usize = 60;

fn counted(told: &[(String, Value)], event_type: &str) -> usize {
    told.iter().filter(|(name, _)| name == event_type).count()
}

#[tokio::test]
async fn a_subscription_whose_deliveries_all_fail_at_once_is_told_to_fail_once_and_to_recover_once() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    listen(&world, &receiver, json!({})).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    shop.subscribe(&receiver, "/", json!({ "overrides": { "retry_waits_seconds": [] } })).await;
    receiver.script("/", [Step::status(500)]);
    shop.publish_many("order.created", EVENTS).await;
    world.drained().await;
    let bad = told(&receiver);
    assert_eq!(counted(&bad, "delivery.exhausted"), EVENTS, "{bad:?}");
    assert_eq!(counted(&bad, "subscription.failing"), 1, "{bad:?}");

    receiver.script("/", [Step::status(200)]);
    shop.publish_many("order.created", EVENTS).await;
    world.drained().await;
    let good = told(&receiver);
    assert_eq!(counted(&good, "subscription.recovered"), 1, "{good:?}");
    assert_eq!(good.len(), EVENTS + 2);
    world.finish().await;
}

#[tokio::test]
async fn a_subscription_that_many_answers_disable_or_delete_at_once_is_told_so_once() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    listen(&world, &receiver, json!({ "event_types": ["subscription.*"] })).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let gone = shop.subscribe(&receiver, "/gone", json!({})).await;
    let overrides = json!({ "delete_on_response_text": "leave me alone" });
    let leaving = shop.subscribe(&receiver, "/leaving", json!({ "overrides": overrides })).await;
    receiver.script("/gone", [Step::status(410)]);
    receiver.script("/leaving", [Step::body(200, "leave me alone")]);
    shop.publish_many("order.created", EVENTS).await;
    until("both have ended", async || {
        let disabled = shop.show(&gone).await["status"] == "disabled";
        let deleted = shop.api.get(&shop.path(&format!("/subscriptions/{}", leaving.id))).await.status == 404;
        if disabled && deleted { Ok(()) } else { Err(format!("disabled: {disabled}, deleted: {deleted}")) }
    })
    .await;
    world.drained().await;
    let told = told(&receiver);
    assert_eq!(counted(&told, "subscription.disabled"), 1, "{told:?}");
    assert_eq!(counted(&told, "subscription.deleted"), 1, "{told:?}");
    // What was pending is cancelled; what was attempted has its answer on record.
    for delivery in shop.deliveries(&gone, "limit=250").await.items {
        assert!(matches!(delivery.status.as_str(), "exhausted" | "cancelled"), "{delivery:?}");
    }
    world.finish().await;
}
