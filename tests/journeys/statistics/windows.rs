//! Statistics: what was counted, of which hours, and how soon.

use std::time::Duration;

use serde_json::{Value, json};
use shared::core::timestamp::Timestamp;
use tests::rude::nobody;
use tests::timeline::{self, Timeline};
use tests::{
    AttemptCounts, Delivery, DeliveryCounts, Gate, Options, Percentiles, Published, Receiver,
    Stats, Step, Subscription, Tenant, World,
};

const AN_HOUR: Duration = Duration::from_hours(1);

/// The full hour that a time lies in.
fn hour(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millis() - at.as_millis() % 3_600_000)
}

/// Lets time pass until shortly after the next hour has begun, which is returned.
async fn next_hour(world: &World, timeline: &Timeline<'_>) -> Timestamp {
    timeline.settled().await;
    world.next_hour().await.end().before(AN_HOUR)
}

fn once() -> Value {
    json!({ "overrides": { "retry_waits_seconds": [], "timeout_seconds": 1 } })
}

fn waits(seconds: u32) -> Value {
    json!({ "overrides": { "retry_waits_seconds": [seconds], "jitter_percent": 0 } })
}

/// Whether a delivery has ended its first attempt, or is held.
fn has_begun(row: &Delivery) -> bool {
    row.attempt_count > 0 || row.status == "held"
}

async fn begun(shop: &Tenant, subscription: &Subscription, events: &[Published]) {
    for event in events {
        shop.delivery_when(subscription, &event.id, "it has begun", has_begun).await;
    }
}

/// Fails unless each lies within these bounds, which leave 5 % for the counting.
#[track_caller]
fn assert_within(found: Option<Percentiles>, bounds: [(f64, f64); 3]) {
    let found = found.expect("percentiles");
    assert!(found.p50 <= found.p95 && found.p95 <= found.p99, "{found:?}");
    for (value, (least, most)) in [found.p50, found.p95, found.p99].into_iter().zip(bounds) {
        assert!(
            (least * 0.95 - 1.0..=most * 1.05 + 1.0).contains(&value),
            "{value}: {found:?} within {bounds:?}"
        );
    }
}

#[tokio::test]
async fn deliveries_are_counted_by_status_attempts_by_outcome_and_a_tenant_is_the_sum_of_its_subscriptions()
 {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let good = shop.subscribe(&receiver, "/good", json!({})).await;
    let flaky = shop.subscribe(&receiver, "/flaky", json!({})).await;
    receiver.script("/flaky", [Step::status(500), Step::status(200)]);
    let refusing = shop.subscribe(&receiver, "/refusing", once()).await;
    receiver.script("/refusing", [Step::status(404)]);
    let silent = shop.subscribe(&receiver, "/silent", once()).await;
    receiver.script("/silent", [Step::Hold(Gate::default(), 200)]);
    let mut settings = once();
    settings["url"] = nobody().await.into();
    let absent = shop.subscribe(&receiver, "/absent", settings).await;
    let waiting = shop.subscribe(&receiver, "/waiting", waits(3600)).await;
    receiver.script("/waiting", [Step::status(500)]);
    let paused = shop.subscribe(&receiver, "/paused", json!({})).await;
    shop.patch(&paused, json!({ "status": "paused" })).await;
    let published = shop.publish_many("order.created", 3).await;
    for subscription in [&good, &refusing, &silent, &absent, &waiting, &paused] {
        begun(&shop, subscription, &published).await;
    }
    for event in &published {
        shop.delivery(&flaky, &event.id, "delivered").await;
    }
    let cancel = format!("{}/cancel", shop.delivery_path(&waiting.id, &published[0].id));
    let _ = shop.api.post(&cancel, &json!({})).await.with(200);

    let status = DeliveryCounts { total: 3, ..DeliveryCounts::default() };
    let outcome = |total| AttemptCounts { total, ..AttemptCounts::default() };
    let delivered = DeliveryCounts { delivered: 3, ..status };
    let exhausted = DeliveryCounts { exhausted: 3, ..status };
    let cases = [
        (&good, delivered, AttemptCounts { succeeded: 3, ..outcome(3) }, Some(1.0)),
        (&flaky, delivered, AttemptCounts { succeeded: 3, rejected: 1, ..outcome(4) }, Some(1.0)),
        (&refusing, exhausted, AttemptCounts { rejected: 3, ..outcome(3) }, Some(0.0)),
        (&silent, exhausted, AttemptCounts { timed_out: 3, ..outcome(3) }, Some(0.0)),
        (&absent, exhausted, AttemptCounts { unreachable: 3, ..outcome(3) }, Some(0.0)),
        (
            &waiting,
            DeliveryCounts { pending: 2, cancelled: 1, ..status },
            AttemptCounts { rejected: 3, ..outcome(3) },
            None,
        ),
        (&paused, DeliveryCounts { held: 3, ..status }, outcome(0), None),
    ];
    let mut sum = (DeliveryCounts::default(), AttemptCounts::default());
    for (n, (subscription, deliveries, attempts, rate)) in cases.into_iter().enumerate() {
        let stats = shop.stats(Some(subscription), "").await;
        assert_eq!(
            (stats.deliveries, stats.attempts, stats.success_rate),
            (deliveries, attempts, rate),
            "{n}"
        );
        sum = (sum.0 + deliveries, sum.1 + attempts);
    }
    let stats = shop.stats(None, "").await;
    assert_eq!((stats.deliveries, stats.attempts), sum);
    let rate = stats.success_rate.expect("a rate");
    assert!((rate - 6.0 / 15.0).abs() < 0.001, "{rate}");
    world.finish().await;
}

