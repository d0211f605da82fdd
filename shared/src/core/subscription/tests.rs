use super::*;
use crate::core::endpoint::address::EgressRule;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn subscription(status: Status, failing_since: Option<Timestamp>) -> Subscription {
    Subscription {
        tenant: "shop-1".parse().expect("an id"),
        id: SubscriptionId::new(NOW, 1),
        version: 1,
        endpoint: Endpoint::parse("https://example.com/", &EgressRule::default())
            .expect("an endpoint"),
        filter: serde_json::from_str(r#"["*"]"#).expect("a filter"),
        status,
        status_reason: None,
        ordered: false,
        description: String::new(),
        profile: profile::DEFAULT.to_owned(),
        overrides: Overrides::default(),
        headers: None,
        header_names: Vec::new(),
        secrets: Secrets { current: Sealed::from_stored("sealed".to_owned()), previous: None },
        health: Health { failed_attempts: 3, failing_since, ..Health::default() },
        created_at: NOW,
        updated_at: NOW,
    }
}

#[test]
fn a_changed_subscription_starts_anew_if_it_is_active_and_was_not_or_was_failing() {
    use Status::{Active, Disabled, Paused};
    let failing = Some(NOW);
    let cases = [
        (Active, None, Active, false),
        (Active, failing, Active, true),
        (Paused, None, Active, true),
        (Paused, failing, Active, true),
        (Disabled, None, Active, true),
        (Active, failing, Paused, false),
        (Active, failing, Disabled, false),
        (Paused, failing, Paused, false),
        (Disabled, None, Paused, false),
    ];
    for (status, failing_since, then, starts) in cases {
        let before = subscription(status, failing_since);
        let after = Subscription { status: then, ..before.clone() };
        let release = after.new_start(&before);
        assert_eq!(release.is_some(), starts, "{status:?}, {failing_since:?}, then {then:?}");
    }
}

#[test]
fn a_new_start_releases_what_is_held_of_the_subscription_from_the_change_on() {
    let before = subscription(Status::Paused, None);
    let later = NOW.after(std::time::Duration::from_secs(1));
    let after = Subscription { status: Status::Active, updated_at: later, ..before.clone() };
    let release = after.new_start(&before);
    assert_eq!(release, Some(Release::new(before.tenant, before.id, later)));
}
