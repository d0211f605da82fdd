//! Statistics of more deliveries than one request counts.

use std::time::Duration;

use serde_json::json;
use shared::core::delivery::attempt::{Attempt, Outcome, Timing, Trigger};
use shared::core::delivery::{Delivery, Status};
use shared::core::id::{EventId, SubscriptionId, TenantId};
use shared::core::timestamp::Timestamp;
use shared::edges::aws::{AwsHttpClient, AwsSettings};
use shared::edges::clock;
use shared::edges::store::LogStore;
use tests::timeline::{self, Timeline};
use tests::{Receiver, Stats, Subscription, World};

/// More than a request counts, which is about 20,000.
const MANY: usize = 25_000;
const FEW: usize = 300;

fn log(world: &World) -> LogStore {
    let settings = AwsSettings {
        region: "eu-north-1".to_owned(),
        access_key_id: "local".to_owned(),
        secret_access_key: "local".to_owned(),
        session_token: None,
        dynamodb_endpoint: Some(world.dynamodb().to_owned()),
        sqs_endpoint: None,
        secrets_manager_endpoint: None,
        http: AwsHttpClient::new(),
    };
    LogStore::new(settings.dynamodb(), "LogTable".to_owned(), Duration::from_hours(30 * 24))
}

/// The `n`-th row: delivered at once, but for one in five.
fn row(to: SubscriptionId, at: Timestamp, n: usize) -> Delivery {
    let (tenant, event): (TenantId, _) =
        ("shop-1".parse().expect("a tenant"), EventId::new(at, clock::random_bits()));
    let mut row = Delivery::new(tenant, to, event, "order.created".parse().expect("a name"), at);
    let delivered = !n.is_multiple_of(5);
    row.note(Attempt {
        number: 0,
        trigger: Trigger::Event,
        started_at: at,
        duration_ms: 100,
        outcome: if delivered { Outcome::Succeeded } else { Outcome::Rejected },
        status: Some(if delivered { 200 } else { 500 }),
        error_class: None,
        timeout_phase: None,
        error: None,
        response_excerpt: None,
        timing: Timing::default(),
        request_headers: None,
        response_headers: None,
    });
    row.settle(if delivered { Status::Delivered } else { Status::Exhausted }, None);
    row
}

/// Puts so many rows on record, a millisecond apart from `from` on: two as delivery would, and
/// copies of them with ids of their own, which takes a tenth of the time.
async fn record(world: &World, to: &Subscription, from: Timestamp, count: usize) {
    let (log, tables) = (log(world), world.tables());
    let to = to.id.parse().expect("a subscription");
    let mut models = Vec::new();
    for n in 0..2 {
        let row = row(to, from.after(Duration::from_millis(n as u64)), n);
        let event = row.event.to_string();
        log.save_delivery(&row).await.expect("it is saved");
        let [saved] = &tables.rows_with("LogTable", &event).await[..] else {
            panic!("a delivery is one row")
        };
        models.push((event, saved.to_string()));
    }
    let copy = |n: usize| {
        let (event, row) = &models[usize::from(!n.is_multiple_of(5))];
        let at = from.after(Duration::from_millis(n as u64));
        let own = EventId::new(at, clock::random_bits()).to_string();
        serde_json::from_str(&row.replace(event, &own)).expect("JSON")
    };
    let copies: Vec<_> = (2..count).map(copy).collect();
    tables.put_all("LogTable", &copies).await;
}

#[tokio::test]
async fn what_one_request_cannot_count_is_counted_by_asking_again_and_then_known() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let hour = Timestamp::from_millis((world.now().as_millis() / 3_600_000 + 1) * 3_600_000);
    record(&world, &subscription, hour, FEW).await;
    let busy = hour.after(Duration::from_hours(1));
    record(&world, &subscription, busy, MANY).await;
    timeline.settled().await;
    world.advance_to(hour.after(Duration::from_hours(3))).await;

    let idle = shop.subscribe(&receiver, "/idle", json!({ "event_types": ["order.paid"] })).await;
    let ask = async |path: String| shop.api.get(&path).await.with(200).json::<Stats>();
    let window = format!("from={hour}&to={}&series=true", hour.after(Duration::from_hours(2)));
    let each = format!("{}?{window}&by_subscription=true", shop.path("/stats"));
    let of = [shop.subscription_path(&subscription, "/stats"), shop.path("/stats")];
    for (n, path) in [each].into_iter().chain(of.map(|path| format!("{path}?{window}"))).enumerate()
    {
        let (mut asked, mut before) = (1, 0);
        let mut stats = ask(path.clone()).await;
        while !stats.complete {
            let counted = stats.deliveries.total;
            assert!(
                counted > before && asked < 10,
                "asked {asked} times: {before}, then {counted}"
            );
            assert!(
                counted < (MANY + FEW) as u64,
                "all was counted, and it is said not to be: {counted}"
            );
            let each = stats.subscriptions.expect("only the first who asks has to wait");
            assert_eq!([each[&subscription.id].complete, each[&idle.id].complete], [false, true]);
            (asked, before) = (asked + 1, counted);
            stats = ask(path.clone()).await;
        }
        assert_eq!(asked > 1, n == 0, "the second who asks need not wait: {asked}");
        let (total, exhausted) = ((MANY + FEW) as u64, ((MANY + FEW) / 5) as u64);
        assert_eq!((stats.deliveries.total, stats.deliveries.exhausted), (total, exhausted));
        assert_eq!((stats.attempts.total, stats.attempts.rejected), (total, exhausted));
        let rate = stats.success_rate.expect("a rate");
        assert!((rate - 0.8).abs() < 0.001, "{rate}");
        let times = stats.response_time_ms.expect("percentiles");
        assert!(
            (95.0..=105.0).contains(&times.p50) && (95.0..=105.0).contains(&times.p99),
            "{times:?}"
        );
        let hours = stats.hours.expect("hours");
        let hours: Vec<_> =
            hours.iter().map(|counted| (counted.hour, counted.deliveries.total)).collect();
        assert_eq!(hours, [(hour, FEW as u64), (busy, MANY as u64)]);
    }
    // One more, hours late: what was known of its hour is so no more.
    let late = row(subscription.id.parse().expect("a subscription"), busy, 1);
    let late = Delivery { updated_at: world.now(), ..late };
    log(&world).save_delivery(&late).await.expect("it is saved");
    // For two minutes its hour is not kept; with more deliveries than a request counts it cannot be
    // complete so long.
    world.advance(Duration::from_mins(3)).await;
    let stats = shop.stats(Some(&subscription), &window).await;
    assert_eq!(stats.deliveries.total, (MANY + FEW + 1) as u64);
    world.finish().await;
}
