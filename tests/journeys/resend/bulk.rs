//! Many deliveries sent again at once: which they are, and what becomes of them.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::json;
use tests::resends::{arrivals, given_up, resent, waits};
use tests::timeline::{self, Timeline};
use tests::{Delivery, Options, Published, Receiver, Step, Subscription, Tenant, World};

const AN_HOUR: Duration = Duration::from_hours(1);

async fn attempted(shop: &Tenant, subscription: &Subscription, event: &Published) -> Delivery {
    shop.delivery_when(subscription, &event.id, "one attempt", |row| row.attempt_count == 1).await
}

#[tokio::test]
async fn what_was_given_up_cut_off_or_waits_after_a_failure_is_sent_once_more_and_nothing_else() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", waits(&[2])).await;
    let delivered = shop.publish("order.created", "0").await;
    shop.delivery(&subscription, &delivered.id, "delivered").await;

    receiver.script("/", [Step::status(500)]);
    let cut_off = shop.publish("order.created", "1").await;
    attempted(&shop, &subscription, &cut_off).await;
    shop.patch(&subscription, json!({ "status": "disabled" })).await;
    let row = shop.delivery(&subscription, &cut_off.id, "cancelled").await;
    assert_eq!(row.reason.as_deref(), Some("the subscription is disabled"));
    let mut settings = waits(&[]);
    settings["status"] = "active".into();
    shop.patch(&subscription, settings).await;
    let [given_up, erased] =
        [shop.publish("order.created", "2").await, shop.publish("order.created", "3").await];
    for event in [&given_up, &erased] {
        shop.delivery(&subscription, &event.id, "exhausted").await;
    }
    let _ = shop.api.delete(&shop.path(&format!("/events/{}/payload", erased.id))).await.with(204);
    shop.patch(&subscription, waits(&[3600])).await;
    let [waiting, unwanted] =
        [shop.publish("order.created", "4").await, shop.publish("order.created", "5").await];
    for event in [&waiting, &unwanted] {
        assert_eq!(attempted(&shop, &subscription, event).await.status, "pending");
    }
    let cancel = format!("{}/cancel", shop.delivery_path(&subscription.id, &unwanted.id));
    let _ = shop.api.post(&cancel, &json!({})).await.with(200);
    // This one waits in the queue, and not in the log.
    shop.patch(&subscription, waits(&[600])).await;
    let hidden = shop.publish("order.created", "6").await;
    assert_eq!(attempted(&shop, &subscription, &hidden).await.status, "pending");

    receiver.script("/", [Step::status(200)]);
    let asked = shop.resend_many(&subscription, json!({})).await;
    assert_eq!((asked.which.as_str(), asked.status.as_str()), ("failed", "running"));
    assert_eq!((&asked.subscription, asked.from, &asked.types), (&subscription.id, None, &None));
    assert_eq!(shop.resend_done(&asked).await.counts(), [4, 4, 4, 0]);
    for event in [&cut_off, &given_up, &waiting, &hidden] {
        assert_eq!(resent(&shop, &subscription, event).await.attempt_count, 2);
    }
    for (event, status) in
        [(&delivered, "delivered"), (&erased, "exhausted"), (&unwanted, "cancelled")]
    {
        assert_eq!(shop.delivery(&subscription, &event.id, status).await.attempt_count, 1);
    }
    timeline.settled().await;
    world.advance(2 * AN_HOUR).await;
    timeline.ticks().await;
    timeline.works().await;
    assert_eq!(
        receiver.requests("/").len(),
        7 + 4,
        "the retry of what was delivered meanwhile is no more"
    );
    world.finish().await;
}

#[tokio::test]
async fn what_a_paused_subscription_holds_is_not_sent_again_but_delivered_when_it_is_resumed() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", waits(&[])).await;
    let given_up = given_up(&shop, &receiver, &subscription, 1).await;
    shop.patch(&subscription, json!({ "status": "paused" })).await;
    let held = shop.publish_many("order.created", 3).await;
    for event in &held {
        shop.delivery(&subscription, &event.id, "held").await;
    }
    let asked = shop.resend_many(&subscription, json!({ "which": "failed" })).await;
    assert_eq!(shop.resend_done(&asked).await.counts(), [1, 1, 1, 0]);
    resent(&shop, &subscription, &given_up[0]).await;
    for event in &held {
        assert_eq!(shop.delivery(&subscription, &event.id, "held").await.attempt_count, 0);
    }
    shop.patch(&subscription, json!({ "status": "active" })).await;
    for event in &held {
        assert_eq!(
            shop.delivery(&subscription, &event.id, "delivered").await.attempts()[0].trigger,
            "event"
        );
    }
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), 2 + 3);
    world.finish().await;
}