#[tokio::test]
async fn an_attempt_that_was_not_made_because_the_address_is_blocked_is_counted_as_that() {
    let mut world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let published = shop.publish("order.created", "1").await;
    shop.delivery(&subscription, &published.id, "delivered").await;
    world.restart_with("EgressAllow", "").await;
    let shop = Tenant::new(world.api(), "shop-1");
    let published = shop.publish("order.created", "2").await;
    shop.delivery(&subscription, &published.id, "exhausted").await;
    let stats = shop.stats(Some(&subscription), "").await;
    assert_eq!(
        stats.attempts,
        AttemptCounts { total: 2, succeeded: 1, blocked: 1, ..AttemptCounts::default() }
    );
    assert_eq!((stats.deliveries.exhausted, stats.success_rate), (1, Some(0.5)));
    world.finish().await;
}

#[tokio::test]
async fn percentiles_tell_how_slow_a_receiver_is() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let late = |millis| Step::Late(Duration::from_millis(millis), 200);
    let delays = [vec![late(0); 10], vec![late(200); 20], vec![late(600); 10]].concat();
    receiver.script("/", delays);
    let start = world.now();
    for event in shop.publish_many("order.created", 40).await {
        shop.delivery(&subscription, &event.id, "delivered").await;
    }
    let took = start.until(world.now()).as_secs_f64() * 1000.0;
    let rows = shop.deliveries(&subscription, "limit=250").await.items;
    let mut took_each: Vec<_> = rows
        .iter()
        .map(|row| f64::from(row.last_attempt.as_ref().expect("an attempt").duration_ms))
        .collect();
    took_each.sort_unstable_by(f64::total_cmp);
    let stats = shop.stats(Some(&subscription), "").await;
    assert_eq!(stats.attempts.succeeded, 40);
    // Of 40 the 20th, the 38th and the 40th; or the next, as one counts.
    let bounds = [(200.0, took_each[20]), (600.0, took_each[38]), (600.0, took_each[39])];
    assert_within(stats.response_time_ms, bounds);
    assert_within(stats.publish_to_delivered_ms, [(200.0, took), (600.0, took), (600.0, took)]);
    let tenant = shop.stats(None, "").await;
    assert_eq!(tenant.response_time_ms, stats.response_time_ms, "of its only subscription");
    world.finish().await;
}

/// The hours in which anything was counted, with their deliveries.
fn hours(stats: &Stats) -> Vec<(Timestamp, u64)> {
    let hours = stats.hours.as_ref().expect("hours were asked for");
    assert!(hours.is_sorted_by_key(|counted| counted.hour), "{hours:?}");
    let sum = hours.iter().fold(DeliveryCounts::default(), |sum, counted| sum + counted.deliveries);
    assert_eq!(sum, stats.deliveries, "the hours are not the whole");
    let sum = hours.iter().fold(AttemptCounts::default(), |sum, counted| sum + counted.attempts);
    assert_eq!(sum, stats.attempts, "the hours are not the whole");
    let counted = hours.iter().filter(|counted| counted.deliveries.total > 0);
    counted.map(|counted| (counted.hour, counted.deliveries.total)).collect()
}

