use proptest::prelude::*;
use serde_json::value::RawValue;
use shared::core::event::split::MAX_PARTS;

use super::*;

fn event(data: &str) -> NewEvent {
    NewEvent {
        r#type: "cart.paid".parse().expect("a type"),
        data: RawValue::from_string(data.to_owned()).expect("JSON"),
        idempotency_key: None,
        split: None,
        parts: Vec::new(),
    }
}

fn batch(data: &[&str]) -> Published {
    Published { events: data.iter().map(|data| event(data)).collect(), batch: true, trace: None }
}

fn plain() -> Entry {
    Entry::Current { schema: None, split: None }
}

fn with_schema() -> Entry {
    let schema = Schema::compile(r#"{"type":"object","required":["items"]}"#).expect("a schema");
    Entry::Current { schema: Some(Arc::new(schema)), split: None }
}

fn splitting() -> Entry {
    Entry::Current { schema: None, split: Some("/items".parse().expect("a pointer")) }
}

fn paths(judged: Result<(), ApiError>) -> Vec<String> {
    match judged {
        Ok(()) => Vec::new(),
        Err(ApiError::Invalid(faults)) => faults.into_iter().map(|fault| fault.path).collect(),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn an_event_of_no_or_a_retired_type_is_invalid() {
    for (entry, told) in [
        (Entry::Unknown, "the catalogue has no event type 'cart.paid'"),
        (Entry::Retired, "event type 'cart.paid' is retired"),
    ] {
        let Err(ApiError::Invalid(faults)) = request(&mut batch(&["1"]), &[entry]) else {
            panic!("it is refused")
        };
        assert_eq!(
            faults,
            [FieldError { path: "events[0].type".to_owned(), message: told.to_owned() }]
        );
    }
    let mut alone = Published { batch: false, ..batch(&["1"]) };
    assert_eq!(paths(request(&mut alone, &[Entry::Unknown])), ["type"]);
}

#[test]
fn data_must_match_an_enforced_schema() {
    assert_eq!(paths(request(&mut batch(&["{}"]), &[with_schema()])), ["events[0].data"]);
    assert!(request(&mut batch(&[r#"{"items":1}"#]), &[with_schema()]).is_ok());
    assert!(request(&mut batch(&["{}"]), &[plain()]).is_ok());
}

#[test]
fn every_fault_of_a_batch_is_told_in_order() {
    let mut published = batch(&["1", "{}", "2", r#"{"items":[]}"#]);
    let entries = [Entry::Unknown, with_schema(), plain(), splitting()];
    assert_eq!(
        paths(request(&mut published, &entries)),
        ["events[0].type", "events[1].data", "events[3].data"]
    );
}

#[test]
fn an_event_whose_type_splits_becomes_its_parts() {
    let mut published = batch(&["1", r#"{"cart":7,"items":[{"sku":1},{"sku":2}]}"#]);
    request(&mut published, &[plain(), splitting()]).expect("it is taken");
    let parts: Vec<_> = published.events[1].parts.iter().map(|part| part.get()).collect();
    assert_eq!(parts, [r#"{"sku":1,"cart":7}"#, r#"{"sku":2,"cart":7}"#]);
    assert_eq!((published.count(), published.events[0].parts.len()), (3, 0));
}

#[test]
fn what_does_not_match_its_schema_is_not_split() {
    let Entry::Current { schema, .. } = with_schema() else { panic!("it has a schema") };
    let Entry::Current { split, .. } = splitting() else { panic!("it splits") };
    let mut published = batch(&[r#"{"other":[{}]}"#]);
    let judged = request(&mut published, &[Entry::Current { schema, split }]);
    assert_eq!(paths(judged).len(), 1, "one fault, of the schema");
    assert!(published.events[0].split.is_none());
}

#[test]
fn a_request_of_too_many_parts_is_too_large_whichever_events_they_are_of() {
    let of = |parts: usize| format!(r#"{{"items":[{}]}}"#, vec!["{}"; parts].join(","));
    let judged = |sizes: &[usize]| {
        let data: Vec<_> = sizes.iter().map(|size| of(*size)).collect();
        let data: Vec<_> = data.iter().map(String::as_str).collect();
        request(&mut batch(&data), &vec![splitting(); sizes.len()])
    };
    assert!(judged(&[MAX_PARTS]).is_ok() && judged(&[MAX_PARTS - 1, 1]).is_ok());
    for sizes in [&[MAX_PARTS + 1][..], &[MAX_PARTS, 1]] {
        assert!(matches!(judged(sizes), Err(ApiError::TooLarge(_))), "{sizes:?}");
    }
}

proptest! {
    #[test]
    fn a_request_is_taken_if_each_of_its_events_would_be_alone(
        kinds in prop::collection::vec((0usize..5, prop::sample::select(vec!["1", "{}", r#"{"items":[{"a":1}]}"#])), 1..20),
    ) {
        let entries = [Entry::Unknown, Entry::Retired, plain(), with_schema(), splitting()];
        let alone = |(kind, data): &(usize, &str)| request(&mut batch(&[data]), &[entries[*kind].clone()]).is_ok();
        let data: Vec<_> = kinds.iter().map(|(_, data)| *data).collect();
        let of_each: Vec<_> = kinds.iter().map(|(kind, _)| entries[*kind].clone()).collect();
        prop_assert_eq!(request(&mut batch(&data), &of_each).is_ok(), kinds.iter().all(alone));
    }
}
