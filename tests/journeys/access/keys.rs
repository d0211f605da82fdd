//! Keys and portal tokens: what each of them may do, on every route that there is.

use std::fmt::Write as _;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use shared::core::access::capability::Capability;
use shared::core::access::portal_token::{PortalKey, PortalToken};
use shared::edges::api::routes::ROUTES;
use tests::keys::{NOTHING, key_of, path};
use tests::{Answer, Api, Options, Receiver, Tenant, World, timeline};

/// A portal token's; long enough for the slowest machine.
const LIFETIME: Duration = Duration::from_hours(1);

/// Makes a portal token that may do this, and the API with it.
async fn portal(tenant: &Tenant, capabilities: &[&str]) -> Api {
    let asked = json!({ "capabilities": capabilities, "lifetime_seconds": LIFETIME.as_secs() });
    let made: Value = tenant.api.post(&tenant.path("/portal-links"), &asked).await.with(201).json();
    tenant.api.with_key(made["token"].as_str().expect("a token"))
}

/// Whether the caller was let in, or how it was refused.
fn verdict(answer: &Answer) -> String {
    let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let slug =
        problem["type"].as_str().unwrap_or_default().trim_start_matches("urn:postrider:problem:");
    match (answer.status, slug) {
        (401 | 403, _) => slug.to_owned(),
        (404, _) if problem["detail"] == "There is no such tenant." => "no such tenant".to_owned(),
        (500.., _) => panic!("{}", answer.text()),
        _ => "yes".to_owned(),
    }
}

