//! Secrets, and every place where they do not belong. (Each journey's world looks for those that it
//! came to know when it ends; here is one that sends them wherever they can go.)

use http::Method;
use serde_json::{Value, json};
use tests::{Api, Options, Receiver, Step, Subscription, Tenant, World};

const GIVEN: &str = "whsec_C2FVsBQIhrscChlQIMV/b5sSYspob7oD";
const PRIVATE: &str =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const TOKEN: &str = "Bearer t0ken-of-the-receiver";
const FUNCTIONS: [&str; 7] =
    ["control", "subscriptions", "intake", "fanout", "delivery", "history", "scheduler"];

/// Subscriptions of every kind of secret, by paths of the receiver.
async fn subscribe(shop: &Tenant, receiver: &Receiver) -> Vec<(&'static str, Subscription)> {
    let key = json!({ "X-Api-Key": "the-key-of-the-\"receiver\"" });
    let kinds = [
        ("/made", json!({})),
        ("/given", json!({ "secret": GIVEN, "headers": { "Authorization": TOKEN } })),
        ("/pair", json!({ "secret": PRIVATE, "headers": key })),
        (
            "/token",
            json!({ "profile": "locally", "headers": key, "overrides": { "retry_waits_seconds": [1] } }),
        ),
        ("/hex", json!({ "profile": "cloudcart", "overrides": { "retry_waits_seconds": [1] } })),
    ];
    let mut made = Vec::new();
    for (path, settings) in kinds {
        receiver.script(path, [500, 200].map(Step::Echo));
        made.push((path, shop.subscribe(receiver, path, settings).await));
    }
    made
}

