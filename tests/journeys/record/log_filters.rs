//! The log by status and by the receiver's answer, and events by time and type.

use std::time::Duration;

use serde_json::{Value, json};
use shared::core::id::EventId;
use tests::timeline::{self, Timeline};
use tests::{
    Api, Delivery, Gate, Options, PAGES, Published, Receiver, Step, Subscription, Tenant, World,
};

const AN_HOUR: Duration = Duration::from_hours(1);

/// Every entry of a list, page by page, of which any may be short or empty.
async fn paged(api: &Api, path: &str, limit: usize) -> Vec<Value> {
    let (mut entries, mut cursor) = (Vec::new(), String::new());
    for _ in 0..PAGES {
        let page: Value =
            api.get(&format!("{path}&limit={limit}&cursor={cursor}")).await.with(200).json();
        let items = page["items"].as_array().expect("items");
        assert!(items.len() <= limit, "{} of {limit} at most", items.len());
        entries.extend(items.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return entries,
        }
    }
    panic!("{path} goes on after {PAGES} pages of {limit}");
}

/// Fails unless a list is these, in whatever pages and in both orders.
async fn assert_listed(api: &Api, path: &str, name: &str, expected: &[String]) {
    for order in ["asc", "desc"] {
        let mut wanted = expected.to_vec();
        wanted.sort_unstable();
        if order == "desc" {
            wanted.reverse();
        }
        for limit in [3, 250] {
            let listed = paged(api, &format!("{path}&order={order}"), limit).await;
            let listed: Vec<_> = listed.iter().filter_map(|entry| entry[name].as_str()).collect();
            assert_eq!(listed, wanted, "{path} by {limit}, {order}");
        }
    }
}

/// A subscription whose deliveries stand in every way.
struct Log {
    shop: Tenant,
    subscription: Subscription,
    /// Status, answer and event of each.
    rows: Vec<(&'static str, &'static str, String)>,
}

impl Log {
    async fn make(world: &World, receiver: &Receiver) -> Self {
        let shop = world.tenant("shop-1", &["order.created"]).await;
        let subscription = shop.subscribe(receiver, "/", json!({})).await;
        let mut log = Self { shop, subscription, rows: Vec::new() };
        let silence = Step::Hold(Gate::default(), 200);
        log.add(receiver, Step::status(200), None, ("delivered", "2xx"), 5).await;
        log.add(receiver, Step::status(404), None, ("exhausted", "4xx"), 4).await;
        log.add(receiver, Step::status(503), None, ("exhausted", "5xx"), 3).await;
        log.add(
            receiver,
            Step::header(302, "location", "/elsewhere"),
            None,
            ("exhausted", "3xx"),
            1,
        )
        .await;
        log.add(receiver, silence.clone(), None, ("exhausted", "none"), 2).await;
        log.add(receiver, Step::status(500), Some(3600), ("pending", "5xx"), 3).await;
        log.add(receiver, silence, Some(3600), ("pending", "none"), 1).await;
        log.add(receiver, Step::status(404), Some(3600), ("pending", "4xx"), 2).await;
        for row in log.rows.iter_mut().rev().take(2) {
            let path = format!("{}/cancel", log.shop.delivery_path(&log.subscription.id, &row.2));
            let _ = log.shop.api.post(&path, &json!({})).await.with(200);
            row.0 = "cancelled";
        }
        log
    }

    /// Publishes some, which are answered so, and stand so after their first attempt.
    async fn add(
        &mut self,
        receiver: &Receiver,
        answer: Step,
        wait: Option<u32>,
        (status, response): (&'static str, &'static str),
        count: usize,
    ) {
        let waits: Vec<_> = wait.into_iter().collect();
        let overrides =
            json!({ "retry_waits_seconds": waits, "jitter_percent": 0, "timeout_seconds": 1 });
        self.shop.patch(&self.subscription, json!({ "overrides": overrides })).await;
        receiver.script("/", [answer]);
        for event in self.shop.publish_many("order.created", count).await {
            let made = |row: &Delivery| row.attempt_count == 1;
            let row =
                self.shop.delivery_when(&self.subscription, &event.id, "one attempt", made).await;
            assert_eq!(row.status, status);
            self.rows.push((status, response, event.id));
        }
    }

    fn path(&self, query: &str) -> String {
        self.shop.subscription_path(&self.subscription, &format!("/deliveries?{query}"))
    }

