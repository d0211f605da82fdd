//! Deliveries on file, for the official libraries of other languages to verify
//! (`verifiers/verify.sh`), and for the code that the tenants' page shows (`snippets/check.sh`).

use http::HeaderMap;
use serde_json::{Value, json};
use shared::edges::clock;
use standardwebhooks::Webhook;
use tests::{Options, Received, Receiver, Tenant, World, fixtures};

#[path = "../../../functions/portal/snippets/verify.rs"]
mod snippet;

const SIGNED: [&str; 3] = ["webhook-id", "webhook-timestamp", "webhook-signature"];

/// A request as the files that verify read it.
fn recorded(request: &Received, secret: &str) -> Value {
    let headers: serde_json::Map<_, _> =
        SIGNED.iter().map(|name| ((*name).to_owned(), request.header(name).into())).collect();
    json!({ "secret": secret, "headers": headers, "body": request.text() })
}

/// By the code for Rust, which knows no public keys.
fn check(request: &Received, secret: &str) {
    let (headers, body) = (&request.headers, &request.body[..]);
    assert!(snippet::verify(secret, headers, body), "{headers:?}");
    assert!(!snippet::verify(secret, headers, &[body, b" "].concat()), "another body: {headers:?}");
    assert!(!snippet::verify("another secret", headers, body), "another secret: {headers:?}");
    for name in SIGNED {
        let mut changed = headers.clone();
        changed.remove(name);
        assert!(!snippet::verify(secret, &changed, body), "without {name}");
    }
}

/// Events whose payloads are not plain, and one after the secret was rotated as `rotate` says. What
/// signs first, and then.
async fn deliver(
    shop: &Tenant,
    receiver: &Receiver,
    path: &str,
    settings: Value,
    rotate: Value,
) -> [String; 2] {
    let subscription = shop.subscribe(receiver, path, settings).await;
    for payload in ["null".to_owned(), fixtures::ODD_JSON.to_owned(), fixtures::noise(100_000, 3)] {
        let published = shop.publish("order.created", &payload).await;
        shop.delivery(&subscription, &published.id, "delivered").await;
    }
    let rotated = shop.rotate(&subscription, rotate).await;
    let published = shop.publish("order.created", r#"{"rotated": true}"#).await;
    shop.delivery(&subscription, &published.id, "delivered").await;
    let _ = shop.api.delete(&shop.subscription_path(&subscription, "")).await.with(204);
    let secret = rotated["secret"].as_str().or(rotated["public_key"].as_str());
    [subscription.secret, secret.expect("a secret or a public key").to_owned()]
}

#[tokio::test]
async fn deliveries_are_recorded_for_those_who_verify() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let plain = json!({ "profile": "locallygrown", "secret": "a plain secret" });
    let subscriptions = [
        ("/hmac", json!({}), json!({})),
        ("/pair", json!({ "secret_type": "ed25519" }), json!({ "secret_type": "ed25519" })),
        ("/plain", plain, json!({})),
        ("/changed", json!({}), json!({ "secret_type": "ed25519" })),
    ];
    let mut all = Vec::new();
    for (path, settings, rotate) in subscriptions {
        let secrets = deliver(&shop, &receiver, path, settings, rotate).await;
        let requests = receiver.requests(path);
        for request in &requests {
            let signatures = request.header("webhook-signature").split(' ').count();
            for secret in &secrets[..signatures] {
                if !secret.starts_with("whpk_") {
                    check(request, secret);
                }
                all.push(recorded(request, secret));
            }
        }
    }
    assert_eq!(all.len(), 4 * 5);
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("recorded-deliveries.json");
    std::fs::write(file, Value::from(all).to_string()).expect("the file is written");
    world.finish().await;
}

#[test]
fn the_code_for_rust_refuses_what_was_signed_more_than_five_minutes_ago() {
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    for (ago, right) in [(0, true), (290, true), (310, false), (-290, true), (-310, false)] {
        let seconds = clock::now().as_millis() / 1_000 - ago;
        let signature =
            Webhook::new(secret).and_then(|webhook| webhook.sign("evt_1", seconds, b"{}"));
        let values = [
            "evt_1".to_owned(),
            seconds.to_string(),
            format!("v2,AAAA {}", signature.expect("a signature")),
        ];
        let headers: HeaderMap = SIGNED
            .into_iter()
            .zip(values)
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
            .collect();
        assert_eq!(snippet::verify(secret, &headers, b"{}"), right, "signed {ago} seconds ago");
    }
}
