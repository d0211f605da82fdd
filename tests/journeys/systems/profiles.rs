//! Profiles: listed, chosen by a subscription or its tenant, and overridden field by field.

use serde_json::{Value, json};
use tests::{Gate, Options, Receiver, Step, Tenant, World, hex_hmac};

const FILES: [(&str, &str); 5] = [
    ("cloudcart", include_str!("../../../shared/profiles/cloudcart.json")),
    ("front-systems", include_str!("../../../shared/profiles/front-systems.json")),
    ("locally", include_str!("../../../shared/profiles/locally.json")),
    ("locallygrown", include_str!("../../../shared/profiles/locallygrown.json")),
    ("standard", include_str!("../../../shared/profiles/standard.json")),
];

/// Tries to subscribe with these settings, and answers with the place of the first fault.
async fn fault(shop: &Tenant, settings: Value) -> (String, String) {
    let mut body = json!({ "url": "https://example.com/in", "event_types": ["*"] });
    for (name, value) in settings.as_object().expect("an object") {
        body[name] = value.clone();
    }
    let refused: Value = shop.api.post(&shop.path("/subscriptions"), &body).await.with(422).json();
    let text = |member: &str| refused["errors"][0][member].as_str().unwrap_or_default().to_owned();
    (text("path"), text("message"))
}

#[tokio::test]
async fn every_profile_is_listed_as_its_file_says() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &[]).await;
    let key: Value = shop.api.post(&shop.path("/keys"), &json!({})).await.with(201).json();
    let own = shop.api.with_key(key["key"].as_str().expect("a key"));
    let files = FILES.map(|(_, file)| serde_json::from_str::<Value>(file).expect("JSON"));
    for api in [&shop.api, &own] {
        let listed: Value = api.get("/v1/profiles").await.with(200).json();
        assert_eq!(listed, json!({ "items": files, "next_cursor": null }));
        for ((name, _), file) in FILES.iter().zip(&files) {
            assert_eq!(
                api.get(&format!("/v1/profiles/{name}")).await.with(200).json::<Value>(),
                *file
            );
        }
    }
    let _ = own.get("/v1/profiles/nothing").await.with(404);
    let _ = own.post("/v1/profiles", &json!({})).await.with(405);
    let _ = own.with_key("wrong").get("/v1/profiles").await.with(401);
    world.finish().await;
}