    /// Fails unless the query lists those rows alone that are wanted, and there are some.
    async fn assert_listed(&self, query: &str, wanted: impl Fn(&str, &str) -> bool) {
        let wanted = self.rows.iter().filter(|(status, response, _)| wanted(status, response));
        let wanted: Vec<_> = wanted.map(|(.., event)| event.clone()).collect();
        assert!(!wanted.is_empty(), "{query} would show nothing");
        assert_listed(&self.shop.api, &self.path(query), "event", &wanted).await;
    }
}

#[tokio::test]
async fn deliveries_are_listed_by_status_and_by_the_class_of_the_latest_answer() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let mut log = Log::make(&world, &receiver).await;
    log.assert_listed("status=delivered", |status, _| status == "delivered").await;
    log.assert_listed("status=exhausted", |status, _| status == "exhausted").await;
    log.assert_listed("status=pending", |status, _| status == "pending").await;
    log.assert_listed("status=cancelled", |status, _| status == "cancelled").await;
    log.assert_listed("status=delivered,cancelled", |status, _| {
        matches!(status, "delivered" | "cancelled")
    })
    .await;
    for class in ["2xx", "3xx", "4xx", "5xx", "none"] {
        log.assert_listed(&format!("response={class}"), |_, response| response == class).await;
    }
    // A class is a kind of rule, and so is one status.
    log.assert_listed("response=404", |_, response| response == "4xx").await;
    log.assert_listed("response=503,2xx", |status, response| {
        (status, response) == ("exhausted", "5xx") || response == "2xx"
    })
    .await;
    log.assert_listed("response=none,4xx", |_, response| matches!(response, "none" | "4xx")).await;
    log.assert_listed("status=exhausted&response=5xx", |status, response| {
        (status, response) == ("exhausted", "5xx")
    })
    .await;
    log.assert_listed("status=pending,exhausted&response=none,3xx", |status, response| {
        matches!(status, "pending" | "exhausted") && matches!(response, "none" | "3xx")
    })
    .await;
    log.assert_listed("success=false", |status, _| status != "delivered").await;
    log.assert_listed("success=false&response=4xx", |status, response| {
        status != "delivered" && response == "4xx"
    })
    .await;
    log.assert_listed("success=true&response=2xx", |status, _| status == "delivered").await;
    for nothing in [
        "success=true&response=none",
        "status=delivered&response=5xx",
        "response=2xx&status=pending",
    ] {
        assert!(paged(&log.shop.api, &log.path(nothing), 4).await.is_empty(), "{nothing}");
    }
    let bounded = log.rows[6].2.parse::<EventId>().expect("an id").timestamp();
    let before = log
        .rows
        .iter()
        .filter(|row| row.2.parse::<EventId>().expect("an id").timestamp() <= bounded);
    let before: Vec<_> =
        before.filter(|row| row.0 == "exhausted").map(|row| row.2.clone()).collect();
    assert_listed(
        &log.shop.api,
        &log.path(&format!("status=exhausted&to={bounded}")),
        "event",
        &before,
    )
    .await;

    log.shop.patch(&log.subscription, json!({ "status": "paused" })).await;
    for event in log.shop.publish_many("order.created", 2).await {
        log.shop.delivery(&log.subscription, &event.id, "held").await;
        log.rows.push(("held", "", event.id));
    }
    log.assert_listed("status=held", |status, _| status == "held").await;
    log.assert_listed("status=pending,held,delivered,exhausted,cancelled", |_, _| true).await;
    world.finish().await;
}

#[tokio::test]
async fn a_filter_that_matches_little_is_read_to_its_end_page_by_page() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created", "order.rare"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let mut rare = Vec::new();
    for part in 0..3 {
        shop.publish_many("order.created", 200).await;
        receiver.wait("/", 201 * part + 200).await;
        world.drained().await;
        receiver.script("/", [Step::status(410)]);
        let event = shop.publish("order.rare", "1").await;
        shop.delivery(&subscription, &event.id, "exhausted").await;
        rare.push(event.id);
        receiver.script("/", [Step::status(200)]);
        tests::until("the subscription is disabled", async || {
            let shown = shop.show(&subscription).await;
            if shown["status"] == "disabled" { Ok(()) } else { Err(shown) }
        })
        .await;
        shop.patch(&subscription, json!({ "status": "active" })).await;
    }
    assert_listed(&shop.api, &shop.path("/events?type=order.rare"), "id", &rare).await;
    let deliveries = shop.subscription_path(&subscription, "/deliveries");
    let queries = [
        "status=exhausted",
        "response=4xx",
        "success=false",
        "success=false&response=4xx",
        "type=order.rare",
        "type=order.rare&status=exhausted&response=410",
    ];
    for query in queries {
        assert_listed(&shop.api, &format!("{deliveries}?{query}"), "event", &rare).await;
    }
    world.finish().await;
}

