//! Bodies by template, as JSON and as XML, and their signatures: JSON that reads, XML that another
//! parser reads, the data's bytes within, and signatures over exactly what is sent. Input: a
//! template, a line end, the data.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::Sha256;
use shared::core::body::{Subject, Template};
use shared::core::id::EventId;
use shared::core::signature::Secret;
use shared::core::timestamp::Timestamp;
use shared::core::body::xml;

fuzz_target!(|input: &str| {
    let Some((template, data)) = input.split_once('\n') else { return };
    let Ok(data) = serde_json::from_str::<&RawValue>(data) else { return };
    if let Ok(document) = xml::render(data.get(), "data") {
        assert!(document.len() <= xml::MAX_BYTES + 64 * 1024);
        let document = str::from_utf8(&document).expect("UTF-8");
        let read = roxmltree::Document::parse(document).expect("well-formed");
        assert!(read.root_element().has_tag_name("data"));
    }
    let Ok(template) = serde_json::from_str::<Template>(template) else { return };
    let written = serde_json::to_string(&template).expect("written");
    assert_eq!(serde_json::from_str::<Template>(&written).expect("read"), template);
    let event = EventId::new(Timestamp::from_millis(1_700_000_000_123), 5);
    let (event_type, tenant) = ("order.created".parse().expect("name"), "shop-1".parse().expect("tenant"));
    let body = template.render(&Subject { event, event_type: &event_type, tenant: &tenant, data: data.get() });
    serde_json::from_str::<&RawValue>(&body).expect("the body is JSON");
    assert!(!takes_data(&written) || body.contains(data.get()));
    if serde_json::from_str::<Value>(data.get()).is_ok() && serde_json::from_str::<Value>(&written).is_ok() {
        // Within the reader's depth; what surrounds the data adds to it.
        let depth_or_ok = serde_json::from_str::<Value>(&body);
        assert!(depth_or_ok.map_or_else(|error| error.to_string().contains("recursion"), |_| true));
    }
    check_signature(&event.to_string(), body.as_bytes());
});

/// Whether the placeholder is somewhere a value, and not a name or a part of a text.
fn takes_data(template: &str) -> bool {
    template.match_indices("\"${data}\"").any(|(at, found)| {
        let (before, after) = (&template[..at], &template[at + found.len()..]);
        !before.ends_with('\\') && !after.starts_with(':')
    })
}

/// By the specification, and not by the code that signs.
fn check_signature(id: &str, body: &[u8]) {
    let secret = Secret::Hmac(vec![7; 32]);
    let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).expect("any key");
    mac.update(id.as_bytes());
    mac.update(b".1700000000.");
    mac.update(body);
    let expected = format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()));
    assert_eq!(secret.sign(id, 1_700_000_000, body), expected);
}
