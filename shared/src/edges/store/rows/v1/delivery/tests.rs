use aws_sdk_dynamodb::types::AttributeValue;

use crate::core::delivery::Delivery;
use crate::core::delivery::attempt::{Attempt, Millis, Outcome, Timing, Trigger};
use crate::core::delivery::headers::{Headers, MASK};
use crate::core::id::{EventId, SubscriptionId};
use crate::core::timestamp::Timestamp;
use crate::edges::store::item::Attributes;
use crate::edges::store::rows;

/// Bytes as DynamoDB counts them: names and values, a number by its digits.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
fn size(item: &Attributes) -> usize {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len().div_ceil(2) + 1,
        other => panic!("a delivery has no {other:?}"),
    };
    item.iter().map(|(name, held)| name.len() + value(held)).sum()
}

fn headers(all: &[(&str, &str)]) -> Headers {
    all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// With the longest of everything that is ordinary.
fn delivered(excerpt: &str, sent: &[(&str, &str)]) -> Delivery {
    let now = Timestamp::from_millis(1_790_000_000_123);
    let (tenant, name) = ("t".repeat(24).parse().unwrap(), "e".repeat(40).parse().unwrap());
    let part = Some(Millis::from(9_999.9));
    let mut attempt = Attempt {
        number: 0,
        trigger: Trigger::Event,
        started_at: now,
        duration_ms: 29_999,
        outcome: Outcome::Succeeded,
        status: Some(200),
        error_class: None,
        timeout_phase: None,
        error: None,
        response_excerpt: None,
        timing: Timing { dns_ms: part, connect_ms: part, tls_ms: part, first_byte_ms: part },
        request_headers: Some(headers(sent)),
        response_headers: None,
    };
    let many: Vec<_> = (10..99).map(|n| format!("x-{n}")).collect();
    attempt.keep_excerpt(excerpt.as_bytes());
    attempt.keep_headers(headers(
        &many.iter().map(|name| (name.as_str(), "12345")).collect::<Vec<_>>(),
    ));
    let mut row =
        Delivery::new(tenant, SubscriptionId::new(now, 1), EventId::new(now, 2), name, now);
    row.note(attempt);
    row
}

#[test]
fn a_delivery_that_succeeds_at_once_is_within_one_write_unit() {
    let one = format!("v1,{}", "s".repeat(44));
    let two = format!("{one} {one}");
    let usual = [
        ("content-type", "application/json"),
        ("user-agent", "Postrider/0.1.0"),
        ("webhook-signature", &one),
    ];
    let rotated = [usual[0], usual[1], ("webhook-signature", &two), ("authorization", MASK)];
    let traceparent = ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let traced = [usual[0], traceparent, usual[1], usual[2]];
    let both = [rotated[0], traceparent, rotated[1], rotated[2], rotated[3]];
    let long = "x".repeat(256);
    for (excerpt, sent, room) in [
        (&*long, &usual[..], true),
        (&*long, &rotated, false),
        ("ok", &rotated, true),
        (&*long, &traced, false),
        ("ok", &traced, true),
        ("ok", &both, true),
        (&*long, &both, false),
    ] {
        let row = delivered(excerpt, sent);
        let bytes = size(
            &rows::write(&super::Delivery::new(&row, row.updated_at.as_unix_seconds())).unwrap(),
        );
        assert!((900..=1024).contains(&bytes), "{bytes} bytes: {row:?}");
        let kept = row.attempts[0].response_headers.as_ref();
        assert_eq!(kept.is_some_and(|headers| !headers.is_empty()), room, "{row:?}");
    }
}
