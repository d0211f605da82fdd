//! Receivers that fail, in every way in which they do: each is told apart on record.

use bytes::Bytes;
use serde_json::{Value, json};
use tests::rude::{Manner, Rude, nobody};
use tests::{Attempt, Options, Receiver, Step, Tenant, World};

/// Subscribes a URL for one attempt of a second, and answers with the subscription's id.
async fn subscribe(shop: &Tenant, url: &str) -> String {
    let overrides = json!({ "retry_waits_seconds": [], "timeout_seconds": 1 });
    let body = json!({ "url": url, "event_types": ["*"], "overrides": overrides });
    let made: Value = shop.api.post(&shop.path("/subscriptions"), &body).await.with(201).json();
    made["id"].as_str().expect("an id").to_owned()
}

/// The only attempt of a delivery, once it ended.
async fn attempt(shop: &Tenant, subscription: &str, event: &str) -> Attempt {
    let subscription = tests::Subscription { id: subscription.to_owned(), secret: String::new() };
    let ended = |delivery: &tests::Delivery| delivery.status != "pending";
    let mut delivery = shop.delivery_when(&subscription, event, "the delivery ended", ended).await;
    let attempts = delivery.attempts.take().expect("attempts");
    let [attempt] = attempts.try_into().expect("one attempt");
    attempt
}

#[tokio::test]
async fn receivers_that_do_not_answer_are_told_apart() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let manners = [
        (Manner::Reset, "unreachable", "connect_reset"),
        (Manner::Close, "unreachable", "connect_reset"),
        (Manner::Hang, "timed_out", "timeout"),
        (Manner::DripHead, "timed_out", "timeout"),
        (Manner::Garbage, "unreachable", "protocol"),
        (Manner::Interim, "timed_out", "timeout"),
        (Manner::Headers, "unreachable", "protocol"),
        (Manner::LongHeader, "unreachable", "protocol"),
    ];
    let (mut servers, mut cases) = (Vec::new(), Vec::new());
    for (manner, outcome, class) in manners {
        let server = Rude::start(manner).await;
        cases.push((server.url().to_owned(), outcome, class));
        servers.push(server);
    }
    let deaf_to_tls = servers[4].url().replace("http://", "https://");
    cases.push((nobody().await, "unreachable", "connect_refused"));
    cases.push(("https://does-not-exist.invalid/".to_owned(), "unreachable", "dns"));
    cases.push((deaf_to_tls, "unreachable", "tls"));
    let mut subscriptions = Vec::new();
    for (url, _, _) in &cases {
        subscriptions.push(subscribe(&shop, url).await);
    }
    let published = shop.publish("order.created", "1").await;
    for ((url, outcome, class), subscription) in cases.iter().zip(&subscriptions) {
        let made = attempt(&shop, subscription, &published.id).await;
        let found = (made.outcome.as_str(), made.error_class.as_deref(), made.status);
        assert_eq!(found, (*outcome, Some(*class), None), "{url}: {:?}", made.error);
        assert!(made.error.is_some_and(|words| !words.is_empty()), "{url}");
        if *class == "timeout" {
            assert!((1000..2000).contains(&made.duration_ms), "{url}: {} ms", made.duration_ms);
        }
    }
    world.drained().await;
    assert!(servers[..4].iter().all(|server| server.count() == 1));
    world.finish().await;
}

#[tokio::test]
async fn a_redirect_is_a_rejection_and_is_not_followed_wherever_it_points() {
    let world = World::start(Options::default().with("EgressAllow", "127.0.0.1/32")).await;
    let (receiver, other) = (Receiver::start().await, Rude::start(Manner::Close).await);
    let private = Rude::start_at("127.0.0.2:0", Manner::Close).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let elsewhere = receiver.url("/elsewhere");
    let mut cases = Vec::new();
    for status in [301, 302, 303, 307, 308] {
        for (name, location) in
            [("same", elsewhere.as_str()), ("other", other.url()), ("private", private.url())]
        {
            let path = format!("/{status}/{name}");
            receiver.script(&path, [Step::header(status, "location", location)]);
            let subscription = subscribe(&shop, &receiver.url(&path)).await;
            cases.push((status, path, subscription));
        }
    }
    let published = shop.publish("order.created", "1").await;
    for (status, path, subscription) in &cases {
        let made = attempt(&shop, subscription, &published.id).await;
        assert_eq!((made.outcome.as_str(), made.status), ("rejected", Some(*status)), "{path}");
        assert!(
            made.error.is_some_and(|words| words.contains("redirects are not followed")),
            "{path}"
        );
    }
    world.drained().await;
    assert!(cases.iter().all(|(_, path, _)| receiver.count(path) == 1));
    assert_eq!((receiver.count("/elsewhere"), other.count(), private.count()), (0, 0, 0));
    world.finish().await;
}