#[tokio::test]
async fn events_that_never_went_to_a_subscription_are_missing_and_are_sent_to_it_once() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created", "order.paid", "stock.counted"]).await;
    let publish = async |event_type: &str| {
        let published = shop.publish(event_type, "1").await;
        shop.event(&published.id).await;
        published
    };
    let before = publish("order.created").await;
    let mut settings = waits(&[]);
    settings["event_types"] = json!(["order.created"]);
    let subscription = shop.subscribe(&receiver, "/", settings).await;
    let unwanted = publish("order.paid").await;
    let delivered = publish("order.created").await;
    shop.delivery(&subscription, &delivered.id, "delivered").await;
    let given_up = given_up(&shop, &receiver, &subscription, 1).await;
    shop.patch(&subscription, json!({ "status": "disabled" })).await;
    let unheard = publish("order.created").await;
    assert_eq!(shop.event(&unheard.id).await.matched, 0);
    shop.patch(&subscription, json!({ "status": "active", "event_types": ["order.*"] })).await;
    let never_wanted = publish("stock.counted").await;
    let wanted = publish("order.paid").await;
    shop.delivery(&subscription, &wanted.id, "delivered").await;

    let asked = shop.resend_many(&subscription, json!({ "which": "missing" })).await;
    assert_eq!(shop.resend_done(&asked).await.counts(), [3, 3, 3, 0]);
    for event in [&before, &unwanted, &unheard] {
        assert_eq!(
            resent(&shop, &subscription, event).await.outcomes(),
            [(1, "succeeded", Some(200))]
        );
    }
    shop.delivery(&subscription, &given_up[0].id, "exhausted").await;
    let _ = shop.api.get(&shop.delivery_path(&subscription.id, &never_wanted.id)).await.with(404);
    let again = shop.resend_many(&subscription, json!({ "which": "missing" })).await;
    assert_ne!(again.id, asked.id);
    assert_eq!(shop.resend_done(&again).await.counts(), [0; 4]);
    world.drained().await;
    let arrivals = arrivals(&receiver);
    assert!(arrivals.len() == 6 && arrivals.values().all(|count| *count == 1), "{arrivals:?}");
    world.finish().await;
}

#[tokio::test]
async fn all_is_every_event_of_the_filter_once_more_whether_delivered_given_up_or_missing() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created", "stock.counted"]).await;
    let missing = shop.publish("order.created", "0").await;
    let other = shop.publish("stock.counted", "0").await;
    for event in [&missing, &other] {
        shop.event(&event.id).await;
    }
    let mut settings = waits(&[]);
    settings["event_types"] = json!(["order.*"]);
    let subscription = shop.subscribe(&receiver, "/", settings).await;
    let given_up = given_up(&shop, &receiver, &subscription, 2).await;
    let delivered = shop.publish_many("order.created", 3).await;
    for event in &delivered {
        shop.delivery(&subscription, &event.id, "delivered").await;
    }
    let asked = shop.resend_many(&subscription, json!({ "which": "all" })).await;
    assert_eq!(shop.resend_done(&asked).await.counts(), [6, 6, 6, 0]);
    let mut expected = HashMap::from([(missing.id.clone(), 1)]);
    resent(&shop, &subscription, &missing).await;
    for event in given_up.iter().chain(&delivered) {
        assert_eq!(resent(&shop, &subscription, event).await.attempt_count, 2);
        expected.insert(event.id.clone(), 2);
    }
    world.drained().await;
    assert_eq!(arrivals(&receiver), expected);
    world.finish().await;
}

