//! The whole stack goes down with work in every place where work can be.

use std::collections::HashSet;

use serde_json::json;
use tests::{Options, Published, Receiver, Step, Subscription, Tenant, World};

const EVENTS: usize = 300;

/// What functions say when the stack goes away below them.
const EXPECTED: &[&str] = &[
    "will be tried again",
    "the whole batch of",
    "SQS cannot be reached",
    "a message was not handled in time",
    "messages were not deleted",
    "the scheduled run failed",
];

fn options() -> Options {
    Options::default().for_crashes().expecting_errors(EXPECTED)
}

/// Three endpoints: one that works, one whose first answers fail and are retried hidden, one whose
/// wait is parked.
async fn subscribe(shop: &Tenant, receiver: &Receiver) -> Vec<Subscription> {
    let hidden =
        json!({ "overrides": { "retry_waits_seconds": vec![2; 20], "jitter_percent": 0 } });
    let parked =
        json!({ "overrides": { "retry_waits_seconds": vec![4; 20], "jitter_percent": 0 } });
    for path in ["/hidden", "/parked"] {
        receiver.script(path, vec![Step::status(500); 100].into_iter().chain([Step::status(200)]));
    }
    let mut subscriptions = Vec::new();
    for (path, settings) in [("/good", json!({})), ("/hidden", hidden), ("/parked", parked)] {
        subscriptions.push(shop.subscribe(receiver, path, settings).await);
    }
    subscriptions
}

/// Publishes until there is work in flight everywhere.
async fn load(world: &World, receiver: &Receiver, shop: &Tenant) -> Vec<Published> {
    world.queues().set_visibility("EventsQueue", 3).await;
    let published = shop.publish_many("order.created", EVENTS).await;
    receiver.wait("/hidden", 50).await;
    receiver.wait("/parked", 50).await;
    published
}

/// Every event arrives at each endpoint, and the record says so.
async fn all_arrive(
    world: &World,
    shop: &Tenant,
    receiver: &Receiver,
    subscriptions: &[Subscription],
    published: &[Published],
) {
    let wanted: HashSet<&str> = published.iter().map(|event| event.id.as_str()).collect();
    for subscription in subscriptions {
        let path = shop
            .path(&format!("/subscriptions/{}/deliveries?success=true&limit=250", subscription.id));
        let delivered = tests::until("all is delivered", async || {
            let delivered = shop.api.all(&path).await;
            if delivered.len() == EVENTS {
                Ok(delivered)
            } else {
                Err(format!("{} are", delivered.len()))
            }
        })
        .await;
        let delivered: HashSet<&str> =
            delivered.iter().filter_map(|delivery| delivery["event"].as_str()).collect();
        assert_eq!(delivered, wanted);
    }
    world.drained().await;
    for path in ["/good", "/hidden", "/parked"] {
        let requests = receiver.requests(path);
        let arrived: HashSet<&str> = requests.iter().map(tests::Received::id).collect();
        assert_eq!(arrived, wanted, "{path}");
        println!("{path}: {} requests for {EVENTS} events", requests.len());
    }
}

#[tokio::test]
async fn a_restart_of_the_whole_stack_loses_nothing() {
    let mut world = World::start(options()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscriptions = subscribe(&shop, &receiver).await;
    let published = load(&world, &receiver, &shop).await;
    world.restart().await;
    world.queues().set_visibility("EventsQueue", 3).await;
    all_arrive(&world, &shop, &receiver, &subscriptions, &published).await;
    world.finish().await;
}

#[tokio::test]
async fn a_power_failure_of_the_whole_stack_loses_nothing() {
    let mut world = World::start(options()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscriptions = subscribe(&shop, &receiver).await;
    let published = load(&world, &receiver, &shop).await;
    world.crash_and_restart().await;
    world.queues().set_visibility("EventsQueue", 3).await;
    all_arrive(&world, &shop, &receiver, &subscriptions, &published).await;
    world.finish().await;
}
