//! Addresses and ports that deliveries must not reach: refused when saved, and again when
//! connecting.

use serde_json::{Value, json};
use tests::rude::{Manner, Rude};
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
        "https://example.com:8443/",
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
    let saved: Value = save(&shop, "https://example.com/hooks").await.with(201).json();
    let path = shop.path(&format!("/subscriptions/{}", saved["id"].as_str().expect("an id")));
    let _ = shop.api.patch(&path, &json!({ "url": "https://192.168.0.1/" })).await.with(422);
    assert_eq!(shop.api.get(&path).await.with(200).json::<Value>(), saved);
    world.finish().await;
}

#[tokio::test]
async fn the_local_stack_judges_names_as_a_deployment_does_and_allows_loopback_addresses_on_top() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    for (url, words) in [
        ("http://example.com/hooks", "plain http is not allowed; use https"),
        ("http://8.8.8.8/", "plain http is not allowed; use https"),
        ("https://example.com:8443/", "port 8443 is not allowed; use port 443"),
        ("https://8.8.8.8:8443/", "port 8443 is not allowed; use port 443"),
        ("https://localhost/", "allows the address 127.0.0.1, so use that in its place"),
        ("http://localhost:8080/", "allows the address 127.0.0.1, so use that in its place"),
        ("https://a.localhost/", "allows the address 127.0.0.1, so use that in its place"),
        ("http://10.0.0.1/", "10.0.0.1 is in 10.0.0.0/8 (private use, RFC 1918)"),
        ("https://192.168.0.1/", "192.168.0.1 is in 192.168.0.0/16 (private use, RFC 1918)"),
    ] {
        let refused: Value = save(&shop, url).await.with(422).json();
        assert_eq!(refused["errors"][0]["path"], "url");
        let message = refused["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.ends_with(words), "{url}: {message}");
    }
    for url in [
        "https://example.com/hooks",
        "http://127.0.0.1:8080/",
        "http://127.1.2.3/",
        "https://127.0.0.1:8443/",
        "http://[::1]:8080/",
    ] {
        let _ = save(&shop, url).await.with(201);
    }
    world.finish().await;
}

#[tokio::test]
async fn an_address_that_became_blocked_is_not_connected_to_and_not_retried() {
    let receiver = Receiver::start().await;
    let port = receiver.url("").rsplit_once(':').expect("a port").1.to_owned();
    let ports = format!("443, {port}");
    let mut world = World::start(Options::default().with("EgressPorts", &ports)).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let plain = shop.subscribe(&receiver, "/plain", json!({})).await;
    let https = receiver.url("/tls").replace("http://", "https://");
    let literal = shop.subscribe(&receiver, "/tls", json!({ "url": https })).await;
    let other_port =
        shop.subscribe(&receiver, "/tls", json!({ "url": "https://example.com/" })).await;

    world.restart_with("EgressAllow", "").await;
    world.restart_with("EgressPorts", &port).await;
    let shop = Tenant::new(world.api(), "shop-1");
    let published = shop.publish("order.created", "1").await;
    let blocked =
        "the host's address is in 127.0.0.0/8 (loopback), which is not publicly reachable";
    let words = [
        (&plain, blocked.to_owned()),
        (&literal, blocked.to_owned()),
        (&other_port, format!("port 443 is not allowed; use port {port}")),
    ];
    for (subscription, words) in &words {
        let ended = shop.delivery(subscription, &published.id, "exhausted").await;
        assert_eq!(ended.outcomes(), [(1, "blocked", None)]);
        let attempt = &ended.attempts()[0];
        assert_eq!(attempt.error_class.as_deref(), Some("blocked"));
        assert!(
            attempt.error.as_ref().is_some_and(|error| error.ends_with(words)),
            "{:?}",
            attempt.error
        );
        assert_eq!(ended.reason.as_deref(), Some("the address is blocked, and stays so"));
        assert_eq!(shop.show(subscription).await["status"], "active", "it can still be shown");
    }
    world.drained().await;
    assert_eq!((receiver.count("/plain"), receiver.count("/tls")), (0, 0));
    world.finish().await;
}

#[tokio::test]
async fn ports_that_are_not_listed_are_for_own_networks_alone() {
    let world = World::start(
        Options::default().with("EgressPorts", "443, 8443").with("EgressAllow", "127.0.0.1/32"),
    )
    .await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let own = receiver.url("/").replace("http://", "https://");
    for url in ["https://example.com/", "https://8.8.8.8:8443/", &own] {
        let _ = save(&shop, url).await.with(201);
    }
    for url in ["https://8.8.8.8:9000/", "https://example.com:9000/"] {
        let refused: Value = save(&shop, url).await.with(422).json();
        assert_eq!(
            refused["errors"][0]["message"], "port 9000 is not allowed; use port 443, 8443",
            "{url}: {refused}"
        );
    }
    world.finish().await;
}

#[tokio::test]
async fn proxies_that_the_environment_names_are_not_used() {
    let (receiver, proxy) = (Receiver::start().await, Rude::start(Manner::Close).await);
    let names =
        ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];
    let variables = names.map(|name| (name, proxy.url()));
    let world =
        World::start(Options::default().with_variables("DeliveryFunction", &variables)).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let plain = shop.subscribe(&receiver, "/plain", json!({})).await;
    let overrides = json!({ "retry_waits_seconds": [] });
    let url = receiver.url("/tls").replace("http://", "https://");
    let tls =
        shop.subscribe(&receiver, "/tls", json!({ "url": url, "overrides": overrides })).await;
    let published = shop.publish("order.created", "1").await;
    shop.delivery(&plain, &published.id, "delivered").await;
    let ended = shop.delivery(&tls, &published.id, "exhausted").await;
    assert_eq!(
        ended.attempts()[0].error_class.as_deref(),
        Some("tls"),
        "the receiver itself was asked"
    );
    assert_eq!((receiver.count("/plain"), proxy.count()), (1, 0));
    world.finish().await;
}
