//! A tenant's statistics by subscription: a page of them, as the list of them has it.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{DeliveryCounts, Options, Receiver, Stats, Step, Tenant, World};

/// A page of the tenant's statistics by subscription, with `query` besides.
async fn page(shop: &Tenant, query: &str) -> Stats {
    let stats = shop.stats(None, &format!("by_subscription=true&{query}")).await;
    let each = stats.subscriptions.as_ref().expect("they were asked for");
    let sum = each.values().fold(DeliveryCounts::default(), |sum, one| sum + one.deliveries);
    assert_eq!(sum, stats.deliveries, "{query}: the subscriptions are not the whole");
    stats
}

#[tokio::test]
async fn each_subscription_of_a_page_is_counted_as_by_itself_and_the_page_is_that_of_the_list() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created", "order.paid"]).await;
    let once = json!({ "retry_waits_seconds": [] });
    let mut subscriptions = Vec::new();
    for (n, status) in [200, 404, 200, 500].into_iter().enumerate() {
        let path = format!("/{n}");
        receiver.script(&path, [Step::status(status)]);
        let settings = json!({ "overrides": once, "event_types": ["order.created"] });
        subscriptions.push((shop.subscribe(&receiver, &path, settings).await, status));
    }
    let idle = shop.subscribe(&receiver, "/idle", json!({ "event_types": ["order.paid"] })).await;
    let published = shop.publish_many("order.created", 2).await;
    for (subscription, status) in &subscriptions {
        let ended = if *status == 200 { "delivered" } else { "exhausted" };
        for event in &published {
            shop.delivery(subscription, &event.id, ended).await;
        }
    }
    // One window for all, whatever hour ends meanwhile.
    let now = world.now();
    let window = format!("series=true&from={}&to={}", now.before(Duration::from_hours(3)), now);
    for order in ["asc", "desc"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        for _ in 0..3 {
            let chosen = format!("limit=2&order={order}&cursor={cursor}");
            let list: Value = shop
                .api
                .get(&shop.path(&format!("/subscriptions?{chosen}")))
                .await
                .with(200)
                .json();
            let stats = page(&shop, &format!("{window}&{chosen}")).await;
            let listed = list["items"]
                .as_array()
                .expect("items")
                .iter()
                .map(|item| item["id"].as_str().expect("an id"));
            let mut listed: Vec<_> = listed.map(str::to_owned).collect();
            listed.sort_unstable();
            assert_eq!(stats.subscriptions.expect("each").into_keys().collect::<Vec<_>>(), listed);
            assert_eq!(stats.next_cursor.as_deref(), list["next_cursor"].as_str());
            seen.extend(listed);
            cursor = stats.next_cursor.unwrap_or_default();
        }
        assert!(cursor.is_empty(), "five are three pages of two");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), subscriptions.len() + 1);
    }
    let whole = page(&shop, &window).await;
    let each = whole.subscriptions.clone().expect("each");
    for (subscription, rate) in
        subscriptions.iter().map(|(one, status)| (one, Some(f64::from(*status == 200))))
    {
        let alone = shop.stats(Some(subscription), &window).await;
        assert_eq!((alone.deliveries.total, alone.success_rate), (2, rate));
        assert_eq!(each[&subscription.id], alone);
    }
    assert_eq!(each[&idle.id], shop.stats(Some(&idle), &window).await);
    let together = shop.stats(None, &window).await;
    assert_eq!(together.subscriptions, None);
    assert_eq!(whole, Stats { subscriptions: whole.subscriptions.clone(), ..together });
    assert!(
        page(&shop, "").await.subscriptions.expect("each").values().all(|one| one.hours.is_none())
    );
    world.finish().await;
}

#[tokio::test]
async fn a_page_is_chosen_only_by_subscription_and_has_as_many_hours_as_an_answer_holds() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &[]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let tenant = shop.path("/stats");
    let (of, to) = (shop.subscription_path(&subscription, "/stats"), world.now());
    let days = |days: u64| format!("from={}&to={to}", to.before(Duration::from_hours(24 * days)));
    let cases = [
        (&of, "by_subscription=true".to_owned(), "by_subscription"),
        (&of, "limit=2".to_owned(), "limit"),
        (&tenant, "by_subscription=each".to_owned(), "by_subscription"),
        (&tenant, "limit=2".to_owned(), "limit"),
        (&tenant, "by_subscription=false&order=asc".to_owned(), "order"),
        (&tenant, "by_subscription=true&limit=251".to_owned(), "limit"),
        (&tenant, "by_subscription=true&cursor=%21".to_owned(), "cursor"),
        (&tenant, format!("by_subscription=true&series=true&limit=250&{}", days(1)), "limit"),
        (&tenant, format!("by_subscription=true&series=true&limit=25&{}", days(9)), "limit"),
    ];
    for (path, query, name) in cases {
        let refused: Value = shop.api.get(&format!("{path}?{query}")).await.with(422).json();
        assert_eq!(refused["errors"][0]["path"], name, "{query}");
    }
    for query in [format!("limit=250&{}", days(9)), format!("series=true&limit=25&{}", days(8))] {
        assert_eq!(page(&shop, &query).await.subscriptions.expect("each").len(), 1, "{query}");
    }
    world.finish().await;
}
