//! A tenant's limit of events a minute: what is more is refused with when to come again, and nobody
//! else notices.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tests::keys::key_of;
use tests::{Answer, Options, Published, Receiver, Span, Tenant, World};
use tokio::task::JoinSet;

const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/template.yaml");

/// A world at the start of a minute.
async fn world(options: Options) -> (World, Span) {
    let world = World::start(options.with_clock()).await;
    let minute = world.next_minute().await;
    (world, minute)
}

async fn limited(world: &World, id: &str, limit: u32) -> Tenant {
    let tenant = world.tenant(id, &["order.created"]).await;
    let put: Value = tenant
        .api
        .put(&tenant.path(""), &json!({ "events_per_minute": limit }))
        .await
        .with(200)
        .json();
    assert_eq!(put["events_per_minute"], limit);
    tenant
}

async fn publish(shop: &Tenant, events: usize) -> Answer {
    let events = vec![json!({ "type": "order.created", "data": 1 }); events];
    shop.api.post(&shop.path("/events"), &json!({ "events": events })).await
}

async fn on_record(world: &World, shop: &Tenant) -> usize {
    world.drained().await;
    shop.api.all(&shop.path("/events")).await.len()
}

#[tokio::test]
async fn a_tenant_at_its_limit_is_told_when_to_come_again_and_others_publish_on() {
    let (world, minute) = world(Options::default().with("TenantEventsPerMinute", "12")).await;
    let receiver = Receiver::start_by(&world).await;
    let (shop, other) = (limited(&world, "shop-1", 10).await, world.tenant("shop-2", &[]).await);
    let shown: Value = other.api.get(&other.path("")).await.with(200).json();
    assert_eq!(shown["events_per_minute"], 12, "the deployment's");
    shop.subscribe(&receiver, "/", json!({})).await;
    let _ = publish(&shop, 7).await.with(202);
    let refused = publish(&shop, 4).await.with(429);
    let wait: u64 =
        refused.header("retry-after").and_then(|wait| wait.parse().ok()).expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    let problem: Value = refused.json();
    let detail = format!(
        "The tenant may publish 10 events a minute, and this request does not fit into what is left of this one. Nothing of it \
         was accepted. Send it again in {wait} s."
    );
    assert_eq!(problem["type"], "urn:postrider:problem:too-many-events");
    assert_eq!(
        (&problem["detail"], refused.header("content-type")),
        (&json!(detail), Some("application/problem+json"))
    );
    let _ = publish(&shop, 3).await.with(202);
    let _ = shop.try_publish("order.created", "1", &[]).await.with(429);
    let _ = publish(&other, 12).await.with(202);
    let _ = publish(&other, 1).await.with(429);

    minute.assert_lasts(&world);
    world.advance(Duration::from_secs(wait)).await;
    let _ = shop.try_publish("order.created", "1", &[]).await.with(202);
    assert_eq!(on_record(&world, &shop).await, 11, "nothing of what was refused");
    receiver.wait("/", 11).await;
    world.finish().await;
}

#[tokio::test]
async fn processes_keep_a_limit_together() {
    let (world, minute) = world(Options::default()).await;
    let shop = limited(&world, "shop-1", 10).await;
    let mut requests = JoinSet::new();
    for _ in 0..40 {
        let shop = shop.clone();
        requests.spawn(async move { shop.try_publish("order.created", "1", &[]).await.status });
    }
    let statuses = requests.join_all().await;
    let count = |status| statuses.iter().filter(|found| **found == status).count();
    assert_eq!((count(202), count(429)), (10, 30), "{statuses:?}");
    assert!(world.pids("intake").await.len() > 1, "one process alone proves nothing");
    minute.assert_lasts(&world);
    assert_eq!(on_record(&world, &shop).await, 10);
    world.finish().await;
}

