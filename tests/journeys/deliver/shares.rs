//! A batch of deliveries of which some are slow: they hold up few of their own kind, and a crash
//! repeats none that was done.

use std::time::Duration;

use serde_json::json;
use tests::{Gate, Options, Receiver, Subscription, Tally, Tenant, World, until};

/// As few as the template allows.
const PROCESSES: usize = 2;

fn options() -> Options {
    Options::default().with("DeliveryConcurrency", &PROCESSES.to_string())
}

async fn subscribe(shop: &Tenant, receiver: &Receiver, name: &str) -> Subscription {
    shop.subscribe(
        receiver,
        &format!("/{name}"),
        json!({ "event_types": [format!("order.{name}")] }),
    )
    .await
}

/// Keeps every process of delivery at work until the gate is opened, so that what is published
/// meanwhile comes in whole batches.
async fn busy(world: &World, receiver: &Receiver, shop: &Tenant) -> Gate {
    subscribe(shop, receiver, "busy").await;
    let gate = receiver.hold("/busy");
    for count in 1..=PROCESSES {
        shop.publish("order.busy", "1").await;
        receiver.wait("/busy", count).await;
    }
    assert_eq!(world.status().await.functions["delivery"].busy, PROCESSES);
    gate
}

async fn waiting(world: &World, count: u64) {
    until("they wait for delivery", async || {
        let waiting = world.status().await.queue("DeliveriesQueue").visible;
        if waiting == count { Ok(()) } else { Err(waiting) }
    })
    .await;
}

#[tokio::test]
async fn what_is_done_is_deleted_while_others_of_its_batch_hang_and_a_crash_brings_none_of_it_back()
{
    let options = options()
        .with_clock()
        .with("DeliveryTimeoutSeconds", "20")
        .with("DeliveryVisibilitySeconds", "30");
    let world = World::start(
        options.expecting_errors(&["the whole batch of", "ended before it asked for work"]),
    )
    .await;
    let receiver = Receiver::start_by(&world).await;
    let shop = world.tenant("shop-1", &["order.busy", "order.held", "order.quick"]).await;
    let (held, quick) =
        (subscribe(&shop, &receiver, "held").await, subscribe(&shop, &receiver, "quick").await);
    let (free, gate) = (busy(&world, &receiver, &shop).await, receiver.hold("/held"));
    let hanging = shop.publish("order.held", "1").await;
    let done = shop.publish_many("order.quick", 5).await;
    waiting(&world, 6).await;
    free.open();
    receiver.wait("/quick", 5).await;
    until("only what hangs is still in the queue", async || {
        let status = world.status().await;
        let alone = status.queue("DeliveriesQueue") == Tally { in_flight: 1, ..Tally::default() };
        if alone && status.functions["delivery"].busy == 1 { Ok(()) } else { Err(status) }
    })
    .await;
    world.sigkill("delivery").await;
    gate.open();
    world.advance(Duration::from_secs(31)).await;
    shop.delivery(&held, &hanging.id, "delivered").await;
    assert_eq!((receiver.count("/held"), receiver.count("/quick")), (2, 5));
    for event in &done {
        assert_eq!(shop.delivery(&quick, &event.id, "delivered").await.attempt_count, 1);
    }
    world.finish().await;
}

#[tokio::test]
async fn five_of_a_subscription_are_attempted_at_once_and_what_waits_behind_them_goes_back_to_the_queue()
 {
    let world = World::start(options().with("LogLevel", "debug")).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.busy", "order.slow"]).await;
    let slow = subscribe(&shop, &receiver, "slow").await;
    let (free, gate) = (busy(&world, &receiver, &shop).await, receiver.hold("/slow"));
    let published = shop.publish_many("order.slow", 20).await;
    waiting(&world, 20).await;
    free.open();
    until("half of them are given back", async || {
        let log = world.log("delivery");
        let given_back =
            log.iter().filter(|line| line["message"] == "it waits behind a slow receiver").count();
        if given_back == 5 * PROCESSES { Ok(()) } else { Err(given_back) }
    })
    .await;
    assert_eq!(receiver.count("/slow"), 5 * PROCESSES);
    assert_eq!(world.status().await.functions["delivery"].busy, PROCESSES);
    gate.open();
    for event in &published {
        assert_eq!(shop.delivery(&slow, &event.id, "delivered").await.attempt_count, 1);
    }
    assert_eq!(receiver.count("/slow"), 20);
    world.finish().await;
}