#[tokio::test]
async fn deliveries_are_listed_by_the_type_of_their_events_together_with_other_filters() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created", "order.created.late", "order.paid"]).await;
    let once = json!({ "overrides": { "retry_waits_seconds": [] } });
    let (subscription, mut rows) = (shop.subscribe(&receiver, "/", once).await, Vec::new());
    for (answer, status) in [(200, "delivered"), (404, "exhausted"), (503, "exhausted")] {
        receiver.script("/", [Step::status(answer)]);
        for name in ["order.created", "order.created.late", "order.paid"] {
            for event in shop.publish_many(name, 2).await {
                shop.delivery(&subscription, &event.id, status).await;
                rows.push((name, answer, event.id));
            }
        }
    }
    let deliveries = shop.subscription_path(&subscription, "/deliveries");
    let cases: [(&str, &[u16]); 7] = [
        ("order.created", &[200, 404, 503]),
        ("order.paid", &[200, 404, 503]),
        ("order.paid&status=exhausted", &[404, 503]),
        ("order.paid&response=404", &[404]),
        ("order.created&success=true", &[200]),
        ("order.created&success=false&response=5xx", &[503]),
        ("order.deleted", &[]),
    ];
    for (query, answers) in cases {
        let of = query.split('&').next().expect("a type");
        let wanted =
            rows.iter().filter(|(name, answer, _)| *name == of && answers.contains(answer));
        let wanted: Vec<_> = wanted.map(|(.., event)| event.clone()).collect();
        assert_eq!(wanted.len(), 2 * answers.len(), "{query}");
        assert_listed(&shop.api, &format!("{deliveries}?type={query}"), "event", &wanted).await;
    }
    world.finish().await;
}

#[tokio::test]
async fn what_is_no_status_and_no_class_is_refused_by_name() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &[]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let cases = [
        ("status=lost", "status"),
        ("status=delivered,lost", "status"),
        ("status=DELIVERED", "status"),
        ("response=999", "response"),
        ("response=1xx", "response"),
        ("response=6xx", "response"),
        ("response=none,0xx", "response"),
        ("response=2xx;5xx", "response"),
        ("type=order.created,order.paid", "type"),
        ("type=order.", "type"),
        ("success=perhaps", "success"),
        ("success=true&status=exhausted", "status"),
        ("success=false&status=delivered", "status"),
    ];
    for (query, name) in cases {
        let path = shop.subscription_path(&subscription, &format!("/deliveries?{query}"));
        let refused: Value = shop.api.get(&path).await.with(422).json();
        assert_eq!(refused["errors"][0]["path"], name, "{query}");
    }
    world.finish().await;
}

#[tokio::test]
async fn events_are_listed_by_time_and_type_together_in_both_orders() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = world.tenant("shop-1", &["order.created", "order.paid"]).await;
    let mut hours = Vec::new();
    for _ in 0..4 {
        let mut events = Vec::new();
        for n in 0..6 {
            let name = if n % 2 == 0 { "order.created" } else { "order.paid" };
            events.push((name, shop.publish(name, "1").await));
        }
        for (_, event) in &events {
            shop.event(&event.id).await;
        }
        hours.push(events);
        timeline.settled().await;
        world.advance(AN_HOUR).await;
    }
    let (from, to) =
        (hours[1][0].1.timestamp.before(AN_HOUR / 2), hours[2][5].1.timestamp.after(AN_HOUR / 2));
    let chosen = |event_type: Option<&str>, within: &[Vec<(&str, Published)>]| {
        let wanted = within
            .iter()
            .flatten()
            .filter(|(name, _)| event_type.is_none_or(|wanted| wanted == *name));
        wanted.map(|(_, event)| event.id.clone()).collect::<Vec<_>>()
    };
    let cases = [
        (format!("from={from}&to={to}"), chosen(None, &hours[1..3])),
        (format!("from={from}&to={to}&type=order.paid"), chosen(Some("order.paid"), &hours[1..3])),
        (format!("from={from}&type=order.created"), chosen(Some("order.created"), &hours[1..])),
        (format!("to={to}&type=order.created"), chosen(Some("order.created"), &hours[..3])),
        ("type=order.deleted".to_owned(), Vec::new()),
    ];
    for (query, expected) in cases {
        assert_listed(&shop.api, &shop.path(&format!("/events?{query}")), "id", &expected).await;
    }
    world.finish().await;
}
