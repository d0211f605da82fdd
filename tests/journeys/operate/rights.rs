//! What the functions may do: no less than they need, and no more.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tests::resends::{given_up, waits};
use tests::timeline::{self, Timeline};
use tests::{Options, Published, Receiver, Step, Tenant, World, erasing, fixtures, until};
use tokio::task::JoinSet;

const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/template.yaml");
/// Fan-out takes this many subscriptions of a tenant, and one more in another message.
const A_PAGE: usize = 1_000;
const CONNECTIONS: usize = 8;

/// A walk through the product on which each function comes by everything that it can do.
struct Walk<'a> {
    world: &'a World,
    receiver: &'a Receiver,
    timeline: Timeline<'a>,
    shop: Tenant,
}

impl Walk<'_> {
    async fn advance(&self, by: Duration) {
        self.timeline.settled().await;
        self.world.advance(by).await;
    }

    /// Keys, event types and lists, and a sample that is sent at once.
    async fn set_up(&self) {
        let (shop, api) = (&self.shop, &self.shop.api);
        let made: Value =
            api.post(&shop.path("/keys"), &json!({ "name": "k" })).await.with(201).json();
        let key = shop.path(&format!("/keys/{}", made["id"].as_str().expect("an id")));
        let _ = api.delete(&key).await.with(204);
        let _ = api.put("/v1/event-types/order.lost", &json!({})).await.with(201);
        assert!(!api.all("/v1/tenants").await.is_empty());
        assert!(api.all(&shop.path("/subscriptions")).await.is_empty());
        let subscription = shop
            .subscribe(self.receiver, "/sample", json!({ "event_types": ["order.lost"] }))
            .await;
        let _ = shop
            .try_push(&subscription, r#"{"event_type":"order.created","data":1}"#)
            .await
            .with(200);
        let quiet = self.world.tenant("quiet", &[]).await;
        let _ = api.put(&quiet.path(""), &json!({ "events_per_minute": 1 })).await.with(200);
        quiet.publish("order.lost", "1").await;
    }

    /// Attempts that fail, and are repeated from the queue and, hours later, from the log.
    async fn retry(&self) {
        let subscription = self.shop.subscribe(self.receiver, "/retried", waits(&[1, 7200])).await;
        self.receiver.script("/retried", [Step::status(500), Step::status(500), Step::status(200)]);
        let large = self.shop.publish("order.created", &fixtures::noise(100_000, 3)).await;
        self.shop
            .delivery_when(&subscription, &large.id, "two attempts", |row| row.attempt_count == 2)
            .await;
        self.advance(Duration::from_hours(2)).await;
        self.shop.delivery(&subscription, &large.id, "delivered").await;
        let row = self.shop.delivery_path(&subscription.id, &large.id);
        let _ = self.shop.api.get(&row).await.with(200);
        let _ = self
            .shop
            .api
            .get(&self.shop.path(&format!("/events/{}/deliveries", large.id)))
            .await
            .with(200);
        self.shop.resend(&subscription, &large.id).await;
        self.receiver.wait("/retried", 4).await;
        self.end(&subscription).await;
    }

    /// What waits while a subscription is paused: one is cancelled, one goes out when it is
    /// resumed.
    async fn hold(&self) {
        let subscription = self.shop.subscribe(self.receiver, "/held", json!({})).await;
        self.shop.patch(&subscription, json!({ "status": "paused" })).await;
        let [unwanted, wanted] = [
            self.shop.publish("order.created", "1").await,
            self.shop.publish("order.created", "2").await,
        ];
        for event in [&unwanted, &wanted] {
            self.shop.delivery(&subscription, &event.id, "held").await;
        }
        let cancel = format!("{}/cancel", self.shop.delivery_path(&subscription.id, &unwanted.id));
        let _ = self.shop.api.post(&cancel, &json!({})).await.with(200);
        self.shop.patch(&subscription, json!({ "status": "active" })).await;
        self.shop.delivery(&subscription, &wanted.id, "delivered").await;
        self.end(&subscription).await;
    }

    /// Deliveries in order, the first of which waits for its second attempt.
    async fn deliver_in_order(&self) {
        let market = self.world.tenant("ordered", &[]).await;
        let _ = market.api.put(&market.path(""), &json!({ "ordered": true })).await.with(200);
        let subscription =
            market.subscribe(self.receiver, "/ordered", json!({ "ordered": true })).await;
        self.receiver.script("/ordered", [Step::status(500), Step::status(200)]);
        for data in ["1", "2"] {
            market.publish("order.created", data).await;
        }
        self.receiver.wait("/ordered", 3).await;
        let _ = market.api.delete(&market.subscription_path(&subscription, "")).await.with(204);
    }

    /// Deliveries that are given up, and sent again together, twice: the first time is cancelled
    /// under way. And how all stands.
    async fn resend(&self) {
        let subscription = self.shop.subscribe(self.receiver, "/", waits(&[])).await;
        given_up(&self.shop, self.receiver, &subscription, 3).await;
        let gate = self.receiver.hold("/");
        let cancelled = self.shop.resend_many(&subscription, json!({ "which": "failed" })).await;
        self.receiver.wait("/", 6).await;
        let cancel = self
            .shop
            .subscription_path(&subscription, &format!("/resends/{}/cancel", cancelled.id));
        let _ = self.shop.api.post(&cancel, &json!({})).await.with(200);
        let resend = self.shop.resend_many(&subscription, json!({ "which": "all" })).await;
        gate.open();
        assert_eq!(self.shop.resend_done(&resend).await.failed, 0);
        assert!(self.shop.stats(None, "").await.complete);
        self.end(&subscription).await;
    }

    /// A receiver that asks to be left alone, and messages that nobody can read.
    async fn give_up(&self) {
        let settings = json!({ "profile": "cloudcart", "overrides": {} });
        let subscription = self.shop.subscribe(self.receiver, "/unwilling", settings).await;
        self.receiver.script("/unwilling", [Step::body(200, "please unsubscribe me")]);
        self.shop.publish("order.created", "1").await;
        let path = self.shop.subscription_path(&subscription, "");
        until("the subscription is gone", async || {
            let answer = self.shop.api.get(&path).await;
            if answer.status == 404 { Ok(()) } else { Err(answer.text().to_owned()) }
        })
        .await;
        for queue in ["EventsQueue", "DeliveriesQueue"] {
            self.world.queues().send(queue, "not JSON").await;
        }
        self.world.drained().await;
    }

    /// An event whose payload is erased, and that its producer sends again.
    async fn erase_and_repeat(&self) {
        let publish = async || -> Published {
            let (data, key) = (fixtures::noise(100_000, 5), [("idempotency-key", "once")]);
            self.shop.try_publish("order.created", &data, &key).await.with(202).json()
        };
        let event = publish().await;
        self.shop.event(&event.id).await;
        let path = self.shop.path(&format!("/events/{}/payload", event.id));
        let _ = self.shop.api.call(Method::DELETE, &path, &[], "").await.with(204);
        assert_eq!(publish().await.id, event.id);
        // It waits for a few seconds, lest it overtake the first.
        self.advance(Duration::from_mins(1)).await;
        self.world.drained().await;
        let chunks =
            self.world.tables().rows_with("LogTable", &format!("payload#{}", event.id)).await;
        assert!(chunks.is_empty(), "{} chunks are back", chunks.len());
    }

    /// A tenant with more subscriptions than fan-out takes at once, and than one request removes.
    async fn fan_out_in_pages(&self) {
        let market = self.world.tenant("market", &["order.created", "order.lost"]).await;
        let mut connections = JoinSet::new();
        for first in 0..CONNECTIONS {
            let (market, url) = (market.clone(), self.receiver.url("/market"));
            connections.spawn(async move {
                for _ in (first..=A_PAGE).step_by(CONNECTIONS) {
                    let body = json!({ "url": url, "event_types": ["order.lost"] });
                    let _ = market.api.post(&market.path("/subscriptions"), &body).await.with(201);
                }
            });
        }
        connections.join_all().await;
        let unheard = market.publish("order.created", "1").await;
        assert_eq!(market.event(&unheard.id).await.matched, 0);
        erasing::erase(&market, "").await;
        until("its subscriptions are removed", async || {
            let shown = market.erasure().await;
            if shown.subscriptions > 0 { Ok(()) } else { Err(format!("{shown:?}")) }
        })
        .await;
    }

    async fn end(&self, subscription: &tests::Subscription) {
        let _ =
            self.shop.api.delete(&self.shop.subscription_path(subscription, "")).await.with(204);
    }
}

