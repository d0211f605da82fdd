//! Messages that nobody can read.

use serde_json::json;
use serde_json::value::RawValue;
use shared::core::event::payload::Payload;
use shared::core::id::EventId;
use shared::edges::clock;
use shared::edges::queue::messages::{Content, DeliveryTask, EventMessage, write};
use tests::{Options, Receiver, Subscription, Tenant, World};

const EXPECTED: &[&str] = &["a message cannot be read"];

/// Bodies that are no messages, with what their reason must name.
fn poison() -> Vec<(String, &'static str)> {
    vec![
        ("not JSON".to_owned(), "expected"),
        ("{}".to_owned(), "missing field"),
        (r#"{"v":1,"tenant":"#.to_owned(), "EOF"),
        (r#"{"v":0,"tenant":"shop-1"}"#.to_owned(), "version 0"),
    ]
}

fn payload(n: usize) -> Payload {
    Payload::Json(RawValue::from_string(format!(r#"{{"n":{n}}}"#)).expect("JSON"))
}

fn task(shop: &Tenant, subscription: &Subscription, n: usize) -> String {
    let task = DeliveryTask {
        retention_days: None,
        tenant: shop.id.parse().expect("a tenant"),
        subscription: subscription.id.parse().expect("a subscription"),
        version: 1,
        event: EventId::new(clock::now(), clock::random_bits()),
        content: Some(Content {
            event_type: "order.created".parse().expect("a name"),
            payload: payload(n),
        }),
        trace: None,
        repeat: false,
        resend: None,
        probe: false,
    };
    write(&task).expect("it writes")
}

fn event(shop: &Tenant, n: usize) -> String {
    let event = EventMessage {
        tenant: shop.id.parse().expect("a tenant"),
        event: EventId::new(clock::now(), clock::random_bits()),
        event_type: "order.created".parse().expect("a name"),
        payload: payload(n),
        parent: None,
        trace: None,
        repeat: false,
        cursor: None,
        matched: 0,
    };
    write(&event).expect("it writes")
}

/// Sends good and bad bodies in one batch, and checks that the good are delivered and the bad put
/// away with reasons.
async fn mixed(world: &World, receiver: &Receiver, queue: &str, good: [String; 4]) {
    let dead = queue.replace("Queue", "DeadLetterQueue");
    let bad = poison();
    let pairs = good.iter().zip(&bad).flat_map(|(good, (bad, _))| [good.clone(), bad.clone()]);
    world.queues().send_all(queue, &pairs.collect::<Vec<_>>()).await;
    receiver.wait("/", 4).await;
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), 4);

    let mut letters = Vec::new();
    tests::until("the dead letters are there", async || {
        letters.extend(world.queues().take(&dead).await);
        if letters.len() == bad.len() { Ok(()) } else { Err(format!("{letters:?}")) }
    })
    .await;
    for (body, part) in bad {
        let letter = letters.iter().find(|letter| letter.body == body).expect("its dead letter");
        assert!(letter.reason.as_ref().is_some_and(|reason| reason.contains(part)), "{letter:?}");
    }
}

#[tokio::test]
async fn an_unreadable_event_is_put_away_with_its_reason_and_its_batch_goes_on() {
    let world = World::start(Options::default().expecting_errors(EXPECTED)).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    shop.subscribe(&receiver, "/", json!({})).await;
    let good = [1, 2, 3, 4].map(|n| event(&shop, n));
    mixed(&world, &receiver, "EventsQueue", good).await;
    world.finish().await;
}

#[tokio::test]
async fn an_unreadable_delivery_is_put_away_with_its_reason_and_its_batch_goes_on() {
    let world = World::start(Options::default().expecting_errors(EXPECTED)).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let good = [1, 2, 3, 4].map(|n| task(&shop, &subscription, n));
    mixed(&world, &receiver, "DeliveriesQueue", good).await;
    world.finish().await;
}

/// While a deployment is under way, and after a rollback, the queues hold messages of a release
/// that knows more.
#[tokio::test]
async fn a_message_of_a_later_version_stays_in_its_queue_for_the_release_that_reads_it() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let bodies = [event(&shop, 1), task(&shop, &subscription, 2)];
    for (queue, function, body) in
        [("EventsQueue", "fanout", &bodies[0]), ("DeliveriesQueue", "delivery", &bodies[1])]
    {
        world.queues().send(queue, &body.replacen("\"v\":1", "\"v\":2", 1)).await;
        tests::until("it says that it keeps the message", async || {
            let log = world.log(function);
            let kept = log.iter().any(|line| {
                line["message"].as_str().is_some_and(|text| text.starts_with("a later release"))
                    && (&line["version"], &line["newest"]) == (&json!(2), &json!(1))
            });
            if kept { Ok(()) } else { Err(format!("{log:?}")) }
        })
        .await;
    }
    tests::until("both messages wait, and neither is dead", async || {
        let status = world.status().await;
        let waiting =
            ["EventsQueue", "DeliveriesQueue"].map(|queue| status.queues[queue].in_flight);
        if waiting == [1, 1] && status.dead_letters() == 0 { Ok(()) } else { Err(status) }
    })
    .await;
    assert_eq!(receiver.requests("/").len(), 0);
    for queue in ["EventsQueue", "DeliveriesQueue"] {
        world.queues().call("PurgeQueue", json!({}), queue).await;
    }
    world.finish().await;
}
