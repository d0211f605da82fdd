//! Waits that are too long to hide a message: nothing sits in SQS, and the scheduler brings the
//! delivery back.

use serde_json::{Value, json};
use shared::edges::clock;
use tests::{Delivery, Options, Receiver, Step, Subscription, Tenant, World};

/// Longer than the hide limit of a journey, which is two seconds.
const WAIT_SECONDS: u32 = 6;

fn one_long_wait() -> Value {
    json!({ "overrides": { "retry_waits_seconds": [WAIT_SECONDS], "jitter_percent": 0 } })
}

/// The delivery once it is parked: its first attempt failed, and its message is gone.
async fn parked(
    world: &World,
    shop: &Tenant,
    subscription: &Subscription,
    event: &str,
) -> Delivery {
    shop.delivery_when(subscription, event, "the first attempt", |delivery| {
        delivery.attempt_count == 1
    })
    .await;
    world.drained().await;
    let parked = shop.delivery(subscription, event, "pending").await;
    assert_eq!(parked.attempt_count, 1);
    assert!(parked.next_attempt_at.is_some_and(|at| at > clock::now()), "{parked:?}");
    parked
}

#[tokio::test]
async fn a_delivery_with_a_long_wait_leaves_the_queue_and_comes_back_in_time() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", one_long_wait()).await;
    receiver.script("/", [Step::status(500), Step::status(200)]);
    let published = shop.publish("order.created", r#"{"n": 1.0}"#).await;
    let due =
        parked(&world, &shop, &subscription, &published.id).await.next_attempt_at.expect("a time");

    let delivered = shop.delivery(&subscription, &published.id, "delivered").await;
    let second = delivered.attempts()[1].started_at;
    assert!(second >= due, "due at {due}, attempted at {second}");
    let late = due.until(second).as_secs();
    assert!(late < 20, "{late} s late");
    let requests = receiver.requests("/");
    assert_eq!((requests.len(), &requests[0].body), (2, &requests[1].body));
    world.finish().await;
}

#[tokio::test]
async fn what_is_parked_survives_a_power_failure() {
    let mut world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", one_long_wait()).await;
    receiver.script("/", [Step::status(500), Step::status(200)]);
    let published = shop.publish("order.created", "1").await;
    parked(&world, &shop, &subscription, &published.id).await;
    world.crash_and_restart().await;
    let delivered = shop.delivery(&subscription, &published.id, "delivered").await;
    assert_eq!(delivered.outcomes(), [(1, "rejected", Some(500)), (2, "succeeded", Some(200))]);
    assert_eq!(receiver.requests("/").len(), 2);
    world.finish().await;
}

#[tokio::test]
async fn a_resend_delivers_what_is_parked_and_its_own_time_brings_no_second_delivery() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", one_long_wait()).await;
    receiver.script("/", [Step::status(500), Step::status(200)]);
    let published = shop.publish("order.created", "1").await;
    let due =
        parked(&world, &shop, &subscription, &published.id).await.next_attempt_at.expect("a time");
    shop.resend(&subscription, &published.id).await;
    shop.delivery(&subscription, &published.id, "delivered").await;
    tests::until("its time and a tick are over", async || {
        let left = clock::now().until(due.after(std::time::Duration::from_secs(2)));
        if left.is_zero() { Ok(()) } else { Err(format!("{left:?} are left")) }
    })
    .await;
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), 2);
    world.finish().await;
}