#[tokio::test]
async fn a_subscription_that_names_no_profile_has_its_tenants_default() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let put = json!({ "default_profile": "cloudcarts" });
    let refused: Value = shop.api.put(&shop.path(""), &put).await.with(422).json();
    assert_eq!(refused["errors"][0]["path"], "default_profile");
    let plain = shop.subscribe(&receiver, "/standard", json!({ "overrides": {} })).await;
    assert_eq!(shop.show(&plain).await["profile"], "standard");
    shop.set_default_profile("cloudcart").await;
    assert_eq!(
        shop.api.get(&shop.path("")).await.with(200).json::<Value>()["default_profile"],
        "cloudcart"
    );
    let cloudcart = shop.subscribe(&receiver, "/cloudcart", json!({ "overrides": {} })).await;
    let chosen = json!({ "profile": "standard", "overrides": {} });
    let chosen = shop.subscribe(&receiver, "/chosen", chosen).await;
    shop.set_default_profile("front-systems").await;

    let published = shop.publish("order.created", r#"{"n":1}"#).await;
    for (subscription, path, profile, bare) in [
        (&plain, "/standard", "standard", false),
        (&cloudcart, "/cloudcart", "cloudcart", true),
        (&chosen, "/chosen", "standard", false),
    ] {
        assert_eq!(shop.show(subscription).await["profile"], profile, "{path}");
        let request = receiver.wait(path, 1).await.remove(0);
        assert_eq!(request.text() == r#"{"n":1}"#, bare, "{path}: {}", request.text());
        assert_eq!(request.id(), published.id);
    }
    let changed = shop.patch(&plain, json!({ "profile": "cloudcart" })).await;
    assert_eq!(changed["profile"], "cloudcart");
    shop.publish("order.created", r#"{"n":2}"#).await;
    assert_eq!(receiver.wait("/standard", 2).await[1].text(), r#"{"n":2}"#);
    assert_eq!(fault(&shop, json!({ "profile": "cloudcarts" })).await.0, "profile");
    world.finish().await;
}

#[tokio::test]
async fn a_subscription_overrides_any_field_and_null_gives_it_back() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let overrides = json!({
        "success_status": [418],
        "retry_waits_seconds": [],
        "body": { "at": "${unix_seconds}", "kind": "${type}", "of": "${tenant}", "payload": ["${data}", "${id}"] },
        "signature": { "kind": "hmac_sha256_hex", "header": "X-Shop-Signature", "prefix": "v0:" },
    });
    let settings = json!({ "profile": "locallygrown", "overrides": overrides });
    let own = shop.subscribe(&receiver, "/own", settings).await;
    assert_eq!(shop.show(&own).await["overrides"], overrides);
    let short = json!({ "overrides": { "timeout_seconds": 1, "retry_waits_seconds": [] } });
    let short = shop.subscribe(&receiver, "/short", short).await;
    receiver.script("/own", [Step::status(418), Step::status(200)]);
    receiver.script("/short", [Step::Hold(Gate::default(), 200)]);

    let published = shop.publish("order.created", "1.0").await;
    let delivered = shop.delivery(&own, &published.id, "delivered").await;
    assert_eq!(delivered.outcomes(), [(1, "succeeded", Some(418))]);
    let request = receiver.requests("/own").remove(0);
    let (id, seconds) = (&published.id, published.timestamp.as_unix_seconds());
    let body = format!(
        r#"{{"at":{seconds},"kind":"order.created","of":"shop-1","payload":[1.0,"{id}"]}}"#
    );
    assert_eq!(request.text(), body);
    assert_eq!(
        request.header("x-shop-signature"),
        format!("v0:{}", hex_hmac(&own.secret, &request.body))
    );
    assert!(!request.headers.contains_key("x-locallygrown-signature"), "{:?}", request.headers);
    let timed_out = shop.delivery(&short, &published.id, "exhausted").await;
    assert_eq!(timed_out.outcomes(), [(1, "timed_out", None)]);
    let took = timed_out.attempts()[0].duration_ms;
    assert!((1000..10_000).contains(&took), "not its own second, but {took} ms");

    let given_back =
        json!({ "overrides": { "body": null, "signature": null, "success_status": null } });
    let patched = shop.patch(&own, given_back).await;
    assert_eq!(patched["overrides"], json!({ "retry_waits_seconds": [] }));
    let published = shop.publish("order.created", "2.0").await;
    let delivered = shop.delivery(&own, &published.id, "delivered").await;
    assert_eq!(delivered.outcomes(), [(1, "succeeded", Some(200))]);
    let request = receiver.requests("/own").remove(1);
    assert!(
        request
            .text()
            .ends_with(r#""data":{"object":2.0},"market_id":"shop-1","api_version":"2024-01-01"}"#)
    );
    assert!(!request.headers.contains_key("x-shop-signature"), "{:?}", request.headers);
    let signature = format!("sha256={}", hex_hmac(&own.secret, &request.body));
    assert_eq!(request.header("x-locallygrown-signature"), signature);
    world.finish().await;
}

#[tokio::test]
async fn an_override_that_is_unknown_or_out_of_bounds_is_refused_with_its_path() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let subscription =
        shop.subscribe(&receiver, "/", json!({ "overrides": { "timeout_seconds": 3 } })).await;
    let before = shop.show(&subscription).await;
    let signature = |header: &str| json!({ "kind": "token", "header": header });
    let cases = [
        ("retries", json!(3)),
        ("name", json!("mine")),
        ("retry_waits_seconds", json!([1, 0])),
        ("retry_waits_seconds", json!(vec![1; 21])),
        ("jitter_percent", json!(51)),
        ("max_retry_after_seconds", json!(43_201)),
        ("timeout_seconds", json!(0)),
        ("timeout_seconds", json!(31)),
        ("timeout_seconds", json!("5")),
        ("success_status", json!([])),
        ("success_status", json!([200, "2xy"])),
        ("disable_on_status", json!([99])),
        ("delete_on_response_text", json!("bye")),
        ("rate_limit_per_minute", json!(1001)),
        ("failing_after_attempts", json!(0)),
        ("signature", json!({ "kind": "md5", "header": "X-Sum" })),
        ("signature.header", signature("webhook-id")),
        ("signature.header", signature("content-type")),
        ("signature.header", signature("not a name")),
        ("body", json!({ "id": "${uuid}" })),
        ("body", json!("id: ${id}")),
        ("body_format", json!("yaml")),
    ];
    for (field, value) in cases {
        let name = field.split('.').next().expect("a name");
        let overrides = json!({ "overrides": { name: value } });
        let (path, message) = fault(&shop, overrides.clone()).await;
        let expected = format!("overrides.{field}");
        assert!(
            path.starts_with(&expected) && !message.is_empty(),
            "{overrides}: {path}: {message}"
        );
        let route = shop.path(&format!("/subscriptions/{}", subscription.id));
        let refused: Value = shop.api.patch(&route, &overrides).await.with(422).json();
        assert_eq!(refused["errors"][0]["path"], path, "{overrides}");
    }
    assert!(fault(&shop, json!({ "overrides": [1] })).await.0.starts_with("overrides"));
    assert_eq!(shop.show(&subscription).await, before);
    world.finish().await;
}

#[tokio::test]
async fn a_secret_that_a_profile_cannot_use_is_refused_and_not_shown() {
    const PRIVATE: &str = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
    const PUBLIC: &str = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let long = "x".repeat(257);
    let cases = [
        ("standard", "your-webhook-secret-key"),
        ("standard", "whsec_c2hvcnQ="),
        ("standard", "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("cloudcart", PUBLIC),
        ("locally", PRIVATE),
        ("locally", "has a space"),
        ("locally", "сега-не"),
        ("locally", "7-bytes"),
        ("locallygrown", PRIVATE),
        ("locallygrown", &long),
        ("locallygrown", " outer space "),
    ];
    for (profile, secret) in cases {
        let (path, message) = fault(&shop, json!({ "profile": profile, "secret": secret })).await;
        assert_eq!(path, "secret", "{profile} with {secret}");
        assert!(!message.contains(secret), "{message}");
        let fitting = shop.subscribe(&receiver, "/", json!({ "profile": profile })).await;
        let route = shop.path(&format!("/subscriptions/{}/secret/rotate", fitting.id));
        let refused = shop.api.post(&route, &json!({ "secret": secret })).await.with(422);
        assert_eq!(
            refused.json::<Value>()["errors"][0]["path"],
            "secret",
            "{profile} with {secret}"
        );
        assert!(!refused.text().contains(secret), "{}", refused.text());
        assert_eq!(shop.secret(&fitting).await["secret"], fitting.secret);
    }
    for settings in [
        json!({ "profile": "locally", "secret_type": "ed25519" }),
        json!({ "secret_type": "rsa" }),
        json!({ "secret_type": "hmac", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }),
    ] {
        assert_eq!(fault(&shop, settings.clone()).await.0, "secret_type", "{settings}");
    }
    // A change of the profile does not leave a subscription with a secret that it cannot use.
    let private = shop.subscribe(&receiver, "/", json!({ "secret": PRIVATE })).await;
    let token = shop.subscribe(&receiver, "/", json!({ "profile": "locally" })).await;
    for (subscription, profile) in
        [(&private, "locally"), (&private, "locallygrown"), (&token, "standard")]
    {
        let route = shop.path(&format!("/subscriptions/{}", subscription.id));
        let _ = shop.api.patch(&route, &json!({ "profile": profile })).await.with(422);
        assert_ne!(shop.show(subscription).await["profile"], profile);
    }
    world.finish().await;
}