#[tokio::test]
async fn a_window_has_whole_hours_of_acceptance_and_a_series_has_each() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let mut counted = Vec::new();
    for count in 1..=3 {
        // An hour without any between the first and the second.
        if count == 2 {
            next_hour(&world, &timeline).await;
        }
        counted.push((next_hour(&world, &timeline).await, count as u64));
        begun(&shop, &subscription, &shop.publish_many("order.created", count).await).await;
    }
    let [first, second, third] = [counted[0].0, counted[1].0, counted[2].0];
    for whose in [Some(&subscription), None] {
        let day = shop.stats(whose, "series=true").await;
        // The hour 24 hours ago is begun, and so are 25 looked at.
        assert_eq!((day.from, day.to), (third.before(24 * AN_HOUR), third.after(AN_HOUR)));
        assert_eq!(hours(&day), counted);
        let series = day.hours.expect("hours");
        let busy = series.iter().filter(|counted| counted.deliveries.total > 0);
        assert!(
            busy.clone()
                .all(|hour| hour.response_time_ms.is_some()
                    && hour.publish_to_delivered_ms.is_some())
        );
        let within = |start: Timestamp, minutes| start.after(Duration::from_mins(minutes));
        let windows = [
            (Some(second), Some(third), second, third, 2),
            (Some(within(second, 10)), Some(within(second, 20)), second, second.after(AN_HOUR), 2),
            (Some(within(first, 59)), Some(within(second, 1)), first, second.after(AN_HOUR), 3),
            (Some(first.before(10 * AN_HOUR)), Some(first), first.before(10 * AN_HOUR), first, 0),
            (Some(within(third, 1)), None, third, third.after(AN_HOUR), 3),
        ];
        for (from, to, starts, ends, total) in windows {
            let from = from.map_or_else(String::new, |from| format!("from={from}"));
            let to = to.map_or_else(String::new, |to| format!("&to={to}"));
            let stats = shop.stats(whose, &format!("{from}{to}")).await;
            assert_eq!((stats.from, stats.to), (starts, ends), "{from}{to}");
            assert_eq!(
                (stats.deliveries.total, stats.attempts.succeeded),
                (total, total),
                "{from}{to}"
            );
            assert_eq!(stats.hours, None);
        }
    }
    world.finish().await;
}

/// What happens to deliveries long after their hour was counted, among so many others of that hour.
async fn late_changes(others: usize) {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", waits(2 * 3600)).await;
    let start = next_hour(&world, &timeline).await;
    let delivered = shop.publish_many("order.created", others + 1).await;
    begun(&shop, &subscription, &delivered).await;
    let sent = &delivered[0];
    receiver.script("/", [Step::status(500), Step::status(200)]);
    let late = shop.publish("order.created", "2").await;
    begun(&shop, &subscription, std::slice::from_ref(&late)).await;
    let window = format!("from={start}&to={}", start.after(AN_HOUR));
    let others = others as u64;
    let count = async |mut expected: [u64; 5]| {
        expected[0] += others;
        expected[3] += others;
        for whose in [Some(&subscription), None] {
            let Stats { deliveries, attempts, .. } = shop.stats(whose, &window).await;
            let found = [deliveries.delivered, deliveries.pending, deliveries.exhausted];
            assert_eq!([&found[..], &[attempts.succeeded, attempts.rejected]].concat(), expected);
            assert_eq!((deliveries.total, attempts.total), (others + 2, expected[3] + expected[4]));
        }
    };
    count([1, 1, 0, 1, 1]).await;
    next_hour(&world, &timeline).await;
    // A quarter hour after its end an hour's count may be kept.
    world.advance(Duration::from_mins(15)).await;
    timeline.works().await;
    for _ in 0..2 {
        count([1, 1, 0, 1, 1]).await;
    }
    let kept =
        world.tables().rows_with("LogTable", &format!("statistics#{}", subscription.id)).await;
    assert_eq!(
        kept.is_empty(),
        others < 100,
        "what a busy hour was counted to is kept, and nothing else: {kept:?}"
    );

    let next =
        shop.delivery(&subscription, &late.id, "pending").await.next_attempt_at.expect("a retry");
    world.advance_to(next).await;
    shop.delivery(&subscription, &late.id, "delivered").await;
    count([2, 0, 0, 2, 1]).await;
    let slow = shop
        .stats(Some(&subscription), &window)
        .await
        .publish_to_delivered_ms
        .expect("percentiles");
    assert!(others > 0 || slow.p99 >= 7_200_000.0 * 0.95, "{slow:?}");
    assert!(slow.p50 < 3_600_000.0, "{slow:?}");

    for _ in 0..3 {
        next_hour(&world, &timeline).await;
    }
    count([2, 0, 0, 2, 1]).await;
    shop.resend(&subscription, &sent.id).await;
    shop.delivery_when(&subscription, &sent.id, "the resend", |row| row.attempt_count == 2).await;
    count([2, 0, 0, 3, 1]).await;
    let now = shop.stats(Some(&subscription), &format!("from={}", hour(world.now()))).await;
    assert_eq!(
        (now.deliveries.total, now.attempts.total),
        (0, 0),
        "an attempt belongs to its event's hour"
    );
    // A resend that fails is late as well.
    receiver.script("/", [Step::status(404)]);
    shop.resend(&subscription, &sent.id).await;
    shop.delivery_when(&subscription, &sent.id, "the resend", |row| row.attempt_count == 3).await;
    count([2, 0, 0, 3, 2]).await;
    world.finish().await;
}

