use serde_json::json;
use shared::core::delivery::Dropped;
use shared::core::id::{EventId, SubscriptionId};
use shared::edges::clock;

use super::*;

fn attempt(duration_ms: u32) -> Attempt {
    let started_at = clock::now();
    let made = json!({
        "number": 0,
        "trigger": "event",
        "started_at": started_at,
        "duration_ms": duration_ms,
        "outcome": "rejected",
        "status": 500,
        "timing": { "first_byte_ms": 1.5 },
    });
    serde_json::from_value(made).expect("an attempt")
}

fn row() -> Delivery {
    let now = clock::now();
    let (subscription, event) = (SubscriptionId::new(now, 1), EventId::new(now, 2));
    let (tenant, event_type) =
        ("shop-1".parse().expect("a tenant"), "order.created".parse().expect("a type"));
    Delivery::new(tenant, subscription, event, event_type, now)
}

#[test]
fn an_attempt_is_found_on_record_by_its_facts_whatever_its_number() {
    let (mut row, made) = (row(), attempt(40));
    assert!(!is_on_record(&row, &made));
    row.note(attempt(41));
    assert!(!is_on_record(&row, &made));
    row.note(made.clone());
    assert!(is_on_record(&row, &made));
}

#[test]
fn the_message_of_an_attempt_on_record_waits_as_long_as_the_row_leaves_the_delivery_to_it() {
    assert_eq!(still(Duty::Attempt, Some(Placement::Hide(3))), Some(Placement::Hide(3)));
    assert_eq!(still(Duty::Hide(2), Some(Placement::Hide(3))), Some(Placement::Hide(2)));
    assert_eq!(still(Duty::Drop(Dropped::Settled), Some(Placement::Hide(3))), None);
}
