use super::*;

fn checked(body: serde_json::Value) -> Result<(Vec<Capability>, Duration), ApiError> {
    serde_json::from_value::<NewPortalLink>(body).expect("a body").checked()
}

/// The place of the one fault.
fn fault(body: serde_json::Value) -> String {
    match checked(body) {
        Err(ApiError::Invalid(faults)) => faults[0].path.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_link_shows_the_page_for_an_hour_where_nothing_else_is_asked() {
    let link = checked(json!({})).expect("a link");
    assert_eq!(link, (vec![Capability::View], Duration::from_hours(1)));
}

#[test]
fn capabilities_come_once_each_and_always_with_the_one_to_look() {
    let (capabilities, _) =
        checked(json!({ "capabilities": ["resend", "manage", "resend"] })).expect("a link");
    for wanted in [Capability::View, Capability::Manage, Capability::Resend] {
        assert_eq!(capabilities.iter().filter(|one| **one == wanted).count(), 1, "{wanted:?}");
    }
    assert_eq!(capabilities.len(), 3);
}

#[test]
fn a_page_publishes_nothing_and_lives_from_a_minute_to_a_day() {
    assert_eq!(fault(json!({ "capabilities": ["publish"] })), "capabilities");
    for seconds in [59, 86_401] {
        assert_eq!(fault(json!({ "lifetime_seconds": seconds })), "lifetime_seconds");
    }
    for seconds in [60, 86_400] {
        let (_, lifetime) = checked(json!({ "lifetime_seconds": seconds })).expect("a link");
        assert_eq!(lifetime, Duration::from_secs(seconds));
    }
}
