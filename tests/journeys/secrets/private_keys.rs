//! Signatures v1a: a private key that stays here, and a public key that verifies.

use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tests::{Options, Received, Receiver, World};

/// The specification's example.
const PRIVATE: &str =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const PUBLIC: &str = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";

/// The signature v1 that an independent implementation makes with `secret` for a request.
fn v1(secret: &str, request: &Received) -> String {
    let seconds = request.header("webhook-timestamp").parse().expect("seconds");
    Webhook::new(secret)
        .and_then(|webhook| webhook.sign(request.id(), seconds, &request.body))
        .expect("a signature")
}

fn text(json: &Value) -> &str {
    json.as_str().expect("text")
}

#[tokio::test]
async fn what_an_ed25519_secret_signs_is_verified_with_the_public_key_that_is_shown() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let made = shop.subscribe(&receiver, "/made", json!({ "secret_type": "ed25519" })).await;
    let imported = shop.subscribe(&receiver, "/imported", json!({ "secret": PRIVATE })).await;
    assert_eq!(imported.secret, PUBLIC);
    assert!(made.secret.starts_with("whpk_") && made.secret != PUBLIC, "{}", made.secret);
    for (subscription, path) in [(&made, "/made"), (&imported, "/imported")] {
        let expected = json!({
            "secret": null,
            "public_key": subscription.secret,
            "previous_secret": null,
            "previous_public_key": null,
            "previous_secret_until": null,
        });
        assert_eq!(shop.secret(subscription).await, expected);
        let published = shop.publish("order.created", r#"{"n":1.0}"#).await;
        shop.delivery(subscription, &published.id, "delivered").await;
        // The receiver verifies each with the public key alone.
        for request in receiver.requests(path) {
            let signature = request.header("webhook-signature");
            assert!(signature.starts_with("v1a,") && !signature.contains(' '), "{signature}");
        }
    }
    world.finish().await;
}

#[tokio::test]
async fn a_rotation_between_the_kinds_sends_both_signatures_the_new_one_first() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/before", json!({})).await;
    let rotated = shop
        .rotate(&subscription, json!({ "secret_type": "ed25519", "overlap_seconds": 3600 }))
        .await;
    let public_key = text(&rotated["public_key"]);
    assert_eq!((&rotated["secret"], &rotated["previous_public_key"]), (&Value::Null, &Value::Null));
    assert_eq!(text(&rotated["previous_secret"]), subscription.secret);
    assert!(rotated["previous_secret_until"].is_string(), "{rotated}");
    assert_eq!(shop.secret(&subscription).await, rotated);

    // A path that trusts the new key alone.
    shop.patch(&subscription, json!({ "url": receiver.url("/new") })).await;
    receiver.trust("/new", public_key);
    shop.publish("order.created", "1").await;
    let request = receiver.wait("/new", 1).await.remove(0);
    let signatures: Vec<_> = request.header("webhook-signature").split(' ').collect();
    let [first, second] = signatures[..] else { panic!("{signatures:?}") };
    assert!(first.starts_with("v1a,"), "{first}");
    assert_eq!(second, v1(&subscription.secret, &request));

    let back =
        shop.rotate(&subscription, json!({ "secret_type": "hmac", "overlap_seconds": 3600 })).await;
    let secret = text(&back["secret"]);
    assert!(secret.starts_with("whsec_") && secret != subscription.secret, "{back}");
    assert_eq!((&back["previous_secret"], &back["public_key"]), (&Value::Null, &Value::Null));
    assert_eq!(text(&back["previous_public_key"]), public_key);
    shop.publish("order.created", "2").await;
    // This path still trusts the public key, which the second signature proves.
    let request = receiver.wait("/new", 2).await.remove(1);
    let signatures: Vec<_> = request.header("webhook-signature").split(' ').collect();
    let [first, second] = signatures[..] else { panic!("{signatures:?}") };
    assert_eq!(first, v1(secret, &request));
    assert!(second.starts_with("v1a,"), "{second}");

    // Without a type, the profile's own is made; without an overlap, it signs alone.
    let last = shop.rotate(&subscription, json!({ "overlap_seconds": 0 })).await;
    assert!(text(&last["secret"]).starts_with("whsec_"), "{last}");
    assert_eq!(last["previous_public_key"], Value::Null);
    receiver.trust("/new", text(&last["secret"]));
    shop.publish("order.created", "3").await;
    let request = receiver.wait("/new", 3).await.remove(2);
    assert_eq!(request.header("webhook-signature"), v1(text(&last["secret"]), &request));
    world.finish().await;
}

#[tokio::test]
async fn no_answer_shows_a_private_key() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let body = json!({ "url": receiver.url("/"), "event_types": ["*"], "secret": PRIVATE });
    let created = shop.api.post(&shop.path("/subscriptions"), &body).await.with(201);
    let id = text(&created.json::<Value>()["id"]).to_owned();
    let route = |rest: &str| shop.path(&format!("/subscriptions/{id}{rest}"));
    let rotate = json!({ "secret_type": "ed25519", "overlap_seconds": 3600 });
    let push = json!({ "event_type": "order.created", "data": 1 });
    let answers = [
        created,
        shop.api.get(&route("")).await.with(200),
        shop.api.get(&shop.path("/subscriptions")).await.with(200),
        shop.api.get(&route("/secret")).await.with(200),
        shop.api.patch(&route(""), &json!({ "description": "it is here" })).await.with(200),
        shop.api.post(&route("/test"), &push).await.with(200),
        shop.api.post(&route("/secret/rotate"), &rotate).await.with(200),
        shop.api.get(&route("/secret")).await.with(200),
        shop.api.get(&route("/deliveries?include_attempts=true")).await.with(200),
    ];
    // The seed alone is the private key; the rest of the text is the public one.
    let seed = &PRIVATE["whsk_".len()..][..40];
    for answer in &answers {
        assert!(
            !answer.text().contains("whsk_") && !answer.text().contains(seed),
            "{}",
            answer.text()
        );
    }
    assert_eq!(answers[7].json::<Value>()["previous_public_key"], PUBLIC);
    world.finish().await;
}