#[tokio::test]
async fn whose_key_it_is_makes_no_difference_and_a_repeat_counts_as_well() {
    let (world, minute) = world(Options::default()).await;
    let shop = limited(&world, "shop-1", 3).await;
    let (_, own) = key_of(&shop, "publish_only").await;
    let keyed =
        async || shop.try_publish("order.created", "1", &[("idempotency-key", "one")]).await;
    let first: Published = keyed().await.with(202).json();
    let repeated = keyed().await.with(202);
    assert_eq!(repeated.header("idempotency-replayed"), Some("true"));
    let event = json!({ "type": "order.created", "data": 2 });
    let _ = own.post(&shop.path("/events"), &event).await.with(202);
    let _ = own.post(&shop.path("/events"), &event).await.with(429);
    let _ = keyed().await.with(429);
    minute.assert_lasts(&world);
    world.next_minute().await;
    assert_eq!(keyed().await.with(202).json::<Published>().id, first.id);
    world.advance(Duration::from_secs(10)).await;
    assert_eq!(on_record(&world, &shop).await, 2);
    world.finish().await;
}

#[tokio::test]
async fn what_is_not_valid_counts_nothing_and_what_is_split_counts_as_its_parts() {
    let (world, minute) = world(Options::default().with_one_process()).await;
    let shop = limited(&world, "shop-1", 5).await;
    let _ = world
        .api()
        .put("/v1/event-types/cart.ordered", &json!({ "split": "/items" }))
        .await
        .with(201);
    for _ in 0..6 {
        let _ = shop.try_publish("order.unknown", "1", &[]).await.with(422);
    }
    let too_many: Value = publish(&shop, 6).await.with(413).json();
    let detail = "The request makes 6 events, and the tenant may publish 5 a minute. Send them in several requests.";
    assert_eq!(too_many["detail"], detail);
    let _ = shop.try_publish("cart.ordered", r#"{"items":[{},{},{}]}"#, &[]).await.with(202);
    let _ = shop.try_publish("cart.ordered", r#"{"items":[{},{},{}]}"#, &[]).await.with(429);
    let _ = shop.try_publish("cart.ordered", r#"{"items":[{},{}]}"#, &[]).await.with(202);
    let refused = shop.api.call(Method::POST, &shop.path("/events"), &[], "not JSON").await;
    assert_eq!(refused.status, 429, "nothing is read any more");
    minute.assert_lasts(&world);
    assert_eq!(on_record(&world, &shop).await, 5);
    world.finish().await;
}

#[tokio::test]
async fn no_limit_is_kept_where_none_is_wanted_and_a_bound_where_one_is() {
    let (world, minute) = world(Options::default().with("TenantEventsPerMinute", "0")).await;
    let (shop, other) =
        (world.tenant("shop-1", &["order.created"]).await, limited(&world, "shop-2", 100).await);
    let _ = publish(&shop, 100).await.with(202);
    let _ = publish(&shop, 100).await.with(202);
    let _ = publish(&other, 100).await.with(202);
    let _ = publish(&other, 1).await.with(429);
    minute.assert_lasts(&world);
    let put: Value =
        other.api.put(&other.path(""), &json!({ "events_per_minute": 0 })).await.with(200).json();
    assert_eq!(put["events_per_minute"], 0);
    // Intake goes by the tenant as it was five seconds ago at most.
    world.advance(Duration::from_secs(6)).await;
    let _ = publish(&other, 100).await.with(202);
    world.finish().await;
}

#[tokio::test]
async fn publishing_goes_on_where_the_count_cannot_be_shared() {
    let (granted, without) = ("[dynamodb:PutItem, dynamodb:UpdateItem]", "[dynamodb:PutItem]");
    let template = std::fs::read_to_string(TEMPLATE).expect("the template");
    let role = template.find("\n  IntakeRole:\n").expect("the role");
    let (before, after) = template.split_at(role);
    assert!(after.contains(granted), "the right is named otherwise");
    let template = before.to_owned() + &after.replacen(granted, without, 1);
    let options = Options::default().with_template(template);
    let (world, minute) =
        world(options.expecting_errors(&["is not authorized to perform: "])).await;
    let shop = limited(&world, "shop-1", 3).await;
    let _ = publish(&shop, 1).await.with(202);
    let _ = publish(&shop, 2).await.with(202);
    let told = world
        .log("intake")
        .iter()
        .any(|line| line["level"] == "WARN" && line["tenant"] == "shop-1");
    assert!(told, "nobody is told");
    minute.assert_lasts(&world);
    assert_eq!(on_record(&world, &shop).await, 3);
    world.finish().await;
}
