//! What holds secrets shows none: not when it is printed, and not when a receiver says what it
//! knows.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use crate::core::access::api_key::{AdminKeys, ApiKey};
use crate::core::body::Subject;
use crate::core::delivery::headers::MASK;
use crate::core::endpoint::Endpoint;
use crate::core::endpoint::address::EgressRule;
use crate::core::id::{EventId, SubscriptionId};
use crate::core::sealing::SealingKeys;
use crate::core::signature::{Kind, Secret};
use crate::core::subscription::custom_headers::CustomHeaders;
use crate::core::subscription::profile::Overrides;
use crate::core::subscription::{Health, Secrets, Status, Subscription};
use crate::core::timestamp::Timestamp;
use crate::edges::api::Request;
use crate::edges::aws::tests::settings;
use crate::edges::receiver::Receiver;
use crate::edges::sender::Answer;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const KEYS: &str = "the-only-sealing-key-of-this-deployment";
const TOKEN: &str = "Bearer t0ken-\"of\"-the-receiver";

fn secret(kind: Kind, byte: u8) -> String {
    Secret::new(kind, [byte; 32]).reveal()
}

/// A subscription with two secrets and a custom header, and the keys that open them.
fn subscription(profile: &str, secrets: [&str; 2]) -> (Subscription, SealingKeys) {
    let keys: SealingKeys = KEYS.parse().expect("keys");
    let id = SubscriptionId::new(NOW, 1);
    let seal = |text: &str| keys.seal(&id.to_string(), text, [7; 12]);
    let subscription = Subscription {
        tenant: "shop-1".parse().expect("an id"),
        id,
        version: 1,
        endpoint: Endpoint::parse("https://example.com/", &EgressRule::default())
            .expect("an endpoint"),
        filter: serde_json::from_value(json!(["*"])).expect("a filter"),
        status: Status::Active,
        status_reason: None,
        ordered: false,
        description: String::new(),
        profile: profile.to_owned(),
        overrides: Overrides::default(),
        headers: Some(seal(&json!({ "authorization": TOKEN }).to_string())),
        header_names: vec!["authorization".to_owned()],
        secrets: Secrets { current: seal(secrets[0]), previous: Some((seal(secrets[1]), NOW)) },
        health: Health::default(),
        created_at: NOW,
        updated_at: NOW,
    };
    (subscription, keys)
}

#[test]
fn nothing_that_holds_a_secret_shows_it_when_it_is_printed() {
    let (hmac, plain, pair) =
        (secret(Kind::Hmac, 1), secret(Kind::Plain, 2), secret(Kind::Ed25519, 3));
    let admin = "an-admin-key-of-this-deployment";
    let mut request = lambda_http::Request::new(lambda_http::Body::from(hmac.as_str()));
    request.headers_mut().insert("authorization", HeaderValue::from_static(TOKEN));
    let (subscription, keys) = subscription("locally", [&plain, &hmac]);
    let receiver = Receiver::open(&subscription, &keys).expect("it opens");
    let event_type = "order.created".parse().expect("a name");
    let subject = Subject {
        event: EventId::new(NOW, 1),
        event_type: &event_type,
        tenant: &subscription.tenant,
        data: "1",
    };
    let outgoing = receiver.request(&subject, NOW).expect("it renders");
    assert_eq!(outgoing.headers["authorization"], TOKEN, "it is sent");
    let printed = [
        format!("{:?}", ApiKey::from_bearer(admin)),
        format!("{:?}", admin.parse::<AdminKeys>().expect("a key")),
        format!("{keys:?}"),
        [&hmac, &plain, &pair]
            .map(|text| format!("{:?}", text.parse::<Secret>().expect("a secret")))
            .concat(),
        format!(
            "{:?}",
            serde_json::from_value::<CustomHeaders>(json!({ "x": TOKEN })).expect("headers")
        ),
        format!("{:?}", settings("http://127.0.0.1:1")),
        format!("{:?}", Request::new(request)),
        format!("{subscription:?}"),
        format!("{receiver:?}"),
        format!("{outgoing:?}"),
    ];
    for text in &printed {
        for secret in
            [&hmac[6..], &plain, &pair[5..40], admin, KEYS, "t0ken", "very-secret", "token-secret"]
        {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

#[test]
fn a_receivers_answer_is_shown_without_what_it_was_sent_or_verifies_with() {
    // In base64 the first is slashes, which PHP writes as `\/`.
    let (new, old) = (secret(Kind::Hmac, 255), secret(Kind::Hmac, 2));
    let (subscription, keys) = subscription("standard", [&new, &old]);
    let receiver = Receiver::open(&subscription, &keys).expect("it opens");
    let json = Value::from(TOKEN).to_string();
    let cases = [
        (format!("the secret is {new}, or {old}"), format!("the secret is {MASK}, or {MASK}")),
        (format!("key = {};", &new[6..]), format!("key = {MASK};")),
        (format!("\"{}\"", new.replace('/', "\\/")), format!("\"{MASK}\"")),
        (format!("got {TOKEN}"), format!("got {MASK}")),
        (format!("no token {}", &TOKEN[7..]), format!("no token {MASK}")),
        (format!("{{\"got\":{json}}}"), format!("{{\"got\":\"{MASK}\"}}")),
        ("Bearer of news".to_owned(), "Bearer of news".to_owned()),
    ];
    for (said, shown) in cases {
        assert_eq!(receiver.masked_body(said.as_bytes()), shown);
        let mut headers = HeaderMap::new();
        headers.insert("x-echo", HeaderValue::try_from(&said).expect("a value"));
        let answer = Answer { status: 200, headers, excerpt: Bytes::from(said).to_vec() };
        assert_eq!(receiver.shown_headers(&answer)["x-echo"], shown);
    }
}
