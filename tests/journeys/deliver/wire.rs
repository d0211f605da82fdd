//! The request as it goes out, byte for byte: what receivers rely on. The snapshot is the promise.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tests::{Options, Tenant, Wire, World};

/// Each is such as its profile wants it.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PLAIN: &str = "a-secret-of-the-receivers-own";
/// White space, number texts and escapes that a re-serialisation would change.
const DATA: &str = r#"{ "id":  1001, "total": 19.90, "note": "\u0041 caf\u00e9" }"#;
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Subscribes with these settings, publishes, and answers with the request, in which what differs
/// from time to time has a name instead.
async fn sent(shop: &Tenant, wire: &Wire, settings: &Value) -> String {
    const PATH: &str = "/in?shop=7";
    let mut body =
        json!({ "url": format!("http://{}{PATH}", wire.address()), "event_types": ["*"] });
    for (name, value) in settings.as_object().expect("an object") {
        body[name] = value.clone();
    }
    let made: Value = shop.api.post(&shop.path("/subscriptions"), &body).await.with(201).json();
    let headers = [("traceparent", PARENT), ("tracestate", "rojo=1")];
    let published: tests::Published =
        shop.try_publish("order.created", DATA, &headers).await.with(202).json();
    let request = wire.request(PATH).await;
    let subscription =
        shop.path(&format!("/subscriptions/{}", made["id"].as_str().expect("an id")));
    let _ = shop.api.delete(&subscription).await.with(204);

    let (head, body) = request.split_once("\r\n\r\n").expect("a head");
    let mut shown = String::new();
    for line in head.split("\r\n") {
        assert!(!line.contains(['\r', '\n']), "{line:?}");
        let _ = match line.split_once(": ") {
            Some((name @ "webhook-timestamp", seconds)) => {
                assert!(seconds.parse::<u32>().is_ok(), "{line}");
                writeln!(shown, "{name}: <seconds since 1970>")
            }
            Some((name @ "webhook-signature", value)) => {
                let (version, mac) = value.split_once(',').expect("a version");
                writeln!(shown, "{name}: {version},<base64 of {} digits>", mac.len())
            }
            Some((name @ "x-locallygrown-signature", value)) => {
                let (prefix, mac) = value.split_once('=').expect("a prefix");
                assert!(hex::decode(mac).is_ok(), "{line}");
                writeln!(shown, "{name}: {prefix}=<hex of {} digits>", mac.len())
            }
            Some((name @ "traceparent", value)) => {
                let (trace, span) = (&PARENT[..36], &value[36..]);
                assert!(value.starts_with(trace) && span != &PARENT[36..], "{line}");
                writeln!(shown, "{name}: {trace}<a span of its own>{}", &span[16..])
            }
            _ => writeln!(shown, "{line}"),
        };
    }
    let at = published.timestamp;
    let _ = write!(shown, "\n{body}");
    shown
        .replace(wire.address(), "<the receiver's address>")
        .replace(concat!("Postrider/", env!("CARGO_PKG_VERSION")), "Postrider/<version>")
        .replace(&published.id, "<the event's id>")
        .replace(&at.to_string(), "<the event's time>")
        .replace(&at.as_unix_seconds().to_string(), "<the event's second>")
}

#[tokio::test]
async fn requests_have_the_promised_bytes_by_every_profile() {
    let world = World::start(Options::default()).await;
    let wire = Wire::start().await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let own = json!({ "X-Shop": "7", "Authorization": "Bearer of-the-receivers-own" });
    let xml = json!({ "body_format": "xml" });
    let cases = [
        ("standard", json!({ "profile": "standard", "secret": SECRET })),
        (
            "standard, with headers",
            json!({ "profile": "standard", "secret": SECRET, "headers": own }),
        ),
        ("cloudcart", json!({ "profile": "cloudcart", "secret": SECRET })),
        (
            "cloudcart, as XML",
            json!({ "profile": "cloudcart", "secret": SECRET, "overrides": xml }),
        ),
        ("front-systems", json!({ "profile": "front-systems", "secret": SECRET })),
        ("locally", json!({ "profile": "locally", "secret": PLAIN })),
        ("locallygrown", json!({ "profile": "locallygrown", "secret": PLAIN })),
    ];
    let mut all = String::new();
    for (name, settings) in &cases {
        let _ = writeln!(all, "# {name}\n{}\n", sent(&shop, &wire, settings).await);
    }
    insta::assert_snapshot!(all);
    world.finish().await;
}
