use shared::core::timestamp::Timestamp;

use super::*;

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn row(id: EventId, shard: u8) -> Item {
    let at = id.timestamp().as_millis();
    let attributes = [
        ("partition", text(&format!("delivery#sub_1#{shard}"))),
        ("sort", text(&id.to_string())),
        ("attempts", text(&format!(r#"[{{"request_headers":{{"webhook-id":"{id}"}}}}]"#))),
        ("updated_at", number(at + 250)),
        ("expires_at", number(at / 1_000 + 2_592_000)),
        ("attempt_count", number(1)),
        ("payload_zstd", AttributeValue::B(vec![1, 2, 3])),
    ];
    attributes.map(|(name, value)| (name.to_owned(), value)).into()
}

#[test]
fn a_copy_is_the_row_that_the_other_event_would_have() {
    let at = Timestamp::from_millis(1_790_000_000_000);
    let (original, other) =
        (EventId::new(at, 5), EventId::new(at.before(Duration::from_hours(48)), 6));
    assert_eq!((shard(original), shard(other)), (5, 6));
    assert_eq!(copy(&row(original, 5), original, other), row(other, 6));
    assert_eq!(copy(&row(original, 5), original, original), row(original, 5));
}

#[test]
fn events_are_spread_over_the_whole_span() {
    let span = Duration::from_secs(1_000);
    assert_eq!([share(span, 0, 4), share(span, 2, 4)], [Duration::ZERO, span / 2]);
}
