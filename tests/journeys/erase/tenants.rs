//! A tenant erased with everything.

use std::time::Duration;

use serde_json::json;
use tests::erasing::{done, erase, key_of, looked_once, shop};
use tests::timeline::{self, Timeline};
use tests::{Gate, Published, Receiver, Step, World, until};

#[tokio::test]
async fn a_deleted_tenant_is_gone_within_seconds_wherever_it_was_just_looked_at() {
    let world = World::start(timeline::options()).await;
    let tenant = world.tenant("shop-1", &["order.created"]).await;
    let event = tenant.publish("order.created", "1").await;
    tenant.event(&event.id).await;
    let paths =
        ["", "/events", "/subscriptions", "/keys", "/stats", &format!("/events/{}", event.id)];
    for rest in paths {
        let _ = tenant.api.get(&tenant.path(rest)).await.with(200);
    }
    erase(&tenant, "").await;
    let _ = tenant.api.get(&tenant.path("")).await.with(404);
    let _ = tenant.api.put(&tenant.path(""), &json!({})).await.with(409);
    // Each function knows a tenant as it was five seconds ago at most.
    world.advance(Duration::from_secs(6)).await;
    let mut statuses = vec![tenant.try_publish("order.created", "2", &[]).await.status];
    for rest in paths {
        statuses.push(tenant.api.get(&tenant.path(rest)).await.status);
    }
    assert!(statuses.iter().all(|status| *status == 404), "{statuses:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_deleted_tenant_leaves_no_trace_and_no_other_tenant_loses_anything() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let gone = shop(&world, &receiver, "gone", "4242-1111").await;
    let kept = shop(&world, &receiver, "kept", "5555-2222").await;
    let tenant = &gone.tenant;
    let key = key_of(tenant).await;
    let _ = key.get(&tenant.path("/events")).await.with(200);
    // What is of a subscription that is no more, a test push, and what a bulk resend and a rate
    // limit leave.
    let limited =
        json!({ "overrides": { "rate_limit_per_minute": 100, "retry_waits_seconds": [] } });
    let former = tenant.subscribe(&receiver, "/former", limited).await;
    let earlier = tenant.publish("order.created", "1").await;
    tenant.delivery(&former, &earlier.id, "delivered").await;
    let _ = tenant.api.delete(&tenant.subscription_path(&former, "")).await.with(204);
    let _ =
        tenant.try_push(&gone.fine, r#"{"event_type":"order.created","data":1}"#).await.with(200);
    let resend = tenant.resend_many(&gone.fine, json!({ "which": "all" })).await;
    assert_eq!(tenant.resend_done(&resend).await.delivered, 3);
    tenant.stats(None, "").await;
    let subscriptions =
        [&gone.fine, &gone.failing, &gone.paused, &former].map(|made| made.id.clone());
    let mut events = [&gone.small, &gone.large, &earlier].map(|event| event.id.clone()).to_vec();
    timeline.settled().await;

    let asked = erase(tenant, "").await;
    assert_eq!(
        (asked.tenant.as_str(), asked.what.as_str(), asked.status.as_str()),
        ("gone", "everything", "running")
    );
    // What still takes the tenant for there, and is asked for something at the last moment.
    let late = tenant.try_publish("order.created", r#"{"late":1}"#, &[]).await;
    events.extend((late.status == 202).then(|| late.json::<Published>().id));
    tenant.api.post(&tenant.path("/keys"), &json!({ "name": "late" })).await;
    let late = json!({ "url": receiver.url("/gone/fine"), "event_types": ["*"] });
    tenant.api.post(&tenant.path("/subscriptions"), &late).await;
    until("its key is refused, and all of it is gone", async || {
        let statuses = [
            key.get(&tenant.path("/events")).await.status,
            tenant.api.get(&tenant.path("/events")).await.status,
        ];
        if statuses == [401, 404] { Ok(()) } else { Err(format!("{statuses:?}")) }
    })
    .await;
    let _ = tenant.api.put(&tenant.path(""), &json!({})).await.with(409);
    let listed = world.api().all("/v1/tenants").await;
    assert!(listed.iter().all(|listed| listed["id"] != "gone"), "{listed:?}");

    let done = done(&world, &timeline, tenant).await;
    assert_eq!((done.what.as_str(), done.events), ("everything", events.len() as u64));
    assert!(done.deliveries >= 10 && done.subscriptions >= 3, "{done:?}");
    for id in subscriptions.iter().chain(&events).map(String::as_str).chain(["#gone#", "4242-1111"])
    {
        let left = world.tables().rows_with("LogTable", id).await;
        assert!(left.is_empty(), "{id} is left in {left:?}");
    }
    for id in &subscriptions {
        let mut left = world.tables().rows_with("ConfigTable", id).await;
        // The erasure itself says where it was last.
        left.retain(|row| row.get("erasure").is_none());
        assert!(left.is_empty(), "{id} is left in {left:?}");
    }
    let mut left = world.tables().rows_with("ConfigTable", "tenant#gone").await;
    // By it fan-out knows that what it has read of the tenant is no more.
    left.retain(|row| row["sort"]["S"] != "revision");
    assert!(left.is_empty(), "what was made late is left: {left:?}");
    kept.assert_untouched(&world).await;

    let anew = world.tenant("gone", &[]).await;
    for rest in ["/events", "/subscriptions", "/keys"] {
        assert!(
            anew.api.all(&anew.path(rest)).await.is_empty(),
            "{rest} of the old tenant is seen by the new"
        );
    }
    let _ = key.get(&anew.path("/events")).await.with(401);
    let event = anew.publish("order.created", "2").await;
    assert_eq!(anew.event(&event.id).await.matched, 0);
    let sent = |receiver: &Receiver| {
        ["fine", "failing", "paused"].map(|name| receiver.count(&format!("/gone/{name}")))
    };
    let before = sent(&receiver);
    world.advance(Duration::from_hours(2)).await;
    timeline.ticks().await;
    timeline.works().await;
    assert_eq!(sent(&receiver), before, "something was delivered for a tenant that is gone");
    world.finish().await;
}

#[tokio::test]
async fn what_runs_for_a_tenant_ends_with_it() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let tenant = world.tenant("shop-1", &["order.created"]).await;
    let settings =
        json!({ "overrides": { "retry_waits_seconds": [1, 5, 1000], "jitter_percent": 0 } });
    let subscription = tenant.subscribe(&receiver, "/", settings).await;
    tenant.publish_many("order.created", 5).await;
    receiver.wait("/", 5).await;
    timeline.settled().await;
    // A resend, first attempts and a retry are under way, and fail when the tenant is no more.
    let gate = Gate::default();
    receiver.script("/", [Step::Hold(gate.clone(), 500)]);
    let asked = tenant.resend_many(&subscription, json!({ "which": "all" })).await;
    receiver.wait("/", 10).await;
    tenant.publish_many("order.created", 5).await;
    receiver.wait("/", 15).await;
    erase(&tenant, "").await;
    looked_once(&tenant).await;
    gate.open();
    done(&world, &timeline, &tenant).await;
    for id in [subscription.id.as_str(), &asked.id, "shop-1"] {
        let left = world.tables().rows_with("LogTable", id).await;
        assert!(left.is_empty(), "{id} is left in {left:?}");
    }
    assert!(
        world.tables().rows_with("ConfigTable", &asked.id).await.is_empty(),
        "the resend goes on"
    );
    let before = receiver.count("/");
    world.advance(Duration::from_hours(2)).await;
    timeline.ticks().await;
    timeline.works().await;
    assert_eq!(receiver.count("/"), before);
    world.finish().await;
}

#[tokio::test]
async fn a_key_of_an_idempotent_request_means_nothing_to_a_tenant_that_was_made_anew() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let tenant = world.tenant("shop-1", &["order.created"]).await;
    let headers = [("idempotency-key", "order-17")];
    let old: Published = tenant.try_publish("order.created", "1", &headers).await.with(202).json();
    tenant.event(&old.id).await;
    erase(&tenant, "").await;
    done(&world, &timeline, &tenant).await;
    let anew = world.tenant("shop-1", &[]).await;
    let new: Published = anew.try_publish("order.created", "1", &headers).await.with(202).json();
    assert_ne!(new.id, old.id, "the new tenant is answered with an event of the old");
    anew.event(&new.id).await;
    world.finish().await;
}
