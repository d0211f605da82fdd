//! What a tenant sets up: overrides over every profile, custom headers, filters, bulk resends,
//! secrets. What is taken is within its bounds, and is written as it was read.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use shared::core::bulk_resend;
use shared::core::subscription::custom_headers::{CustomHeaders, MAX_HEADERS, MAX_VALUE_LEN};
use shared::core::event::event_type::Filter;
use shared::core::subscription::policy::{MAX_RETRIES, MAX_TIMEOUT_SECONDS, MAX_WAIT_SECONDS, Policy};
use shared::core::subscription::profile::{self, Overrides};
use shared::core::signature::Secret;

#[derive(Deserialize)]
struct Settings {
    #[serde(default)]
    overrides: Overrides,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    event_types: Option<Filter>,
    secret: Option<String>,
}

fuzz_target!(|body: &str| {
    if let Ok(asked) = serde_json::from_str::<bulk_resend::Request>(body) {
        let written = serde_json::to_string(&asked).expect("written");
        assert_eq!(serde_json::from_str::<bulk_resend::Request>(&written).expect("read"), asked);
    }
    let Ok(settings) = serde_json::from_str::<Settings>(body) else { return };
    for profile in profile::all() {
        if let Ok(policy) = settings.overrides.over(profile) {
            check_policy(&policy);
        }
    }
    if let Ok(headers) = CustomHeaders::try_from(settings.headers) {
        assert!(headers.iter().count() <= MAX_HEADERS);
        for (name, value) in headers.iter() {
            http::HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
            http::HeaderValue::from_str(value).expect("a header's value");
            assert!(value.len() <= MAX_VALUE_LEN && !name.starts_with("webhook-") && name != "host");
        }
    }
    if let Some(filter) = settings.event_types {
        let written = serde_json::to_string(&filter).expect("written");
        assert_eq!(serde_json::from_str::<Filter>(&written).expect("read"), filter);
    }
    if let Some(Ok(secret)) = settings.secret.map(|text| text.parse::<Secret>()) {
        assert!(secret.reveal().parse::<Secret>().is_ok_and(|again| again == secret));
        assert!(secret.verifies(&secret.sign("evt_1", 1, b"body"), "evt_1", 1, b"body"));
    }
});

fn check_policy(policy: &Policy) {
    assert!(policy.retry_waits_seconds.len() <= MAX_RETRIES);
    assert!(policy.retry_waits_seconds.iter().all(|wait| (1..=MAX_WAIT_SECONDS).contains(wait)));
    assert!((1..=MAX_TIMEOUT_SECONDS).contains(&policy.timeout_seconds) && policy.jitter_percent <= 50);
    assert!(!policy.success_status.is_empty());
    if let Some(header) = policy.signature.header() {
        http::HeaderName::from_bytes(header.as_bytes()).expect("a header's name");
    }
    let written = serde_json::to_string(policy).expect("written");
    assert_eq!(&serde_json::from_str::<Policy>(&written).expect("read"), policy);
}
