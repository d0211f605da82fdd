//! Addresses that deliveries must not reach: refused when saved, and again when connecting.

use serde_json::{Value, json};
use tests::{Options, Receiver, Tenant, World};

async fn save(shop: &Tenant, url: &str) -> tests::Answer {
    shop.api.post(&shop.path("/subscriptions"), &json!({ "url": url, "event_types": ["*"] })).await
}

#[tokio::test]
async fn plain_http_and_private_addresses_are_refused_when_they_are_saved() {
    let world = World::start(Options::default().with("EgressAllow", "")).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let refused = [
        "http://example.com/",
        "http://127.0.0.1:8080/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fd00::1]/",
        "https://localhost/",
        "https://a.localhost/",
        "https://user:secret@example.com/",
        "ftp://example.com/",
        "example.com",
    ];
    for url in refused {
        let answer = save(&shop, url).await;
        assert_eq!(answer.status, 422, "{url}: {}", answer.text());
        assert_eq!(answer.json::<Value>()["errors"][0]["path"], "url");
        assert!(!answer.text().contains("secret@"), "{}", answer.text());
    }
    let saved: Value = save(&shop, "https://example.com:8443/hooks").await.with(201).json();
    let path = shop.path(&format!("/subscriptions/{}", saved["id"].as_str().expect("an id")));
    let _ = shop.api.patch(&path, &json!({ "url": "https://192.168.0.1/" })).await.with(422);
    assert_eq!(shop.api.get(&path).await.with(200).json::<Value>(), saved);
    world.finish().await;
}

#[tokio::test]
async fn an_address_that_became_blocked_is_not_connected_to_and_not_retried() {
    let mut world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let plain = shop.subscribe(&receiver, "/plain", json!({})).await;
    let https = receiver.url("/tls").replace("http://", "https://");
    let literal = shop.subscribe(&receiver, "/tls", json!({ "url": https })).await;
    let named = https.replace("127.0.0.1", "localhost");
    let named = shop.subscribe(&receiver, "/tls", json!({ "url": named })).await;

    world.restart_with("EgressAllow", "").await;
    let shop = Tenant::new(world.api(), "shop-1");
    let published = shop.publish("order.created", "1").await;
    for subscription in [&plain, &literal, &named] {
        let ended = shop.delivery(subscription, &published.id, "exhausted").await;
        assert_eq!(ended.outcomes(), [(1, "blocked", None)]);
        assert_eq!(ended.attempts()[0].error_class.as_deref(), Some("blocked"));
        assert_eq!(ended.reason.as_deref(), Some("the address is blocked, and stays so"));
        assert_eq!(shop.show(subscription).await["status"], "active", "it can still be shown");
    }
    world.drained().await;
    assert_eq!((receiver.count("/plain"), receiver.count("/tls")), (0, 0));
    world.finish().await;
}
