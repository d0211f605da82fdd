//! A tenant's own retention: what is older is not shown, whether or not it is still in the table.

use std::time::Duration;

use serde_json::{Value, json};
use tests::timeline::{self, Timeline};
use tests::{Options, Published, Receiver, Step, Subscription, Tenant, World};

const A_DAY: Duration = Duration::from_hours(24);

async fn keep(tenant: &Tenant, days: Value) -> Value {
    tenant.api.put(&tenant.path(""), &json!({ "retention_days": days })).await.with(200).json()
}

async fn delivered(tenant: &Tenant, subscription: &Subscription) -> Published {
    let published = tenant.publish("order.created", "1").await;
    tenant.delivery(subscription, &published.id, "delivered").await;
    published
}

/// Fails unless the tenant's record shows these events and not those, wherever one looks.
async fn assert_shown(
    tenant: &Tenant,
    subscription: &Subscription,
    shown: &[&Published],
    hidden: &[&Published],
) {
    let ids: Vec<_> = shown.iter().map(|event| event.id.as_str()).collect();
    let lists = [
        (tenant.path("/events?order=asc&limit=1"), "id"),
        (tenant.path("/events?order=asc&from=2020-01-01"), "id"),
        (tenant.subscription_path(subscription, "/deliveries?order=asc&limit=1"), "event"),
        (tenant.subscription_path(subscription, "/deliveries?order=asc&success=true"), "event"),
    ];
    for (path, name) in lists {
        let listed = tenant.api.all(&path).await;
        let listed: Vec<_> = listed.iter().filter_map(|entry| entry[name].as_str()).collect();
        assert_eq!(listed, ids, "{path}");
    }
    for (events, status) in [(shown, 200), (hidden, 404)] {
        for event in events {
            for rest in ["", "/deliveries"] {
                let _ = tenant
                    .api
                    .get(&tenant.path(&format!("/events/{}{rest}", event.id)))
                    .await
                    .with(status);
            }
            let delivery = tenant.delivery_path(&subscription.id, &event.id);
            let _ = tenant.api.get(&delivery).await.with(status);
            if status == 404 {
                for rest in ["resend", "cancel"] {
                    let _ =
                        tenant.api.post(&format!("{delivery}/{rest}"), &json!({})).await.with(404);
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_older_than_its_tenants_retention_is_not_shown_though_it_is_still_in_the_table() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let (brief, keeping) =
        (world.tenant("brief", &["order.created"]).await, world.tenant("keeping", &[]).await);
    let deployments =
        keeping.api.get(&keeping.path("")).await.with(200).json::<Value>()["retention_days"]
            .clone();
    assert_eq!(deployments, 30);
    assert_eq!(keep(&brief, 3.into()).await["retention_days"], 3);
    assert_eq!(brief.api.get(&brief.path("")).await.with(200).json::<Value>()["retention_days"], 3);
    let to_brief = brief.subscribe(&receiver, "/brief", json!({})).await;
    let to_keeping = keeping.subscribe(&receiver, "/keeping", json!({})).await;
    let (old, kept) = (delivered(&brief, &to_brief).await, delivered(&keeping, &to_keeping).await);
    timeline.settled().await;
    world.advance(2 * A_DAY).await;
    let young = delivered(&brief, &to_brief).await;
    assert_shown(&brief, &to_brief, &[&old, &young], &[]).await;

    timeline.settled().await;
    world.advance(A_DAY + Duration::from_mins(1)).await;
    assert_shown(&brief, &to_brief, &[&young], &[&old]).await;
    assert_shown(&keeping, &to_keeping, &[&kept], &[]).await;
    // Its event and its delivery.
    assert!(
        world.tables().rows_with("LogTable", &old.id).await.len() >= 2,
        "it was removed, and so not hidden"
    );
    assert_eq!(receiver.requests("/brief").len(), 2);
    world.finish().await;
}

#[tokio::test]
async fn a_retention_that_is_shortened_hides_within_seconds_and_only_for_its_tenant() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let (shop, other) =
        (world.tenant("shop-1", &["order.created"]).await, world.tenant("shop-2", &[]).await);
    let to_shop = shop.subscribe(&receiver, "/shop", json!({})).await;
    let to_other = other.subscribe(&receiver, "/other", json!({})).await;
    let (old, kept) = (delivered(&shop, &to_shop).await, delivered(&other, &to_other).await);
    timeline.settled().await;
    world.advance(5 * A_DAY).await;
    let young = delivered(&shop, &to_shop).await;
    assert_shown(&shop, &to_shop, &[&old, &young], &[]).await;
    keep(&shop, 6.into()).await;
    assert_shown(&shop, &to_shop, &[&old, &young], &[]).await;
    keep(&shop, 4.into()).await;
    // Each function goes by the tenant as it was five seconds ago at most.
    world.advance(Duration::from_secs(6)).await;
    assert_shown(&shop, &to_shop, &[&young], &[&old]).await;
    let stats =
        shop.stats(Some(&to_shop), &format!("from={}", world.now().before(20 * A_DAY))).await;
    assert_eq!(stats.deliveries.total, 1, "it is counted no more");
    assert_shown(&other, &to_other, &[&kept], &[]).await;
    world.finish().await;
}

#[tokio::test]
async fn what_is_hidden_by_its_age_is_not_sent_again_in_bulk_either() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let once = json!({ "overrides": { "retry_waits_seconds": [] } });
    let subscription = shop.subscribe(&receiver, "/", once).await;
    let fail = async || {
        receiver.script("/", [Step::status(500)]);
        let published = shop.publish("order.created", "1").await;
        shop.delivery(&subscription, &published.id, "exhausted").await;
        receiver.script("/", [Step::status(200)]);
        published
    };
    let old = fail().await;
    timeline.settled().await;
    world.advance(3 * A_DAY).await;
    let young = fail().await;
    keep(&shop, 2.into()).await;
    world.advance(Duration::from_secs(6)).await;
    for which in ["failed", "all", "missing"] {
        let asked = shop.resend_many(&subscription, json!({ "which": which })).await;
        let sent = u64::from(which != "missing");
        assert_eq!(shop.resend_done(&asked).await.counts(), [sent, sent, sent, 0], "{which}");
    }
    shop.delivery(&subscription, &young.id, "delivered").await;
    let again = receiver.requests("/").iter().filter(|request| request.id() == old.id).count();
    assert_eq!(again, 1, "what nobody is shown was sent again");
    world.finish().await;
}

#[tokio::test]
async fn a_tenants_retention_is_a_day_to_the_deployments() {
    let world = World::start(Options::default().with("RetentionDays", "7")).await;
    let shop = world.tenant("shop-1", &[]).await;
    for wrong in [json!(0), json!(8), json!(-1), json!(1.5), json!("3"), json!(4_294_967_297_u64)] {
        let answer =
            shop.api.put(&shop.path(""), &json!({ "retention_days": wrong })).await.with(422);
        let refused: Value = answer.json();
        assert_eq!(refused["errors"][0]["path"], "retention_days", "{wrong}: {refused}");
    }
    for (days, shown) in [(json!(1), 1), (json!(7), 7)] {
        assert_eq!(keep(&shop, days).await["retention_days"], shown);
    }
    keep(&shop, 2.into()).await;
    let absent: Value = shop.api.put(&shop.path(""), &json!({})).await.with(200).json();
    assert_eq!(absent["retention_days"], 7);
    let listed: Value = shop.api.get("/v1/tenants").await.with(200).json();
    assert_eq!(listed["items"][0]["retention_days"], 7);
    world.finish().await;
}
