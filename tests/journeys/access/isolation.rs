//! Keys: what each of them reaches, and what it does not even learn of.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Value, json};
use shared::edges::api::routes::ROUTES;
use tests::keys::{NOTHING, key_of, path};
use tests::timeline::{self, Timeline};
use tests::{Options, Receiver, World, erasing};

/// Every route below a tenant, with ids of things that exist there.
fn routes(subscription: &str, event: &str, key: &str) -> Vec<(Method, String)> {
    let named =
        [&[("subscription", subscription), ("event", event), ("key", key)], &NOTHING[..]].concat();
    let below = ROUTES.iter().filter(|route| route.path.starts_with("/v1/tenants/{tenant}"));
    let below = below.map(|route| {
        (route.method.clone(), path(route, &named).replace("/v1/tenants/{tenant}", ""))
    });
    below.collect()
}

#[tokio::test]
async fn a_tenants_key_finds_nothing_of_another_tenant() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let (ours, theirs) =
        (world.tenant("ours", &["order.created"]).await, world.tenant("theirs", &[]).await);
    let subscription = theirs.subscribe(&receiver, "/", json!({})).await;
    let event = theirs.publish("order.created", "1").await;
    theirs.delivery(&subscription, &event.id, "delivered").await;
    let (their_key, their_api) = key_of(&theirs, "full").await;
    let (_, our_api) = key_of(&ours, "full").await;

    let body = json!({ "type": "order.created", "data": 1 }).to_string();
    for (method, path) in routes(&subscription.id, &event.id, &their_key) {
        // By the other tenant's path, and by our own path with the other's ids.
        let crossed = our_api.call(method.clone(), &theirs.path(&path), &[], body.clone()).await;
        assert_eq!(crossed.status, 404, "{method} {path} of another tenant: {}", crossed.text());
        let nowhere = our_api
            .call(method.clone(), &format!("/v1/tenants/nobody{path}"), &[], body.clone())
            .await;
        assert_eq!(nowhere.body, crossed.body, "{method} {path} tells whether the tenant exists");
        if path.contains(&subscription.id) || path.contains(&event.id) {
            let body = if path.ends_with("/test") {
                r#"{"event_type":"order.created","data":1}"#
            } else {
                "{}"
            };
            let borrowed = our_api.call(method.clone(), &ours.path(&path), &[], body).await;
            assert_eq!(
                borrowed.status,
                404,
                "{method} {path} under our own tenant: {}",
                borrowed.text()
            );
        }
    }
    world.drained().await;
    assert_eq!(receiver.requests("/").len(), 1);
    assert_eq!(
        their_api.get(&theirs.path("/subscriptions")).await.with(200).json::<Value>()["items"][0]["id"],
        subscription.id
    );
    world.finish().await;
}

#[tokio::test]
async fn a_cursor_that_was_made_up_leads_nowhere_else() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let (ours, theirs) =
        (world.tenant("ours", &["order.created"]).await, world.tenant("theirs", &[]).await);
    let (own, their) = (
        ours.subscribe(&receiver, "/own", json!({})).await,
        theirs.subscribe(&receiver, "/", json!({})).await,
    );
    let (event, secret) =
        (ours.publish("order.created", "1").await, theirs.publish("order.created", "2").await);
    ours.delivery(&own, &event.id, "delivered").await;
    theirs.delivery(&their, &secret.id, "delivered").await;
    let (_, api) = key_of(&ours, "full").await;
    let below = format!("/subscriptions/{}", own.id);
    let lists =
        ["/subscriptions", "/events", &format!("{below}/deliveries"), &format!("{below}/resends")];
    let sorts = [
        "key#",
        "!",
        "~",
        "revision",
        "subscription#~~",
        "deleted#",
        "subscription",
        &their.id,
        &secret.id,
    ];
    for list in lists {
        for sort in sorts {
            for order in ["asc", "desc"] {
                let cursor = URL_SAFE_NO_PAD.encode(sort);
                let answer = api
                    .get(&ours.path(&format!("{list}?order={order}&cursor={cursor}")))
                    .await
                    .with(200);
                let found = answer.text();
                assert!(
                    !found.contains(&their.id) && !found.contains(&secret.id),
                    "{list} after {sort}: {found}"
                );
                // DynamoDB refuses to start outside of what is asked for.
                let is_empty = answer.json::<Value>()["items"] == json!([]);
                assert!(is_empty || list != "/subscriptions", "{list} after {sort}: {found}");
            }
        }
    }
    world.finish().await;
}

#[tokio::test]
async fn an_unknown_key_is_refused_everywhere_also_where_there_is_nothing() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let (key, _) = key_of(&shop, "full").await;
    let mut paths: Vec<_> =
        routes("sub_00000000000000000000000000", "evt_00000000000000000000000000", &key)
            .into_iter()
            .map(|(method, path)| (method, shop.path(&path)))
            .collect();
    paths.push((Method::GET, "/v1/event-types".to_owned()));
    paths.push((Method::GET, "/v1/profiles".to_owned()));
    paths.push((Method::GET, "/v1/tenants".to_owned()));
    paths.push((Method::GET, "/nowhere".to_owned()));
    for wrong in ["", "pr_wrong", "Bearer"] {
        for (method, path) in &paths {
            let answer = world.api().with_key(wrong).call(method.clone(), path, &[], "{}").await;
            assert_eq!(answer.status, 401, "{method} {path} with {wrong:?}: {}", answer.text());
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    world.finish().await;
}

#[tokio::test]
async fn a_key_is_shown_once_and_a_revoked_one_stops_working_within_ten_seconds() {
    let world = World::start(tests::timeline::options()).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let (id, api) = key_of(&shop, "full").await;
    let listed: Value = shop.api.get(&shop.path("/keys")).await.with(200).json();
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["key"]), (&json!(id), &Value::Null));
    let event = json!({ "type": "order.created", "data": 1 });
    let _ = api.post(&shop.path("/events"), &event).await.with(202);
    let _ = api.get(&shop.path("/subscriptions")).await.with(200);

    let _ = shop.api.delete(&shop.path(&format!("/keys/{id}"))).await.with(204);
    let _ = shop.api.delete(&shop.path(&format!("/keys/{id}"))).await.with(404);
    world.advance(std::time::Duration::from_secs(11)).await;
    let published = api.post(&shop.path("/events"), &event).await.status;
    let listed = api.get(&shop.path("/subscriptions")).await.status;
    assert_eq!((published, listed), (401, 401));
    world.finish().await;
}

#[tokio::test]
async fn a_deleted_tenant_is_gone_with_its_keys_and_subscriptions() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let (_, api) = key_of(&shop, "full").await;
    shop.subscribe(&receiver, "/old", json!({})).await;
    shop.publish("order.created", "0").await;
    receiver.wait("/old", 1).await;
    erasing::erase(&shop, "").await;
    let _ = shop.api.get(&shop.path("")).await.with(404);
    let _ = api.get(&shop.path("/subscriptions")).await.with(401);
    erasing::done(&world, &timeline, &shop).await;
    let again = world.tenant("shop-1", &[]).await;
    let subscriptions: Value = again.api.get(&again.path("/subscriptions")).await.with(200).json();
    assert_eq!(subscriptions["items"], json!([]));
    again.publish("order.created", "1").await;
    world.drained().await;
    assert_eq!(receiver.count("/old"), 1);
    // The first of its new life: fan-out must not take the old list for it.
    again.subscribe(&receiver, "/again", json!({})).await;
    again.publish("order.created", "2").await;
    receiver.wait("/again", 1).await;
    world.finish().await;
}
