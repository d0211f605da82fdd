//! Lists: pages in both orders, without gap or repeat, and ranges of time.

use serde_json::{Value, json};
use tests::{Api, List, Options, Receiver, Step, World, fixtures};

/// Goes through a list with every page size that matters, in both orders, and checks it against
/// `expected`, which is oldest first.
async fn check(api: &Api, path: &str, name: &str, expected: &[String]) {
    let separator = if path.contains('?') { '&' } else { '?' };
    for order in ["asc", "desc"] {
        let mut wanted = expected.to_vec();
        if order == "desc" {
            wanted.reverse();
        }
        for limit in [1, 7, wanted.len(), 250] {
            let listed = api.all(&format!("{path}{separator}limit={limit}&order={order}")).await;
            let listed: Vec<_> =
                listed.iter().map(|entry| entry[name].as_str().expect("text").to_owned()).collect();
            assert_eq!(listed, wanted, "{path} by {limit}, {order}");
        }
    }
    let default: List<Value> = api.get(path).await.with(200).json();
    let first = default.items[0][name].as_str().map(str::to_owned);
    assert_eq!(first.as_ref(), expected.last(), "newest first unless asked otherwise");
}

#[tokio::test]
async fn every_list_is_paged_in_both_orders_without_gap_or_repeat() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let api = world.api();
    let shop = world.tenant("shop-00", &["order.created"]).await;
    let subscription =
        shop.subscribe(&receiver, "/", json!({ "overrides": { "retry_waits_seconds": [] } })).await;
    receiver.script("/", vec![Step::status(500); 9].into_iter().chain([Step::status(200)]));
    let mut events: Vec<_> =
        shop.publish_many("order.created", 30).await.into_iter().map(|event| event.id).collect();
    world.drained().await;
    events.sort_unstable();
    check(&api, &shop.path("/events"), "id", &events).await;
    let deliveries = shop.path(&format!("/subscriptions/{}/deliveries", subscription.id));
    check(&api, &deliveries, "event", &events).await;
    let mut parts = Vec::new();
    for success in [false, true] {
        let path = format!("{deliveries}?success={success}");
        let listed = api.all(&format!("{path}&order=asc")).await;
        assert!(listed.iter().all(|delivery| delivery["success"] == success));
        let ids: Vec<_> =
            listed.iter().filter_map(|entry| entry["event"].as_str().map(str::to_owned)).collect();
        check(&api, &path, "event", &ids).await;
        parts.push(ids);
    }
    assert_eq!((parts[0].len(), parts[1].len()), (9, 21));

    let mut subscriptions = vec![subscription.id.clone()];
    let (mut tenants, mut types) = (vec![shop.id.clone()], vec!["order.created".to_owned()]);
    for n in 1..=10 {
        subscriptions.push(shop.subscribe(&receiver, "/more", json!({})).await.id);
        tenants.push(world.tenant(&format!("shop-{n:02}"), &[&format!("type-{n:02}")]).await.id);
        types.push(format!("type-{n:02}"));
    }
    subscriptions.sort_unstable();
    check(&api, &shop.path("/subscriptions"), "id", &subscriptions).await;
    check(&api, "/v1/tenants", "id", &tenants).await;
    check(&api, "/v1/event-types", "name", &types).await;
    world.finish().await;
}

#[tokio::test]
async fn events_and_deliveries_are_found_by_time_and_type() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created", "order.paid"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let mut events = Vec::new();
    for n in 0..10 {
        let name = if n % 2 == 0 { "order.created" } else { "order.paid" };
        events.push(shop.publish(name, &n.to_string()).await);
    }
    world.drained().await;
    let deliveries = shop.path(&format!("/subscriptions/{}/deliveries", subscription.id));
    for (from, to) in [(0, 9), (2, 5), (4, 4), (7, 9)] {
        let (from, to) = (events[from].timestamp, events[to].timestamp);
        let mut wanted: Vec<_> = events
            .iter()
            .filter(|event| (from..=to).contains(&event.timestamp))
            .map(|event| &event.id)
            .collect();
        wanted.sort_unstable();
        for (path, name) in [(shop.path("/events"), "id"), (deliveries.clone(), "event")] {
            let listed =
                shop.api.all(&format!("{path}?from={from}&to={to}&order=asc&limit=3")).await;
            let listed: Vec<_> =
                listed.iter().map(|entry| entry[name].as_str().expect("text")).collect();
            assert_eq!(listed, wanted, "{path} from {from} to {to}");
        }
    }
    let paid = shop.api.all(&shop.path("/events?type=order.paid&limit=2")).await;
    assert_eq!(paid.len(), 5);
    assert!(paid.iter().all(|event| event["type"] == "order.paid" && event.get("data").is_none()));
    let none = shop.api.all(&shop.path("/events?to=2020-01-01")).await;
    assert!(none.is_empty(), "{none:?}");
    world.finish().await;
}

#[tokio::test]
async fn deliveries_are_listed_with_payloads_and_attempts_only_when_asked() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let event = shop.publish("order.created", "{ \"n\": 1.0 }").await;
    shop.delivery(&subscription, &event.id, "delivered").await;
    let bare = shop.deliveries(&subscription, "").await.items.remove(0);
    assert!(bare.attempts.is_none() && bare.data.is_none());
    assert_eq!(bare.last_attempt.map(|made| made.number), Some(1));
    let full = shop
        .deliveries(&subscription, "include_payload=true&include_attempts=true")
        .await
        .items
        .remove(0);
    assert_eq!(full.data.as_ref().map(|data| data.get()), Some("{ \"n\": 1.0 }"));
    assert_eq!(full.outcomes(), [(1, "succeeded", Some(200))]);
    world.finish().await;
}

#[tokio::test]
async fn what_does_not_read_as_a_page_or_a_range_is_refused_by_name() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let cases = [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("order=up", "order"),
        ("cursor=%20", "cursor"),
        ("from=yesterday", "from"),
        ("to=2026-13-01", "to"),
        ("from=2026-01-02&to=2026-01-01", "from"),
        ("type=a..b", "type"),
    ];
    for (query, name) in cases {
        let refused: Value =
            shop.api.get(&shop.path(&format!("/events?{query}"))).await.with(422).json();
        assert_eq!(refused["errors"][0]["path"], name, "{query}");
    }
    world.finish().await;
}

#[tokio::test]
async fn payloads_of_more_than_an_answer_holds_come_in_several_pages() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let mut published = Vec::new();
    for n in 0..7 {
        let event = shop.publish("order.created", &fixtures::noise(1_000_000, n)).await;
        shop.delivery(&subscription, &event.id, "delivered").await;
        published.push(event.id);
    }
    let (mut listed, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let query = format!("include_payload=true&order=asc&cursor={cursor}");
        let page = shop.deliveries(&subscription, &query).await;
        assert!(
            page.items
                .iter()
                .all(|row| row.data.as_ref().is_some_and(|data| data.get().len() >= 1_000_000))
        );
        listed.extend(page.items.into_iter().map(|row| row.event));
        pages += 1;
        match page.next_cursor {
            Some(next) => cursor = next,
            None => break,
        }
    }
    published.sort_unstable();
    assert_eq!((pages, listed), (4, published));
    world.finish().await;
}
