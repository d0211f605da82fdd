//! Functions that die in the middle of their work: nothing is lost, and what is on record is not
//! done again.

use std::collections::HashMap;

use serde_json::json;
use tests::{Gate, Options, Published, Receiver, Step, Subscription, Tally, Tenant, World};

/// What the runner says of a batch whose process died and of a process that died early, and
/// delivery of an attempt that its receiver held too long.
const EXPECTED: &[&str] =
    &["the whole batch of", "ended before it asked for work", "a message was not handled in time"];

fn options() -> Options {
    Options::default().for_crashes().expecting_errors(EXPECTED)
}

#[tokio::test]
async fn a_delivery_that_dies_while_the_receiver_works_is_made_again() {
    let world = World::start(options()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let gate = receiver.hold("/");
    let published = shop.publish("order.created", r#"{"n":1}"#).await;
    receiver.wait("/", 1).await;
    world.sigkill("delivery").await;
    gate.open();
    let delivered = shop.delivery(&subscription, &published.id, "delivered").await;
    assert_eq!(
        delivered.outcomes(),
        [(1, "succeeded", Some(200))],
        "the attempt that died is not on record"
    );
    let requests = receiver.requests("/");
    assert_eq!(requests.len(), 2);
    assert_eq!((requests[1].id(), &requests[1].body), (published.id.as_str(), &requests[0].body));
    world.finish().await;
}

/// Publishes until one event's two deliveries are in one batch: the first on record, the second
/// held by its receiver, and so the message of neither settled.
async fn one_recorded_one_held(
    world: &World,
    receiver: &Receiver,
    shop: &Tenant,
    recorded: &Subscription,
) -> (Published, Gate) {
    for _ in 0..10 {
        let gate = receiver.hold("/held");
        let (before, published) =
            (receiver.count("/held"), shop.publish("order.created", "1").await);
        receiver.wait("/held", before + 1).await;
        shop.delivery(recorded, &published.id, "delivered").await;
        // In a batch of its own its message is deleted at once; a second look is after that.
        world.status().await;
        let status = world.status().await;
        let unsettled = Tally { in_flight: 2, ..Tally::default() };
        if status.queue("DeliveriesQueue") == unsettled && status.functions["delivery"].busy == 1 {
            return (published, gate);
        }
        gate.open();
        world.drained().await;
    }
    panic!("the two deliveries of an event never came in one batch");
}

#[tokio::test]
async fn a_delivery_on_record_whose_message_was_not_settled_is_not_made_again() {
    let world = World::start(options()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let recorded = shop.subscribe(&receiver, "/recorded", json!({})).await;
    let held = shop.subscribe(&receiver, "/held", json!({})).await;
    let (published, gate) = one_recorded_one_held(&world, &receiver, &shop, &recorded).await;
    let made = receiver.count("/recorded");
    world.sigkill("delivery").await;
    gate.open();
    shop.delivery(&held, &published.id, "delivered").await;
    world.drained().await;
    assert_eq!(
        receiver.requests("/recorded").len(),
        made,
        "the delivery on record was attempted again"
    );
    assert_eq!(shop.delivery(&recorded, &published.id, "delivered").await.attempt_count, 1);
    let again =
        receiver.requests("/held").iter().filter(|request| request.id() == published.id).count();
    assert_eq!(again, 2);
    world.finish().await;
}

#[tokio::test]
async fn a_failure_on_record_whose_message_was_not_settled_is_retried_at_its_time() {
    let world = World::start(options()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    receiver.script("/", [Step::status(500), Step::status(500), Step::status(200)]);
    let published = shop.publish("order.created", "1").await;
    for count in 1..=2 {
        let what = format!("attempt {count} on record");
        shop.delivery_when(&subscription, &published.id, &what, |delivery| {
            delivery.attempt_count >= count
        })
        .await;
        world.sigkill("delivery").await;
    }
    let delivered = shop.delivery(&subscription, &published.id, "delivered").await;
    let attempts = delivered.attempts();
    for pair in attempts.windows(2) {
        let ended = pair[0].started_at.as_millis() + i64::from(pair[0].duration_ms);
        assert!(pair[1].started_at.as_millis() >= ended + 1000, "{attempts:?}");
    }
    world.finish().await;
}

#[tokio::test]
async fn a_message_that_is_received_twice_at_once_still_carries_the_retry() {
    // The handle of the first receive hides nothing any more.
    let world = World::start(options().expecting_errors(&["SQS ChangeMessageVisibility"])).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let overrides = json!({ "retry_waits_seconds": [2, 2], "jitter_percent": 0 });
    let subscription = shop.subscribe(&receiver, "/", json!({ "overrides": overrides })).await;
    let gate = Gate::default();
    receiver.script(
        "/",
        [Step::Hold(gate.clone(), 500), Step::Hold(gate.clone(), 500), Step::status(200)],
    );
    world.queues().set_visibility("DeliveriesQueue", 1).await;
    let published = shop.publish("order.created", "1").await;
    receiver.wait("/", 1).await;
    world.queues().set_visibility("DeliveriesQueue", 5).await;
    receiver.wait("/", 2).await;
    gate.open();
    let delivered = shop.delivery(&subscription, &published.id, "delivered").await;
    let expected =
        [(1, "rejected", Some(500)), (2, "rejected", Some(500)), (3, "succeeded", Some(200))];
    assert_eq!(delivered.outcomes(), expected);
    world.finish().await;
}

#[tokio::test]
async fn a_fan_out_that_dies_again_and_again_loses_no_event() {
    const EVENTS: usize = 200;
    let world = World::start(options()).await;
    // A crash leaves its batch hidden for as long as the queue says: six minutes as deployed.
    world.queues().set_visibility("EventsQueue", 3).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    for path in ["/a", "/b"] {
        shop.subscribe(&receiver, path, json!({})).await;
    }
    let mut published = Vec::new();
    for _ in 0..10 {
        let before = world.status().await.functions["fanout"].invocations;
        published.extend(shop.publish_many("order.created", EVENTS / 10).await);
        tests::until("fan-out is at work", async || {
            let fanout = world.status().await.functions["fanout"].clone();
            if fanout.busy > 0 || fanout.invocations > before { Ok(()) } else { Err("idle") }
        })
        .await;
        world.sigkill("fanout").await;
    }
    world.drained().await;
    let mut repeats = 0;
    for path in ["/a", "/b"] {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for request in receiver.requests(path) {
            *counts.entry(request.id().to_owned()).or_default() += 1;
        }
        let lost: Vec<_> =
            published.iter().filter(|event| !counts.contains_key(&event.id)).collect();
        assert!(lost.is_empty(), "{path} never got {lost:?}");
        assert_eq!(counts.len(), EVENTS, "{path} got events that nobody published");
        repeats += counts.values().map(|count| count - 1).sum::<usize>();
    }
    for event in &published {
        assert_eq!(shop.event(&event.id).await.matched, 2);
    }
    println!("{repeats} of {} deliveries were made twice", 2 * EVENTS);
    assert!(repeats <= EVENTS, "{repeats} repeats are more than crashes explain");
    world.finish().await;
}