#[tokio::test]
async fn types_and_times_say_which_events_are_sent_again() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = world.tenant("shop-1", &["order.created", "stock.counted"]).await;
    let subscription = shop.subscribe(&receiver, "/", waits(&[])).await;
    receiver.script("/", [Step::status(500)]);
    let mut hours = Vec::new();
    for _ in 0..3 {
        let pair =
            [shop.publish("order.created", "1").await, shop.publish("stock.counted", "1").await];
        for event in &pair {
            shop.delivery(&subscription, &event.id, "exhausted").await;
        }
        hours.push(pair);
        timeline.settled().await;
        world.advance(AN_HOUR).await;
    }
    receiver.script("/", [Step::status(200)]);
    let middle = hours[1][0].timestamp;
    let (from, to) = (middle.before(AN_HOUR / 2), middle.after(AN_HOUR / 2));
    let asked = shop.resend_many(&subscription, json!({ "from": from, "to": to })).await;
    assert_eq!((asked.from, asked.to), (Some(from), to));
    assert_eq!(shop.resend_done(&asked).await.counts(), [2, 2, 2, 0]);
    for event in &hours[1] {
        resent(&shop, &subscription, event).await;
    }
    let asked =
        shop.resend_many(&subscription, json!({ "types": ["order.*", "order.paid"] })).await;
    assert_eq!(asked.types.as_deref(), Some(&["order.*".to_owned(), "order.paid".to_owned()][..]));
    assert_eq!(shop.resend_done(&asked).await.counts(), [2, 2, 2, 0]);
    for event in [&hours[0][0], &hours[2][0]] {
        resent(&shop, &subscription, event).await;
    }
    let asked = shop.resend_many(&subscription, json!({ "to": from })).await;
    assert_eq!(shop.resend_done(&asked).await.counts(), [1, 1, 1, 0]);
    resent(&shop, &subscription, &hours[0][1]).await;
    shop.delivery(&subscription, &hours[2][1].id, "exhausted").await;
    assert_eq!(receiver.requests("/").len(), 6 + 5);
    world.finish().await;
}

#[tokio::test]
async fn what_fails_again_is_counted_and_keeps_its_schedule() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let missing = shop.publish("order.created", "0").await;
    shop.event(&missing.id).await;
    let subscription = shop.subscribe(&receiver, "/", waits(&[])).await;
    let given_up = given_up(&shop, &receiver, &subscription, 2).await;
    shop.patch(&subscription, waits(&[3600])).await;
    receiver.script("/", [Step::status(503)]);
    let waiting = shop.publish("order.created", "1").await;
    let next = attempted(&shop, &subscription, &waiting).await.next_attempt_at;
    assert!(next.is_some());

    let asked = shop.resend_many(&subscription, json!({})).await;
    assert_eq!(shop.resend_done(&asked).await.counts(), [3, 3, 0, 3]);
    let asked = shop.resend_many(&subscription, json!({ "which": "missing" })).await;
    assert_eq!(shop.resend_done(&asked).await.counts(), [1, 1, 0, 1]);
    for event in &given_up {
        assert_eq!(shop.delivery(&subscription, &event.id, "exhausted").await.attempt_count, 2);
    }
    let row = shop.delivery(&subscription, &waiting.id, "pending").await;
    assert_eq!(
        (row.attempt_count, row.next_attempt_at),
        (2, next),
        "a resend does not move the schedule"
    );
    assert_eq!(shop.delivery(&subscription, &missing.id, "exhausted").await.attempt_count, 1);

    receiver.script("/", [Step::status(200)]);
    let asked = shop.resend_many(&subscription, json!({})).await;
    assert_eq!(shop.resend_done(&asked).await.counts(), [4, 4, 4, 0]);
    assert!(shop.deliveries(&subscription, "success=false").await.items.is_empty());
    world.finish().await;
}

#[tokio::test]
async fn what_is_on_its_way_for_the_first_time_is_neither_missing_nor_failed() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", waits(&[])).await;
    let gate = receiver.hold("/");
    let published = shop.publish("order.created", "1").await;
    shop.event(&published.id).await;
    receiver.wait("/", 1).await;
    for which in ["missing", "failed"] {
        let asked = shop.resend_many(&subscription, json!({ "which": which })).await;
        assert_eq!(shop.resend_done(&asked).await.counts(), [0; 4], "{which}");
    }
    gate.open();
    let delivered = shop.delivery(&subscription, &published.id, "delivered").await;
    assert_eq!(delivered.attempts()[0].trigger, "event");
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), 1);
    world.finish().await;
}