#[tokio::test]
async fn a_huge_or_endless_answer_is_kept_as_an_excerpt_only() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let (dripping, endless) =
        (Rude::start(Manner::DripBody).await, Rude::start(Manner::Body).await);
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let huge = Bytes::from("0123456789abcdef".repeat(1 << 18));
    receiver.script("/good", [Step::body(200, huge.clone())]);
    receiver.script("/bad", [Step::body(500, huge.clone())]);
    receiver.script("/binary", [Step::body(500, vec![0xff; 10])]);
    let mut subscriptions = Vec::new();
    let mut urls = ["/good", "/bad", "/binary"].map(|path| receiver.url(path)).to_vec();
    urls.extend([dripping.url().to_owned(), endless.url().to_owned()]);
    for url in &urls {
        subscriptions.push(subscribe(&shop, url).await);
    }
    let published = shop.publish("order.created", "1").await;
    let mut excerpts = Vec::new();
    for subscription in &subscriptions {
        let made = attempt(&shop, subscription, &published.id).await;
        excerpts.push((made.status, made.response_excerpt.unwrap_or_default()));
    }
    let text = std::str::from_utf8(&huge).expect("ASCII");
    assert_eq!(excerpts[0], (Some(200), text[..256].to_owned()));
    assert_eq!(excerpts[1], (Some(500), text[..4096].to_owned()));
    assert_eq!(excerpts[2], (Some(500), "\u{fffd}".repeat(10)));
    let (status, dripped) = &excerpts[3];
    assert_eq!(*status, Some(200), "the status arrived in time");
    assert!(dripped.chars().all(|c| c == 'x') && (1..60).contains(&dripped.len()), "{dripped}");
    assert_eq!(excerpts[4], (Some(200), "x".repeat(256)));
    world.finish().await;
}

/// 64 KiB of zeros in 96 bytes; a gzip file may have any number of such members.
const GZIP: &str = "1f8b0800000000000203edc101010000008090feafee080a0000000000000000000000000000000000000000000000000000\
    000000000000000000000000000000000000000000000000006aeb8e97d700000100";

#[tokio::test]
async fn a_compressed_answer_is_kept_as_the_bytes_it_came_in() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    // Inflated, a gigabyte.
    let bomb = hex::decode(GZIP).expect("hexadecimal").repeat(1 << 14);
    let answer = |status| {
        Step::Answer(status, vec![("content-encoding", "gzip".to_owned())], bomb.clone().into())
    };
    receiver.script("/", [answer(500), answer(200)]);
    let overrides = json!({ "retry_waits_seconds": [1], "jitter_percent": 0 });
    let subscription = shop.subscribe(&receiver, "/", json!({ "overrides": overrides })).await;
    let published = shop.publish("order.created", "1").await;
    let delivered = shop.delivery(&subscription, &published.id, "delivered").await;
    assert!(
        !receiver.requests("/")[0].headers.contains_key("accept-encoding"),
        "nothing compressed is asked for"
    );
    let headers = delivered.attempts()[0].response_headers.as_ref().expect("headers");
    assert_eq!(headers["content-encoding"], "gzip");
    let text = String::from_utf8_lossy(&bomb);
    for (made, least) in delivered.attempts().iter().zip([4000, 250]) {
        let kept = made.response_excerpt.as_deref().expect("an excerpt");
        assert!(kept.len() >= least && text.starts_with(kept), "{:?}: {kept:?}", made.status);
    }
    world.finish().await;
}

#[tokio::test]
async fn a_receiver_puts_the_next_attempt_off_and_never_forward() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let overrides = json!({ "retry_waits_seconds": [1], "jitter_percent": 0 });
    let answers = [
        ("/later", 503, "4", 4),
        ("/limited", 429, "3", 3),
        ("/sooner", 503, "0", 1),
        ("/other", 500, "9", 1),
    ];
    let mut cases = Vec::new();
    for (path, status, asked, wait) in answers {
        receiver.script(path, [Step::header(status, "retry-after", asked), Step::status(200)]);
        cases
            .push((wait, shop.subscribe(&receiver, path, json!({ "overrides": overrides })).await));
    }
    let published = shop.publish("order.created", "1").await;
    for (wait, subscription) in &cases {
        let delivered = shop.delivery(subscription, &published.id, "delivered").await;
        let [first, second] = delivered.attempts() else { panic!("{delivered:?}") };
        let ended = first.started_at.as_millis() + i64::from(first.duration_ms);
        let waited = second.started_at.as_millis() - ended;
        assert!(waited >= wait * 1000, "{:?}: {waited} ms instead of {wait} s", first.status);
        assert!(
            first.status != Some(500) || waited < 8000,
            "only 429 and 503 are listened to: {waited} ms"
        );
    }
    world.finish().await;
}