#[tokio::test]
async fn every_right_of_every_function_is_used_and_none_is_missing() {
    let expected = ["a message cannot be read"];
    let options = timeline::options().with("OrderedDelivery", "true");
    let world = World::start(options.leaving_dead_letters(2).expecting_errors(&expected)).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let walk = Walk { world: &world, receiver: &receiver, timeline, shop };
    walk.set_up().await;
    walk.retry().await;
    walk.hold().await;
    walk.deliver_in_order().await;
    walk.resend().await;
    walk.give_up().await;
    walk.erase_and_repeat().await;
    for what in ["/payloads", ""] {
        erasing::erase(&walk.shop, what).await;
        erasing::done(&world, &walk.timeline, &walk.shop).await;
    }
    walk.fan_out_in_pages().await;

    let rights = world.rights().await;
    assert_eq!(rights.len(), 8, "{rights:?}");
    assert!(rights["portal"].granted.is_empty(), "{rights:?}");
    for (function, rights) in &rights {
        assert!(rights.denied.is_empty(), "{function}: {:?}", rights.denied);
    }
    let unused = rights.iter().flat_map(|(function, rights)| {
        let unused = rights.granted.iter().filter(|right| right.times == 0);
        unused.map(move |right| format!("{function}: {right}"))
    });
    let unused: Vec<String> = unused.collect();
    assert!(
        unused.is_empty(),
        "granted and never used, so to be taken from the template:\n{}",
        unused.join("\n")
    );
    world.finish().await;
}

