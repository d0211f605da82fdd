//! Deliveries on file, for the official libraries of other languages to verify: `verifiers/verify.sh`.

use serde_json::{Value, json};
use tests::{Options, Receiver, World, fixtures};

#[tokio::test]
async fn deliveries_are_recorded_for_the_official_verifiers() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let payloads = ["null".to_owned(), fixtures::ODD_JSON.to_owned(), fixtures::noise(100_000, 3)];
    for (count, payload) in payloads.iter().enumerate() {
        shop.publish("order.created", payload).await;
        receiver.wait("/", count + 1).await;
    }
    let path = shop.path(&format!("/subscriptions/{}/secret/rotate", subscription.id));
    let rotated: Value = shop.api.post(&path, &json!({})).await.with(200).json();
    let rotated = rotated["secret"].as_str().expect("a secret");
    shop.publish("order.created", r#"{"rotated": true}"#).await;
    let requests = receiver.wait("/", payloads.len() + 1).await;

    let mut recorded = Vec::new();
    for request in &requests {
        let mut secrets = vec![subscription.secret.as_str()];
        if request.header("webhook-signature").contains(' ') {
            secrets.push(rotated);
        }
        for secret in secrets {
            let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
            let headers: serde_json::Map<_, _> =
                names.iter().map(|name| ((*name).to_owned(), request.header(name).into())).collect();
            recorded.push(json!({ "secret": secret, "headers": headers, "body": request.text() }));
        }
    }
    assert_eq!(recorded.len(), 5);
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("recorded-deliveries.json");
    std::fs::write(file, Value::from(recorded).to_string()).expect("the file is written");
    world.finish().await;
}
