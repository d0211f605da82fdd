//! What many deliveries find out, at the same time or one after the other, is told once.

use serde_json::json;
use tests::operations::{listen, told};
use tests::{Options, Receiver, Step, World, until};

const EVENTS: usize = 60;

/// How many events of each of these types were told.
fn counts<const N: usize>(receiver: &Receiver, event_types: [&str; N]) -> [usize; N] {
    let told = told(receiver);
    event_types.map(|wanted| told.iter().filter(|(name, _)| name == wanted).count())
}

#[tokio::test]
async fn a_subscription_whose_deliveries_all_fail_at_once_is_told_to_fail_once_and_to_recover_once()
{
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    listen(&world, &receiver, json!({})).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    shop.subscribe(&receiver, "/", json!({ "overrides": { "retry_waits_seconds": [] } })).await;
    for status in [500, 200] {
        receiver.script("/", [Step::status(status)]);
        shop.publish_many("order.created", EVENTS).await;
        world.drained().await;
    }
    let types = ["delivery.exhausted", "subscription.failing", "subscription.recovered"];
    assert_eq!(counts(&receiver, types), [EVENTS, 1, 1], "{types:?}");
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
        let deleted =
            shop.api.get(&shop.path(&format!("/subscriptions/{}", leaving.id))).await.status == 404;
        if disabled && deleted {
            Ok(())
        } else {
            Err(format!("disabled: {disabled}, deleted: {deleted}"))
        }
    })
    .await;
    world.drained().await;
    // What was pending is cancelled; what was attempted has its answer on record.
    for delivery in shop.deliveries(&gone, "limit=250").await.items {
        assert!(matches!(delivery.status.as_str(), "exhausted" | "cancelled"), "{delivery:?}");
    }
    let types = ["subscription.disabled", "subscription.deleted"];
    assert_eq!(counts(&receiver, types), [1, 1], "{types:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_failed_resend_exhausts_nothing_anew_and_an_old_answer_ends_no_subscription_that_was_set_active_again()
 {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    listen(&world, &receiver, json!({})).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/shop", json!({})).await;
    receiver.script("/shop", [410, 500, 200].map(Step::status));
    let published = shop.publish("order.created", "1").await;
    shop.delivery(&subscription, &published.id, "exhausted").await;
    world.drained().await;
    let reason = shop.show(&subscription).await["status_reason"].clone();
    assert!(
        reason.as_str().is_some_and(|reason| reason.starts_with("the receiver answered 410")),
        "{reason}"
    );

    shop.patch(&subscription, json!({ "status": "active" })).await;
    for attempts in [2, 3] {
        shop.resend(&subscription, &published.id).await;
        shop.delivery_when(&subscription, &published.id, "a resend", |row| {
            row.attempt_count == attempts
        })
        .await;
        world.drained().await;
        assert_eq!(shop.show(&subscription).await["status"], "active");
    }
    shop.delivery(&subscription, &published.id, "delivered").await;
    let types: Vec<_> = told(&receiver).into_iter().map(|(name, _)| name).collect();
    assert_eq!(types.iter().filter(|name| *name == "delivery.exhausted").count(), 1, "{types:?}");
    assert_eq!(
        types.iter().filter(|name| *name == "subscription.disabled").count(),
        1,
        "{types:?}"
    );
    assert_eq!(types.len(), 2, "{types:?}");
    world.finish().await;
}
