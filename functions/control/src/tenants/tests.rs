use serde_json::{Value, json};

use super::*;

const DAY: u64 = 24 * 3600;
const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const TERMS: Terms = Terms {
    retention: Duration::from_secs(30 * DAY),
    events_per_minute: 60_000,
    ordered_delivery: true,
};

fn wanted(body: Value) -> PutTenant {
    serde_json::from_value(body).expect("a body")
}

fn id() -> TenantId {
    "shop-1".parse().expect("an id")
}

fn put(body: Value, earlier: Option<&Tenant>, terms: &Terms) -> Result<Tenant, ApiError> {
    wanted(body).checked(terms)?.over(id(), earlier, None, terms, NOW)
}

/// The place of the one fault.
fn fault(body: Value) -> String {
    match put(body, None, &TERMS) {
        Err(ApiError::Invalid(faults)) => faults[0].path.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_new_tenant_has_the_default_profile_and_no_limits_of_its_own() {
    let tenant = put(json!({}), None, &TERMS).expect("a tenant");
    assert_eq!(tenant.default_profile, profile::DEFAULT);
    assert_eq!((tenant.retention_days, tenant.events_per_minute), (None, None));
    assert_eq!([tenant.created_at, tenant.updated_at, tenant.portal_links_from], [NOW; 3]);
}

#[test]
fn a_tenant_that_is_put_again_keeps_its_age_and_its_revoked_links_and_nothing_else() {
    let earlier = Tenant {
        created_at: NOW.before(Duration::from_secs(DAY)),
        portal_links_from: NOW.before(Duration::from_mins(1)),
        ..put(json!({ "name": "Shop", "retention_days": 7 }), None, &TERMS).expect("a tenant")
    };
    let tenant = put(json!({}), Some(&earlier), &TERMS).expect("a tenant");
    assert_eq!(tenant.created_at, earlier.created_at);
    assert_eq!(tenant.portal_links_from, earlier.portal_links_from);
    assert_eq!(tenant.updated_at, NOW);
    assert_eq!((tenant.name.as_str(), tenant.retention_days), ("", None));
}

#[test]
fn each_field_has_its_bounds() {
    assert_eq!(fault(json!({ "name": "x".repeat(201) })), "name");
    assert_eq!(fault(json!({ "default_profile": "nobodys" })), "default_profile");
    assert_eq!(fault(json!({ "retention_days": 0 })), "retention_days");
    assert_eq!(fault(json!({ "retention_days": 31 })), "retention_days");
    assert_eq!(fault(json!({ "events_per_minute": 10_000_001 })), "events_per_minute");
    let most = json!({
        "name": "ä".repeat(200), "retention_days": 30, "events_per_minute": 10_000_000,
    });
    assert!(put(most, None, &TERMS).is_ok());
}

#[test]
fn order_is_given_only_by_a_deployment_that_has_it_and_stays_where_it_is() {
    let none = Terms { ordered_delivery: false, ..TERMS };
    let ordered = || json!({ "ordered": true });
    let refused = put(ordered(), None, &none);
    assert!(matches!(refused, Err(ApiError::Conflict(_))), "{refused:?}");
    let earlier = put(ordered(), None, &TERMS).expect("an ordered tenant");
    assert!(put(ordered(), Some(&earlier), &none).is_ok(), "it was ordered before");
}

#[test]
fn order_is_not_taken_from_a_subscription_that_was_promised_it() {
    let earlier = put(json!({ "ordered": true }), None, &TERMS).expect("a tenant");
    let subscription = SubscriptionId::new(NOW, 1);
    let put = |body| wanted(body).over(id(), Some(&earlier), Some(subscription), &TERMS, NOW);
    let Err(ApiError::Conflict(detail)) = put(json!({})) else { panic!("it is taken") };
    assert!(detail.contains(&subscription.to_string()), "{detail}");
    assert!(put(json!({ "ordered": true })).is_ok());
}

#[test]
fn a_tenant_is_shown_with_the_terms_of_the_deployment_where_it_has_none() {
    let shown = |body| TenantView::new(put(body, None, &TERMS).expect("a tenant"), &TERMS);
    let view = shown(json!({}));
    assert_eq!((view.retention_days, view.events_per_minute), (30, 60_000));
    let view = shown(json!({ "retention_days": 7, "events_per_minute": 0 }));
    assert_eq!((view.retention_days, view.events_per_minute), (7, 0));
    let less = Terms { retention: Duration::from_secs(3 * DAY), ..TERMS };
    let tenant = put(json!({ "retention_days": 7 }), None, &TERMS).expect("a tenant");
    assert_eq!(
        TenantView::new(tenant, &less).retention_days,
        3,
        "the deployment came to keep less"
    );
}

#[test]
fn postriders_own_tenant_is_not_touched() {
    assert!(unreserved(&id()).is_ok());
    assert!(matches!(unreserved(&TenantId::operations()), Err(ApiError::Invalid(_))));
}
