use serde_json::{Value, json};
use shared::core::signature::Kind;
use shared::core::subscription::{Health, Status};

use super::*;
use crate::tests::{NOW, fault, secret, subscription, terms};

fn later() -> Timestamp {
    NOW.after(std::time::Duration::from_mins(1))
}

fn patch(json: Value) -> Patch {
    serde_json::from_value(json).expect("a patch")
}

fn changed(before: &Subscription, json: Value) -> Result<Changed, ApiError> {
    let headers = BTreeMap::from([("x-api-key".to_owned(), "abc".to_owned())]);
    let opened = Opened { secret: secret(), headers };
    Changed::new(before, patch(json), opened, &terms(), later())
}

fn subscription_after(json: Value) -> Subscription {
    changed(&subscription(), json).expect("a change").subscription
}

#[test]
fn a_field_that_is_absent_stays_and_only_the_time_of_the_change_is_another() {
    let Changed { subscription: after, headers } =
        changed(&subscription(), json!({})).expect("a change");
    assert_eq!(after, Subscription { updated_at: later(), ..subscription() });
    assert!(headers.is_none());
}

#[test]
fn a_field_that_is_given_replaces_what_was_there() {
    let after = subscription_after(json!({
        "url": "https://example.org/", "event_types": ["order.*"], "description": "new",
        "profile": "cloudcart",
    }));
    assert_eq!(after.endpoint.as_str(), "https://example.org/");
    assert_eq!(json!(after.filter), json!(["order.*"]));
    assert_eq!((after.description.as_str(), after.profile.as_str()), ("new", "cloudcart"));
}

#[test]
fn null_goes_back_to_the_default() {
    let before = Subscription {
        profile: "cloudcart".to_owned(),
        overrides: serde_json::from_value(json!({ "timeout_seconds": 5 })).expect("overrides"),
        ..subscription()
    };
    let null = json!({ "description": null, "profile": null, "overrides": null });
    let after = changed(&before, null).expect("a change").subscription;
    assert_eq!((after.description.as_str(), after.profile.as_str()), ("", "standard"));
    assert_eq!(json!(after.overrides), json!({}));
}

#[test]
fn overrides_are_replaced_by_field_and_one_that_is_null_is_the_profiles_again() {
    let before = Subscription {
        overrides: serde_json::from_value(
            json!({ "timeout_seconds": 5, "rate_limit_per_minute": 9 }),
        )
        .expect("overrides"),
        ..subscription()
    };
    let json = json!({ "overrides": { "timeout_seconds": null, "retry_waits_seconds": [1] } });
    let after = changed(&before, json).expect("a change").subscription;
    let expected = json!({ "rate_limit_per_minute": 9, "retry_waits_seconds": [1] });
    assert_eq!(json!(after.overrides), expected);
}

#[test]
fn headers_are_merged_by_name_in_either_case() {
    let headers = |json: Value| {
        let headers = changed(&subscription(), json).expect("a change").headers;
        headers.expect("other headers").json()
    };
    let added = headers(json!({ "headers": { "X-Shop": "1" } }));
    assert_eq!(added.as_deref(), Some(r#"{"x-api-key":"abc","x-shop":"1"}"#));
    let replaced = headers(json!({ "headers": { "X-API-Key": "new" } }));
    assert_eq!(replaced.as_deref(), Some(r#"{"x-api-key":"new"}"#));
    assert_eq!(headers(json!({ "headers": { "x-api-key": null } })), None);
}

#[test]
fn headers_are_needed_only_where_some_of_them_stay() {
    assert!(patch(json!({ "headers": { "x-shop": "1" } })).keeps_headers());
    assert!(!patch(json!({ "headers": null })).keeps_headers());
    assert!(!patch(json!({})).keeps_headers());
    let opened = Opened { secret: secret(), headers: BTreeMap::new() };
    let json = json!({ "headers": null });
    let changed = Changed::new(&subscription(), patch(json), opened, &terms(), later());
    assert!(changed.expect("a change").headers.expect("none").is_empty());
}

#[test]
fn a_status_that_is_asked_for_has_no_reason_any_more() {
    let before = Subscription {
        status: Status::Disabled,
        status_reason: Some("it answered 410".to_owned()),
        ..subscription()
    };
    let after = |json| changed(&before, json).expect("a change").subscription;
    let active = after(json!({ "status": "active" }));
    assert_eq!((active.status, active.status_reason), (Status::Active, None));
    let same = after(json!({ "description": "new" }));
    assert_eq!((same.status, same.status_reason), (before.status, before.status_reason.clone()));
}

#[test]
fn a_change_while_its_receiver_fails_is_a_new_start_and_keeps_the_health_to_be_saved_over() {
    let failing = Health { failed_attempts: 9, failing_since: Some(NOW), ..Health::default() };
    let before = Subscription { health: failing, ..subscription() };
    let after = changed(&before, json!({ "url": "https://example.org/" })).expect("a change");
    assert_eq!(after.subscription.health, failing);
    assert!(after.subscription.new_start(&before).is_some());
    let paused = changed(&before, json!({ "status": "paused" })).expect("a change");
    assert!(paused.subscription.new_start(&before).is_none());
}

#[test]
fn each_fault_is_told_with_its_place() {
    let refused = |json| fault(changed(&subscription(), json));
    assert_eq!(refused(json!({ "url": "https://127.0.0.1/" })), "url");
    assert_eq!(refused(json!({ "description": "x".repeat(501) })), "description");
    assert_eq!(refused(json!({ "profile": "nobodys" })), "profile");
    let timeout = json!({ "overrides": { "timeout_seconds": 0 } });
    assert_eq!(refused(timeout), "overrides.timeout_seconds");
    assert_eq!(refused(json!({ "headers": { "webhook-id": "1" } })), "headers");
}

#[test]
fn order_is_decided_when_a_subscription_is_made() {
    let refused = changed(&subscription(), json!({ "ordered": true }));
    assert!(matches!(refused, Err(ApiError::Conflict(_))), "{refused:?}");
    assert!(changed(&subscription(), json!({ "ordered": false })).is_ok(), "as it is");
}

#[test]
fn a_profile_that_cannot_use_the_secret_is_refused_until_the_secret_is_rotated() {
    let opened = || Opened { secret: Secret::new(Kind::Plain, [1; 32]), headers: BTreeMap::new() };
    let change = |before: &Subscription| {
        Changed::new(before, patch(json!({ "profile": "standard" })), opened(), &terms(), later())
    };
    let before = Subscription { profile: "locally".to_owned(), ..subscription() };
    assert_eq!(fault(change(&before)), "secret");
}
