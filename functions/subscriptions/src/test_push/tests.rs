use super::*;
use crate::tests::{NOW, fault};

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).expect("JSON")
}

fn event_type(example: Option<&str>, split: Option<Value>) -> EventType {
    EventType {
        name: "order.created".parse().expect("a name"),
        description: String::new(),
        example: example.map(raw),
        schema: None,
        enforce_schema: false,
        split: split.map(|split| serde_json::from_value(split).expect("a split")),
        retired: false,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn sampled(found: Option<EventType>, data: Option<&str>) -> Result<String, ApiError> {
    let name = "order.created".parse().expect("a name");
    sample(found, &name, data.map(raw)).map(|sample| sample.get().to_owned())
}

#[test]
fn the_sample_is_the_callers_data_or_the_example_of_the_event_type() {
    let found = || Some(event_type(Some(r#"{"n": 1}"#), None));
    assert_eq!(sampled(found(), Some("null")), Ok("null".to_owned()));
    assert_eq!(sampled(found(), None), Ok(r#"{"n": 1}"#.to_owned()));
}

#[test]
fn a_type_that_is_not_there_or_has_no_example_is_told_by_its_place() {
    assert_eq!(fault(sampled(None, Some("1"))), "event_type");
    assert_eq!(fault(sampled(Some(event_type(None, None)), None)), "data");
}

#[test]
fn of_a_type_that_is_split_the_first_elements_event_is_sent() {
    let split = json!("/items");
    let found = event_type(Some(r#"{"items":[{"a":1},{"a":2}]}"#), Some(split.clone()));
    let sent = sampled(Some(found), None).expect("a sample");
    assert!(sent.contains(r#"{"a":1}"#) && !sent.contains(r#"{"a":2}"#), "{sent}");
    let empty = event_type(Some(r#"{"items":[]}"#), Some(split));
    assert_eq!(fault(sampled(Some(empty), None)), "data");
}

#[test]
fn data_has_a_mebibyte_at_most() {
    let json = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    let send = |bytes| sampled(Some(event_type(None, None)), Some(&json(bytes)));
    assert!(send(payload::MAX_BYTES).is_ok());
    assert!(matches!(send(payload::MAX_BYTES + 1), Err(ApiError::TooLarge(_))));
}