/// The snapshot is the promise: of each route, who was let in and how the others were refused.
#[tokio::test]
async fn every_route_lets_in_exactly_whom_it_is_for() {
    let world = World::start(timeline::options()).await;
    let (shop, other) =
        (world.tenant("shop-1", &["order.created"]).await, world.tenant("other", &[]).await);
    let expired = portal(&shop, &["manage", "resend"]).await;
    world.advance(LIFETIME + Duration::from_secs(1)).await;
    let revoked = portal(&shop, &["manage", "resend"]).await;
    let _ = shop.api.delete(&shop.path("/portal-links")).await.with(204);
    world.advance(Duration::from_secs(6)).await;
    let forged = PortalToken {
        tenant: "shop-1".parse().expect("an id"),
        capabilities: vec![Capability::View, Capability::Manage],
        issued_at: world.now(),
        expires_at: world.now().after(Duration::from_mins(1)),
    };
    let forged = PortalKey::derived_from("a key that is not the deployment's").sign(&forged);
    let callers = [
        ("no key", world.api_by("")),
        ("wrong key", world.api_by("pr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
        ("forged token", world.api_by(&forged)),
        ("expired token", expired),
        ("revoked token", revoked),
        ("other tenant's key", key_of(&other, "full").await.1),
        ("other tenant's token", portal(&other, &["manage", "resend"]).await),
        ("publish_only", key_of(&shop, "publish_only").await.1),
        ("read_only", key_of(&shop, "read_only").await.1),
        ("token to view", portal(&shop, &[]).await),
        ("token to resend", portal(&shop, &["resend"]).await),
        ("token to manage", portal(&shop, &["manage"]).await),
        ("full", key_of(&shop, "full").await.1),
    ];
    let named = [&[("tenant", "shop-1")], &NOTHING[..]].concat();
    let mut matrix = String::new();
    for route in ROUTES {
        let _ = writeln!(matrix, "{} {}", route.method, route.path);
        let mut verdicts: Vec<(String, Vec<&str>)> = Vec::new();
        for (name, api) in &callers {
            let answer = api.call(route.method.clone(), &path(route, &named), &[], "{}").await;
            let verdict = verdict(&answer);
            match verdicts.iter_mut().find(|(known, _)| *known == verdict) {
                Some((_, names)) => names.push(name),
                None => verdicts.push((verdict, vec![name])),
            }
        }
        for (verdict, names) in verdicts {
            let _ = writeln!(matrix, "  {verdict}: {}", names.join(", "));
        }
    }
    insta::assert_snapshot!(matrix);
    world.finish().await;
}

#[tokio::test]
async fn a_portal_token_does_what_it_is_for_until_it_expires_or_is_revoked() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let event = shop.publish("order.created", "1").await;
    shop.delivery(&subscription, &event.id, "delivered").await;
    let at = |rest: &str| shop.subscription_path(&subscription, rest);
    let (viewer, manager, resender) = (
        portal(&shop, &[]).await,
        portal(&shop, &["manage"]).await,
        portal(&shop, &["resend", "view"]).await,
    );

    assert_eq!(
        viewer.get(&at("/deliveries")).await.with(200).json::<Value>()["items"][0]["event"],
        event.id
    );
    let paused = json!({ "status": "paused" });
    assert_eq!(
        viewer.patch(&at(""), &paused).await.with(403).json::<Value>()["detail"],
        "This route wants a key or token that may manage."
    );
    assert_eq!(manager.patch(&at(""), &paused).await.with(200).json::<Value>()["status"], "paused");
    let _ = manager.patch(&at(""), &json!({ "status": "active" })).await.with(200);
    let again = format!("{}/resend", shop.delivery_path(&subscription.id, &event.id));
    let _ = resender.post(&again, &json!({})).await.with(202);
    receiver.wait("/", 2).await;
    let publish = json!({ "type": "order.created", "data": 2 });
    let _ = manager.post(&shop.path("/events"), &publish).await.with(403);

    // By two functions, each with a cache of its own.
    let statuses =
        async |api: &Api| [api.get(&at("")).await.status, api.get(&at("/deliveries")).await.status];
    assert_eq!(statuses(&viewer).await, [200, 200]);
    let _ = shop.api.delete(&shop.path("/portal-links")).await.with(204);
    world.advance(Duration::from_secs(6)).await;
    assert_eq!(statuses(&viewer).await, [401, 401]);
    let later = portal(&shop, &[]).await;
    assert_eq!(statuses(&later).await, [200, 200]);
    // What is put of a tenant does not bring back what was revoked.
    shop.set_default_profile("standard").await;
    world.advance(Duration::from_secs(6)).await;
    assert_eq!((statuses(&viewer).await, statuses(&later).await), ([401, 401], [200, 200]));
    world.advance(LIFETIME).await;
    let expired = later.get(&at("")).await.with(401);
    assert_eq!(expired.json::<Value>()["type"], "urn:postrider:problem:token-expired");
    assert_eq!(expired.header("www-authenticate"), Some("Bearer"));
    world.finish().await;
}

#[tokio::test]
async fn a_portal_token_outlives_a_new_admin_key_beside_the_old_one_and_ends_with_the_old_one() {
    let world = World::start(timeline::options()).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let made: Value = shop
        .api
        .post(&shop.path("/portal-links"), &json!({ "lifetime_seconds": 86_400 }))
        .await
        .with(201)
        .json();
    let viewer = shop.api.with_key(made["token"].as_str().expect("a token"));
    let (old, new) = (world.secret("AdminKey").await, "n".repeat(48));
    for (keys, status) in [(format!("{new},{old}"), 200), (new, 401)] {
        world.set_secret("AdminKey", &keys).await;
        world.advance(Duration::from_secs(31)).await;
        assert_eq!(viewer.get(&shop.path("/subscriptions")).await.status, status);
        assert_eq!(viewer.get(&shop.path("/events")).await.status, status);
    }
    world.finish().await;
}

#[tokio::test]
async fn a_portal_token_signed_under_a_new_admin_key_opens_where_that_is_not_known_yet() {
    let world = World::start(timeline::options()).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let (old, new) = (world.secret("AdminKey").await, "n".repeat(48));
    world.advance(Duration::from_secs(31)).await;
    // By history, which takes what it reads now for the half minute to come.
    let _ = shop.api.get(&shop.path("/events")).await.with(200);
    world.set_secret("AdminKey", &format!("{new},{old}")).await;
    world.advance(Duration::from_secs(3)).await;
    let viewer = portal(&shop, &[]).await;
    let _ = viewer.get(&shop.path("/events")).await.with(200);
    world.finish().await;
}

#[tokio::test]
async fn what_is_asked_of_a_key_or_a_link_is_checked() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &[]).await;
    let wrong = [
        ("/keys", json!({ "scope": "all" }), "scope"),
        ("/keys", json!({ "name": "x".repeat(201) }), "name"),
        ("/portal-links", json!({ "capabilities": ["publish"] }), "capabilities"),
        ("/portal-links", json!({ "capabilities": ["view", "erase"] }), "capabilities[1]"),
        ("/portal-links", json!({ "lifetime_seconds": 59 }), "lifetime_seconds"),
        ("/portal-links", json!({ "lifetime_seconds": 86_401 }), "lifetime_seconds"),
        ("/portal-links", json!({ "lifetime": 60 }), "lifetime"),
    ];
    for (path, body, at) in wrong {
        let refused: Value = shop.api.post(&shop.path(path), &body).await.with(422).json();
        assert_eq!(refused["errors"][0]["path"], at, "{refused}");
    }
    let made: Value = shop
        .api
        .post(&shop.path("/portal-links"), &json!({ "capabilities": ["resend"] }))
        .await
        .with(201)
        .json();
    assert_eq!(made["capabilities"], json!(["view", "resend"]));
    let link = format!(
        "{}/portal?token={}",
        shop.api.address_and_key().0,
        made["token"].as_str().expect("a token")
    );
    assert_eq!(made["url"], link);
    let operations =
        shop.api.call(Method::POST, "/v1/tenants/_operations/portal-links", &[], "{}").await;
    assert_eq!(operations.status, 422);
    for scope in ["full", "read_only", "publish_only"] {
        key_of(&shop, scope).await;
    }
    let keys: Value = shop.api.get(&shop.path("/keys")).await.with(200).json();
    let scopes: Vec<_> =
        keys["items"].as_array().expect("items").iter().map(|key| &key["scope"]).collect();
    assert_eq!(scopes, ["full", "read_only", "publish_only"]);
    world.finish().await;
}
