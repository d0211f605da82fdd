use serde_json::{Value, json};

use super::*;
use crate::tests::{NOW, fault, sealed, terms};

fn new(extra: &Value) -> NewSubscription {
    let mut body = json!({ "url": "https://example.com/hooks", "event_types": ["*"] });
    for (name, value) in extra.as_object().expect("fields") {
        body[name] = value.clone();
    }
    serde_json::from_value(body).expect("a body")
}

fn owner(ordered: bool) -> Tenant {
    Tenant { ordered, default_profile: "cloudcart".to_owned(), ..Tenant::operations() }
}

fn draft(extra: &Value) -> Result<Draft, ApiError> {
    Draft::new(new(extra), Some(&owner(false)), &terms(), [7; 32])
}

fn made(extra: &Value) -> Subscription {
    let id = SubscriptionId::new(NOW, 1);
    let draft = draft(extra).unwrap_or_else(|error| panic!("{error:?}"));
    draft.sealed("shop-1".parse().expect("an id"), id, NOW, sealed)
}

#[test]
fn a_new_subscription_is_active_at_version_0_and_no_secret_of_it_is_in_clear() {
    let subscription = made(&json!({ "secret_type": null, "headers": { "X-Api-Key": "abc" } }));
    assert_eq!((subscription.status, subscription.version), (Status::Active, 0));
    assert_eq!(subscription.header_names, ["x-api-key"]);
    assert_eq!(subscription.headers, Some(sealed(r#"{"x-api-key":"abc"}"#)));
    assert_eq!(subscription.secrets.previous, None);
    assert!(subscription.secrets.current.as_str().starts_with("sealed "));
    assert_eq!(made(&json!({})).headers, None);
}

#[test]
fn the_profile_is_the_one_that_is_named_or_its_tenants_or_the_default_one() {
    assert_eq!(made(&json!({ "profile": "locally" })).profile, "locally");
    assert_eq!(made(&json!({})).profile, "cloudcart");
    let without = Draft::new(new(&json!({})), None, &terms(), [7; 32]);
    assert_eq!(without.unwrap_or_else(|error| panic!("{error:?}")).profile, "standard");
}

#[test]
fn its_tenant_is_asked_for_a_profile_and_for_order_alone() {
    assert!(new(&json!({})).asks_its_tenant());
    assert!(new(&json!({ "profile": "standard", "ordered": true })).asks_its_tenant());
    assert!(!new(&json!({ "profile": "standard" })).asks_its_tenant());
}

#[test]
fn overrides_that_are_null_are_the_profiles() {
    let overrides = json!({ "timeout_seconds": null, "retry_waits_seconds": [1] });
    let subscription = made(&json!({ "overrides": overrides }));
    assert_eq!(json!(subscription.overrides), json!({ "retry_waits_seconds": [1] }));
}

#[test]
fn order_needs_a_deployment_and_a_tenant_that_keep_it() {
    let ordered = || new(&json!({ "ordered": true }));
    let none = Terms { ordered_delivery: false, ..terms() };
    let cases = [(owner(true), &none), (owner(false), &terms())];
    for (owner, terms) in cases {
        let refused = Draft::new(ordered(), Some(&owner), terms, [7; 32]).map(|_| ());
        assert!(matches!(refused, Err(ApiError::Conflict(_))), "{refused:?}");
    }
    assert!(Draft::new(ordered(), None, &terms(), [7; 32]).is_err(), "the tenant is gone");
    let taken = Draft::new(ordered(), Some(&owner(true)), &terms(), [7; 32]);
    assert!(taken.unwrap_or_else(|error| panic!("{error:?}")).ordered);
}

#[test]
fn each_fault_is_told_with_its_place() {
    let refused = |extra: &Value| fault(draft(extra));
    assert_eq!(refused(&json!({ "url": "http://example.com/" })), "url");
    assert_eq!(refused(&json!({ "description": "x".repeat(501) })), "description");
    assert_eq!(refused(&json!({ "profile": "nobodys" })), "profile");
    assert_eq!(refused(&json!({ "headers": { "host": "a" } })), "headers");
    assert_eq!(refused(&json!({ "secret": "whsec_" })), "secret");
    let timeout = json!({ "overrides": { "timeout_seconds": 0 } });
    assert_eq!(refused(&timeout), "overrides.timeout_seconds");
}