/// The product's template without some statements of a role, each of one action on one resource.
fn without(role: &str, statements: &[(&str, &str)]) -> String {
    let mut template = std::fs::read_to_string(TEMPLATE).expect("the template");
    let start = template.find(&format!("\n  {role}:\n")).expect("the role");
    for (action, resource) in statements {
        let indent = " ".repeat(14);
        let statement = format!(
            "{indent}- Effect: Allow\n{indent}  Action: {action}\n{indent}  Resource: {resource}\n"
        );
        let place = start + template[start..].find(&statement).expect("the statement");
        template.replace_range(place..place + statement.len(), "");
    }
    template
}

#[tokio::test]
async fn a_call_that_is_not_granted_is_denied_and_told() {
    let missing = [
        ("sqs:SendMessage", "!GetAtt DeliveriesQueue.Arn"),
        ("dynamodb:Query", r#"!Sub "${LogTable.Arn}/index/unsettled""#),
    ];
    let options = Options::default().with_template(without("HistoryRole", &missing));
    let world = World::start(options.expecting_errors(&["is not authorized to perform: "])).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let published = shop.publish("order.created", "1").await;
    shop.delivery(&subscription, &published.id, "delivered").await;
    assert_eq!(shop.deliveries(&subscription, "").await.items.len(), 1);
    assert!(world.rights().await["history"].denied.is_empty());

    let resend = format!("{}/resend", shop.delivery_path(&subscription.id, &published.id));
    let _ = shop.api.post(&resend, &json!({})).await.with(503);
    let _ = shop
        .api
        .get(&shop.subscription_path(&subscription, "/deliveries?success=false"))
        .await
        .with(500);
    let denied = &world.rights().await["history"].denied;
    let mut denied: Vec<String> = denied.iter().map(ToString::to_string).collect();
    denied.sort_unstable();
    assert_eq!(
        denied,
        ["dynamodb:Query on LogTable/index/unsettled", "sqs:SendMessage on DeliveriesQueue"]
    );
    assert_eq!(receiver.requests("/").len(), 1);
    world.finish().await;
}
