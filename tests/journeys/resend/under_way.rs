//! A bulk resend while it runs: how much of it is under way at once, how it is cancelled, and what
//! crashes do to it.

use std::time::Duration;

use serde_json::{Value, json};
use tests::resends::{arrivals, given_up, resent, waits};
use tests::timeline::{self, Timeline};
use tests::{Options, Receiver, Resend, World, assert_limit, until};

/// Attempts of a bulk resend under way at most.
const AT_ONCE: u64 = 200;
/// How far the time is put forward at once where a rate limit is watched.
const SOME_TIME: Duration = Duration::from_secs(20);
/// What the runner says of processes that died.
const CRASHES: &[&str] = &[
    "the whole batch of",
    "ended before it asked for work",
    "a message was not handled in time",
    "the scheduled run failed",
];

/// How many tasks are in the deliveries queue, in whatever way.
async fn queued(world: &World) -> u64 {
    let tally = world.status().await.queue("DeliveriesQueue");
    tally.visible + tally.in_flight + tally.delayed
}

fn limited(per_minute: usize) -> Value {
    let mut settings = waits(&[]);
    settings["overrides"]["rate_limit_per_minute"] = per_minute.into();
    settings
}

#[tokio::test]
async fn a_thousand_that_were_given_up_are_sent_again_with_at_most_200_of_them_under_way() {
    const EVENTS: usize = 1_000;
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", waits(&[])).await;
    let published = given_up(&shop, &receiver, &subscription, EVENTS).await;
    world.drained().await;

    // While the receiver answers nothing, what is under way grows to the bound and no further.
    let gate = receiver.hold("/");
    let asked = shop.resend_many(&subscription, json!({})).await;
    receiver.wait("/", EVENTS + 1).await;
    world.ticks(3).await;
    let under_way = queued(&world).await;
    assert!((1..=AT_ONCE).contains(&under_way), "{under_way} are under way");
    let running = shop.resend_shown(&asked).await;
    assert!(running.status == "running" && running.sent <= AT_ONCE, "{running:?}");
    gate.open();
    until("the resend is done", async || {
        let under_way = queued(&world).await;
        assert!(under_way <= AT_ONCE, "{under_way} are under way");
        let shown = shop.resend_shown(&asked).await;
        let [found, sent, delivered, failed] = shown.counts();
        assert!(sent <= found && delivered + failed <= sent, "{shown:?}");
        if shown.status == "done" { Ok(()) } else { Err(format!("{shown:?}")) }
    })
    .await;
    assert_eq!(shop.resend_done(&asked).await.counts(), [1_000, 1_000, 1_000, 0]);
    let arrivals = arrivals(&receiver);
    let wrong: Vec<_> = published.iter().filter(|event| arrivals[&event.id] != 2).collect();
    assert!(wrong.is_empty(), "not sent again exactly once: {wrong:?}");
    world.finish().await;
}

#[tokio::test]
async fn under_a_rate_limit_no_minute_has_more_than_that() {
    const EVENTS: usize = 35;
    const LIMIT: usize = 10;
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", waits(&[])).await;
    let published = given_up(&shop, &receiver, &subscription, EVENTS).await;
    shop.patch(&subscription, limited(LIMIT)).await;
    let asked = shop.resend_many(&subscription, json!({})).await;
    receiver.wait("/", EVENTS + LIMIT).await;
    // Four minutes would do, if each were used to its last second.
    for _ in 0..30 {
        if shop.resend_shown(&asked).await.status == "done" {
            break;
        }
        timeline.settled().await;
        let under_way = queued(&world).await;
        assert!(under_way <= LIMIT as u64, "{under_way} are under way");
        world.advance(SOME_TIME).await;
        world.ticks(2).await;
    }
    assert_eq!(shop.resend_done(&asked).await.counts(), [35, 35, 35, 0]);
    for event in &published {
        assert_eq!(resent(&shop, &subscription, event).await.attempt_count, 2);
    }
    let requests = receiver.requests("/");
    assert_eq!(requests.len(), 2 * EVENTS);
    assert_limit(&requests[EVENTS..], LIMIT);
    world.finish().await;
}

#[tokio::test]
async fn a_cancelled_resend_sends_no_more_and_the_rest_can_be_asked_for_again() {
    const EVENTS: usize = 20;
    const LIMIT: usize = 5;
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", waits(&[])).await;
    let published = given_up(&shop, &receiver, &subscription, EVENTS).await;
    shop.patch(&subscription, limited(LIMIT)).await;
    let asked = shop.resend_many(&subscription, json!({})).await;
    receiver.wait("/", EVENTS + LIMIT).await;
    let cancel = |resend: &Resend| {
        let path = shop.subscription_path(&subscription, &format!("/resends/{}/cancel", resend.id));
        let api = shop.api.clone();
        async move { api.post(&path, &json!({})).await.with(200).json::<Resend>() }
    };
    for _ in 0..2 {
        let cancelled = cancel(&asked).await;
        assert_eq!((cancelled.id.as_str(), cancelled.status.as_str()), (&*asked.id, "cancelled"));
        assert!(cancelled.finished_at.is_some(), "{cancelled:?}");
    }
    // What was in the queue goes at its slot; minutes later nothing more has come.
    for _ in 0..12 {
        timeline.settled().await;
        world.advance(SOME_TIME).await;
        world.ticks(1).await;
    }
    world.drained().await;
    let made = receiver.count("/") - EVENTS;
    assert!((LIMIT..=2 * LIMIT).contains(&made), "{made} were sent");
    assert_eq!(shop.resend_shown(&asked).await.status, "cancelled");

    shop.patch(&subscription, limited(0)).await;
    let rest = shop.resend_many(&subscription, json!({})).await;
    assert_ne!(rest.id, asked.id);
    let left = (EVENTS - made) as u64;
    assert_eq!(shop.resend_done(&rest).await.counts(), [left, left, left, 0]);
    assert_eq!(cancel(&rest).await.status, "done", "what is done stays done");
    let arrivals = arrivals(&receiver);
    assert!(published.iter().all(|event| arrivals[&event.id] == 2), "{arrivals:?}");
    world.finish().await;
}

