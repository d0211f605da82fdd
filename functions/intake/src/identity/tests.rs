use proptest::prelude::*;
use serde_json::value::RawValue;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn id(n: u128) -> EventId {
    EventId::new(NOW, n)
}

fn split(pointer: &str) -> Split {
    pointer.parse().expect("a pointer")
}

fn event(r#type: &str, data: &str) -> NewEvent {
    NewEvent {
        r#type: r#type.parse().expect("a type"),
        data: RawValue::from_string(data.to_owned()).expect("JSON"),
        idempotency_key: Some("key".to_owned()),
        split: None,
        parts: Vec::new(),
    }
}

fn published(event: NewEvent) -> Published {
    Published { events: vec![event], batch: true, trace: None }
}

#[test]
fn a_key_that_was_free_makes_a_new_event() {
    let origin = origin(&event("a", "1"));
    assert_eq!(identify(id(1), &origin, Claim::Claimed), Identity::New(id(1)));
}

#[test]
fn a_key_that_made_the_same_event_repeats_it_as_it_was_split_then() {
    let now = origin(&event("a", "1"));
    let then = Origin { split: Some(split("/items")), ..now.clone() };
    assert_eq!(
        identify(id(2), &now, Claim::Taken(id(1), then)),
        Identity::Repeat { id: id(1), split: Some(split("/items")) }
    );
}

#[test]
fn a_key_that_made_another_event_is_a_conflict() {
    let now = origin(&event("a", "1"));
    for other in [event("b", "1"), event("a", "2"), event("a", "1.0")] {
        let claim = Claim::Taken(id(1), origin(&other));
        assert_eq!(identify(id(2), &now, claim), Identity::Conflict { earlier: id(1) });
    }
}

#[test]
fn an_origin_tells_type_and_data_apart() {
    let of = |r#type, data| origin(&event(r#type, data)).fingerprint;
    assert_eq!(of("a", "1"), of("a", "1"));
    assert_ne!(of("a", "11"), of("a1", "1"));
    assert_eq!(of("a", "1").len(), 64, "SHA-256 in hex");
}

#[test]
fn a_repeat_is_split_as_it_was_and_a_new_event_as_its_type_says_now() {
    let data = r#"{"items":[{"a":1}],"others":[{"b":1},{"b":2}]}"#;
    let mut request = published(event("a", data));
    request.events[0].split(Some(split("/items"))).expect("it is split");
    let new = settle(&mut request, 0, Identity::New(id(1))).expect("it is taken");
    assert_eq!((new, request.count()), (Made { id: id(1), is_repeat: false }, 1));
    let repeat = |split| Identity::Repeat { id: id(7), split };
    for (split, parts) in [(Some(split("/items")), 1), (Some(split("/others")), 2), (None, 0)] {
        let made = settle(&mut request, 0, repeat(split.clone())).expect("it is taken");
        assert_eq!(made, Made { id: id(7), is_repeat: true });
        assert_eq!(request.events[0].parts.len(), parts, "{split:?}");
        assert_eq!(request.events[0].split, split);
    }
}

#[test]
fn a_repeat_that_cannot_be_split_as_it_was_is_invalid() {
    let mut request = published(event("a", "1"));
    let repeat = Identity::Repeat { id: id(7), split: Some(split("/items")) };
    let Err(ApiError::Invalid(faults)) = settle(&mut request, 0, repeat) else {
        panic!("it is refused")
    };
    assert_eq!(faults[0].path, "events[0].data");
}

#[test]
fn a_conflict_names_the_key_and_the_event_that_has_it() {
    let conflict = Identity::Conflict { earlier: id(1) };
    let Err(ApiError::Conflict(why)) = settle(&mut published(event("a", "1")), 0, conflict) else {
        panic!("it is refused")
    };
    assert!(why.starts_with("events[0].idempotency_key: ") && why.contains(&id(1).to_string()));
}

proptest! {
    #[test]
    fn ids_are_of_the_time_of_acceptance_and_in_the_order_of_the_request(
        random in prop::collection::vec(any::<u128>(), 1..100),
    ) {
        let ids = ids(NOW, random.iter().copied());
        prop_assert_eq!(ids.len(), random.len());
        prop_assert!(ids.is_sorted() && ids.iter().all(|id| id.timestamp() == NOW));
    }
}
