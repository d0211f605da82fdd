//! Secrets: read, chosen, and rotated with overlap.

use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tests::{Options, Received, Receiver, Subscription, Tenant, World};

/// The signature that an independent implementation makes with `secret` for a request.
fn signature(secret: &str, request: &Received) -> String {
    let seconds = request.header("webhook-timestamp").parse().expect("seconds");
    Webhook::new(secret)
        .and_then(|webhook| webhook.sign(request.id(), seconds, &request.body))
        .expect("a signature")
}

async fn rotate(shop: &Tenant, subscription: &Subscription, body: Value) -> Value {
    let path = shop.path(&format!("/subscriptions/{}/secret/rotate", subscription.id));
    shop.api.post(&path, &body).await.with(200).json()
}

fn text(json: &Value) -> &str {
    json.as_str().expect("text")
}

#[tokio::test]
async fn during_a_rotations_overlap_both_secrets_sign_the_new_one_first() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    shop.publish("order.created", "1").await;
    let first = receiver.wait("/", 1).await.remove(0);
    assert_eq!(first.header("webhook-signature"), signature(&subscription.secret, &first));

    let rotated = rotate(&shop, &subscription, json!({ "overlap_seconds": 3600 })).await;
    let new = text(&rotated["secret"]);
    assert_ne!(new, subscription.secret);
    assert_eq!(text(&rotated["previous_secret"]), subscription.secret);
    assert!(rotated["previous_secret_until"].is_string());
    let path = shop.path(&format!("/subscriptions/{}/secret", subscription.id));
    assert_eq!(shop.api.get(&path).await.with(200).json::<Value>(), rotated);

    shop.publish("order.created", "2").await;
    let second = receiver.wait("/", 2).await.remove(1);
    let expected =
        format!("{} {}", signature(new, &second), signature(&subscription.secret, &second));
    assert_eq!(second.header("webhook-signature"), expected);
    world.finish().await;
}

#[tokio::test]
async fn without_overlap_or_after_it_the_new_secret_signs_alone() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let rotated = rotate(&shop, &subscription, json!({ "overlap_seconds": 0 })).await;
    assert_eq!(rotated["previous_secret"], Value::Null);
    let at_once = text(&rotated["secret"]).to_owned();
    receiver.trust("/", &at_once);
    shop.publish("order.created", "1").await;
    let request = receiver.wait("/", 1).await.remove(0);
    assert_eq!(request.header("webhook-signature"), signature(&at_once, &request));

    let rotated = rotate(&shop, &subscription, json!({ "overlap_seconds": 1 })).await;
    let latest = text(&rotated["secret"]).to_owned();
    receiver.trust("/", &latest);
    let path = shop.path(&format!("/subscriptions/{}/secret", subscription.id));
    tests::until("the overlap is over", async || {
        let shown: Value = shop.api.get(&path).await.with(200).json();
        if shown["previous_secret"].is_null() { Ok(()) } else { Err(shown) }
    })
    .await;
    shop.publish("order.created", "2").await;
    let request = receiver.wait("/", 2).await.remove(1);
    assert_eq!(request.header("webhook-signature"), signature(&latest, &request));
    world.finish().await;
}

#[tokio::test]
async fn a_tenant_brings_its_own_secret_and_a_weak_one_is_refused_without_being_shown() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let subscription = shop.subscribe(&receiver, "/", json!({ "secret": own })).await;
    assert_eq!(subscription.secret, own);
    shop.publish("order.created", "1").await;
    let request = receiver.wait("/", 1).await.remove(0);
    assert_eq!(request.header("webhook-signature"), signature(own, &request));

    let weak = "whsec_c2hvcnQ=";
    let body = json!({ "url": receiver.url("/"), "event_types": ["*"], "secret": weak });
    let refused = shop.api.post(&shop.path("/subscriptions"), &body).await.with(422);
    assert!(!refused.text().contains(weak), "{}", refused.text());
    let path = shop.path(&format!("/subscriptions/{}/secret/rotate", subscription.id));
    let _ = shop.api.post(&path, &json!({ "secret": weak })).await.with(422);
    let _ = shop.api.post(&path, &json!({ "overlap_seconds": 604_801 })).await.with(422);
    world.finish().await;
}