#[tokio::test]
async fn right_after_one_was_cancelled_another_can_be_asked_for() {
    const EVENTS: usize = 5;
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", waits(&[])).await;
    let published = given_up(&shop, &receiver, &subscription, EVENTS).await;
    let gate = receiver.hold("/");
    let first = shop.resend_many(&subscription, json!({})).await;
    receiver.wait("/", 2 * EVENTS).await;
    let cancel = shop.subscription_path(&subscription, &format!("/resends/{}/cancel", first.id));
    let _ = shop.api.post(&cancel, &json!({})).await.with(200);
    let second = shop.resend_many(&subscription, json!({ "which": "all" })).await;
    assert_ne!(second.id, first.id);
    gate.open();
    let done = shop.resend_done(&second).await;
    assert_eq!(done.counts(), [5, 5, 5, 0]);
    for event in &published {
        resent(&shop, &subscription, event).await;
    }
    assert_eq!(shop.resend_shown(&first).await.status, "cancelled");
    world.finish().await;
}

#[tokio::test]
async fn a_resend_ends_when_its_subscription_is_disabled_and_says_why() {
    const EVENTS: usize = 250;
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", waits(&[])).await;
    given_up(&shop, &receiver, &subscription, EVENTS).await;
    world.drained().await;
    let gate = receiver.hold("/");
    let asked = shop.resend_many(&subscription, json!({})).await;
    receiver.wait("/", EVENTS + 1).await;
    shop.patch(&subscription, json!({ "status": "disabled" })).await;
    let ended = shop.resend_when(&asked, "it has ended", |resend| resend.status != "running").await;
    assert_eq!(
        (ended.status.as_str(), ended.reason.as_deref()),
        ("cancelled", Some("the subscription was disabled"))
    );
    gate.open();
    world.drained().await;
    let made = receiver.requests("/").len() as u64 - EVENTS as u64;
    assert!((1..=AT_ONCE).contains(&made), "{made} were sent");
    let followed = |resend: &Resend| resend.delivered + resend.failed == resend.sent;
    shop.resend_when(&asked, "what was in the queue is counted", followed).await;
    world.finish().await;
}

#[tokio::test]
async fn a_scheduler_that_dies_again_and_again_loses_nothing_doubles_nothing_and_counts_right() {
    const EVENTS: usize = 500;
    let world = World::start(Options::default().expecting_errors(CRASHES)).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", waits(&[])).await;
    let published = given_up(&shop, &receiver, &subscription, EVENTS).await;
    world.drained().await;
    // Held, it cannot be done before the last crash.
    let gate = receiver.hold("/");
    let asked = shop.resend_many(&subscription, json!({})).await;
    for crash in 0..6 {
        until("the scheduler is at work", async || {
            let scheduler = world.status().await.functions["scheduler"].clone();
            if scheduler.busy > 0 { Ok(()) } else { Err("idle") }
        })
        .await;
        world.sigkill("scheduler").await;
        if crash == 2 {
            receiver.wait("/", EVENTS + 1).await;
            gate.open();
        }
    }
    assert_eq!(shop.resend_done(&asked).await.counts(), [500, 500, 500, 0]);
    world.drained().await;
    let arrivals = arrivals(&receiver);
    let wrong: Vec<_> = published.iter().filter(|event| arrivals[&event.id] != 2).collect();
    assert!(wrong.is_empty(), "not sent again exactly once: {wrong:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_delivery_that_dies_while_the_receiver_works_loses_nothing_and_counts_right() {
    const EVENTS: usize = 30;
    let world = World::start(Options::default().for_crashes().expecting_errors(CRASHES)).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", waits(&[])).await;
    let published = given_up(&shop, &receiver, &subscription, EVENTS).await;
    let gate = receiver.hold("/");
    let asked = shop.resend_many(&subscription, json!({})).await;
    receiver.wait("/", EVENTS + 1).await;
    world.sigkill("delivery").await;
    gate.open();
    assert_eq!(shop.resend_done(&asked).await.counts(), [30, 30, 30, 0]);
    for event in &published {
        assert_eq!(
            resent(&shop, &subscription, event).await.attempt_count,
            2,
            "what died is not on record"
        );
    }
    assert!(receiver.requests("/").len() > 2 * EVENTS, "nothing was under way when it died");
    world.finish().await;
}