#[tokio::test]
async fn what_happens_to_a_delivery_long_after_its_hour_is_seen_at_once() {
    late_changes(0).await;
}

#[tokio::test]
async fn what_happens_to_a_delivery_long_after_its_busy_hour_was_counted_is_seen_at_once() {
    late_changes(120).await;
}

#[tokio::test]
async fn where_nothing_happened_there_are_zeros_and_nulls_and_a_test_push_is_nothing() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription =
        shop.subscribe(&receiver, "/", json!({ "event_types": ["order.paid"] })).await;
    let unheard = shop.publish("order.created", "1").await;
    shop.event(&unheard.id).await;
    let paths = [shop.path("/stats"), shop.subscription_path(&subscription, "/stats")];
    for pushed in 0..2 {
        for path in &paths {
            let stats: Value = shop.api.get(path).await.with(200).json();
            for name in ["success_rate", "response_time_ms", "publish_to_delivered_ms"] {
                assert_eq!(stats.get(name), Some(&Value::Null), "{pushed}: {stats}");
            }
            for name in ["deliveries", "attempts"] {
                let counts = stats[name].as_object().expect("counts");
                assert!(
                    counts.len() == 6 && counts.values().all(|count| *count == 0),
                    "{pushed}: {stats}"
                );
            }
            assert_eq!(stats["complete"], true, "{stats}");
        }
        receiver.script("/", [Step::status(200), Step::status(500)]);
        for _ in 0..2 {
            let _ = shop
                .try_push(&subscription, r#"{"event_type":"order.created","data":1}"#)
                .await
                .with(200);
        }
    }
    assert_eq!(receiver.requests("/").len(), 4);
    world.finish().await;
}

#[tokio::test]
async fn a_window_that_does_not_read_is_refused_by_name_and_nobody_sees_anothers_statistics() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let (shop, other) =
        (world.tenant("shop-1", &["order.created"]).await, world.tenant("shop-2", &[]).await);
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let cases = [
        ("from=yesterday", "from"),
        ("to=2026-13-01", "to"),
        ("from=2026-01-02&to=2026-01-01", "from"),
        ("series=some", "series"),
    ];
    for path in [shop.path("/stats"), shop.subscription_path(&subscription, "/stats")] {
        for (query, name) in cases {
            let refused: Value = shop.api.get(&format!("{path}?{query}")).await.with(422).json();
            assert_eq!(refused["errors"][0]["path"], name, "{query}");
        }
    }
    let key = async |tenant: &Tenant| {
        let made: Value =
            tenant.api.post(&tenant.path("/keys"), &json!({ "name": "k" })).await.with(201).json();
        tenant.api.with_key(made["key"].as_str().expect("a key"))
    };
    let (own, stranger) = (key(&shop).await, key(&other).await);
    let _ = own.get(&shop.path("/stats")).await.with(200);
    let _ = own.get(&shop.subscription_path(&subscription, "/stats")).await.with(200);
    let _ = stranger.get(&shop.path("/stats")).await.with(404);
    let _ = stranger.get(&shop.subscription_path(&subscription, "/stats")).await.with(404);
    let _ = stranger.get(&other.subscription_path(&subscription, "/stats")).await.with(404);
    let _ =
        own.get(&shop.path("/subscriptions/sub_00000000000000000000000000/stats")).await.with(404);
    world.finish().await;
}