/// What is wrong with secrets in it is refused without being repeated.
async fn mistake(shop: &Tenant, subscription: &Subscription) {
    let create = |rest: Value| {
        let mut body = json!({ "url": "https://example.com/", "event_types": ["*"] });
        body.as_object_mut()
            .expect("an object")
            .extend(rest.as_object().expect("an object").clone());
        body
    };
    let refused = [
        create(json!({ "secret": "whsec_d2VhaywgYnV0IHNlY3JldA==" })),
        create(json!({ "secret": 31_337_313_373_133_u64 })),
        create(json!({ "secret_type": "whsec_in-the-wrong-place" })),
        create(json!({ "headers": { "x-key": "not\na-header-value" } })),
        create(json!({ "headers": { "x-key": 4_711_471_147_114_u64 } })),
        create(json!({ "headers": "Bearer in-the-wrong-place" })),
        create(json!({ "secret": GIVEN, "secret_type": "hmac" })),
        create(json!({ "profile": "locally", "secret": PRIVATE })),
    ];
    for body in refused {
        let answer = shop.api.post(&shop.path("/subscriptions"), &body).await.with(422);
        assert!(!answer.text().contains("in-the-wrong-place"), "{}", answer.text());
    }
    let (rotate, patch) = (
        shop.subscription_path(subscription, "/secret/rotate"),
        shop.subscription_path(subscription, ""),
    );
    let _ = shop
        .api
        .post(&rotate, &json!({ "secret": "whsec_YW5vdGhlciB3ZWFrIG9uZQ==" }))
        .await
        .with(422);
    let _ = shop
        .api
        .patch(&patch, &json!({ "headers": { "x-key": " outer-spaces-around-it " } }))
        .await
        .with(422);
    for broken in
        [format!(r#"{{"secret":"{GIVEN}"#), format!(r#"{{"headers":{{"authorization":"{TOKEN}"}}"#)]
    {
        for (method, path) in [(Method::POST, &rotate), (Method::PATCH, &patch)] {
            let answer = shop.api.call(method, path, &[], broken.clone()).await;
            assert!(matches!(answer.status, 400 | 422), "{}", answer.text());
        }
    }
}

/// Keys that are no keys any more, or never were.
async fn be_refused(shop: &Tenant, key: &Api, id: &str) {
    let (_, text) = key.address_and_key();
    let mistyped = format!("{text}x");
    for path in [
        shop.path("/events"),
        shop.path("/subscriptions"),
        "/v1/tenants".to_owned(),
        "/nowhere".to_owned(),
    ] {
        let _ = key.with_key(&mistyped).get(&path).await.with(401);
        let swapped = [("authorization", text), ("x-api-key", text)];
        let _ = key.with_key("").call(Method::GET, &path, &swapped, "").await.with(401);
    }
    let _ = shop.api.delete(&shop.path(&format!("/keys/{id}"))).await.with(204);
}

/// The tenants' page, as a browser sees it that came by a link which may do everything. (What shows
/// a secret is not looked at.)
async fn look(shop: &Tenant, subscription: &Subscription, event: &str) {
    let link = json!({ "capabilities": ["manage", "resend"] });
    let link: Value = shop.api.post(&shop.path("/portal-links"), &link).await.with(201).json();
    let cookie = format!("portal={}", link["token"].as_str().expect("a token"));
    for page in ["", "/edit", "/test", "/deliveries", &format!("/deliveries/{event}")] {
        let path = format!("/portal/subscriptions/{}{page}", subscription.id);
        let _ = shop
            .api
            .with_key("")
            .call(Method::GET, &path, &[("cookie", &cookie)], "")
            .await
            .with(200);
    }
}

#[tokio::test]
async fn a_full_run_leaks_no_secret() {
    let world = World::start(
        Options::default()
            .with("LogLevel", "debug")
            .leaving_dead_letters(1)
            .expecting_errors(&["a message cannot be read"]),
    )
    .await;
    let receiver = Receiver::start().await;
    let admin = world.tenant("shop-1", &["order.created"]).await;
    let key: Value =
        admin.api.post(&admin.path("/keys"), &json!({ "name": "full" })).await.with(201).json();
    let text = |name: &str| key[name].as_str().expect("text");
    let shop = Tenant::new(admin.api.with_key(text("key")), "shop-1");
    let subscriptions = subscribe(&shop, &receiver).await;

    let first = shop.publish("order.created", r#"{"n":1}"#).await;
    for (_, subscription) in &subscriptions {
        let delivered = shop.delivery(subscription, &first.id, "delivered").await;
        assert_eq!(delivered.attempts().len(), 2, "the first failed");
        let answered = delivered.attempts()[0].response_excerpt.as_deref().expect("an echo");
        assert!(answered.contains(&first.id), "{answered}");
    }
    for (path, subscription) in &subscriptions {
        let rotated = shop.rotate(subscription, json!({ "overlap_seconds": 3600 })).await;
        receiver.trust(
            path,
            rotated["secret"].as_str().or(rotated["public_key"].as_str()).expect("a secret"),
        );
        let sample = json!({ "event_type": "order.created", "data": 1 }).to_string();
        let _ = shop.try_push(subscription, &sample).await.with(200);
        shop.resend(subscription, &first.id).await;
        shop.patch(subscription, json!({ "headers": { "X-Second": "one-more-key" } })).await;
        let resend = shop.resend_many(subscription, json!({ "which": "all" })).await;
        shop.resend_done(&resend).await;
        receiver.script(path, [Step::Echo(410)]);
    }
    let last = shop.publish("order.created", r#"{"n":2}"#).await;
    for (_, subscription) in &subscriptions {
        shop.delivery_when(subscription, &last.id, "the last is attempted", |delivery| {
            delivery.attempt_count > 0
        })
        .await;
        let path = shop.subscription_path(
            subscription,
            "/deliveries?include_attempts=true&include_payload=true",
        );
        assert!(!shop.api.all(&path).await.is_empty());
        look(&admin, subscription, &last.id).await;
    }
    assert_eq!(shop.api.all(&shop.path("/subscriptions")).await.len(), subscriptions.len());
    mistake(&shop, &subscriptions[0].1).await;
    be_refused(&admin, &shop.api, text("id")).await;
    world.queues().send("DeliveriesQueue", "this is no task").await;
    world.drained().await;

    let secrets = world.secrets();
    for table in ["ConfigTable", "LogTable"] {
        let rows = world.tables().rows(table).await;
        assert!(rows.len() > 5, "{table} has {} rows", rows.len());
        let found: Vec<_> =
            rows.iter().filter_map(|row| secrets.find(row.to_string().as_bytes())).collect();
        assert!(found.is_empty(), "{table}: {found:?}");
    }
    let logged = FUNCTIONS.map(|function| world.log(function).len());
    assert!(logged.iter().all(|lines| *lines > 0), "they log: {logged:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_sealed_secret_opens_in_the_row_of_its_own_subscription_alone() {
    let world =
        World::start(Options::default().expecting_errors(&["a secret does not open"])).await;
    let receiver = Receiver::start().await;
    let (ours, theirs) =
        (world.tenant("ours", &["order.created"]).await, world.tenant("theirs", &[]).await);
    let (own, other) = (
        ours.subscribe(&receiver, "/own", json!({})).await,
        theirs.subscribe(&receiver, "/", json!({})).await,
    );
    let row = async |subscription: &Subscription| {
        let mut rows = world
            .tables()
            .rows_with("ConfigTable", &format!("subscription#{}", subscription.id))
            .await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows.remove(0)
    };
    let mut forged = row(&own).await;
    forged["secret"] = row(&other).await["secret"].clone();
    world.tables().put("ConfigTable", &forged).await;
    let path = ours.subscription_path(&own, "/secret");
    let _ = ours.api.get(&path).await.with(500);
    assert_eq!(theirs.secret(&other).await["secret"], other.secret);
    world.finish().await;
}
