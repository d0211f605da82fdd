use std::time::Duration;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn wanted(json: &str) -> PutEventType {
    serde_json::from_str(json).expect("a body")
}

fn paths(faults: Vec<FieldError>) -> Vec<String> {
    faults.into_iter().map(|fault| fault.path).collect()
}

fn import(json: &str) -> Result<Vec<Imported>, ApiError> {
    serde_json::from_str::<Import>(json).expect("a body").checked()
}

#[test]
fn an_event_type_that_is_put_again_keeps_its_age_and_nothing_else() {
    let name: EventTypeName = "order.created".parse().expect("a name");
    let put =
        |json, earlier: Option<&EventType>, now| wanted(json).over(name.clone(), earlier, now);
    let first = put(r#"{"description":"a","retired":true}"#, None, NOW);
    assert_eq!((first.created_at, first.updated_at), (NOW, NOW));
    let later = NOW.after(Duration::from_secs(1));
    let second = put("{}", Some(&first), later);
    assert_eq!((second.created_at, second.updated_at), (NOW, later));
    assert_eq!((second.description.as_str(), second.retired), ("", false));
}

#[test]
fn faults_are_told_together_each_with_its_place() {
    let schema = r#"{"type":"object","required":["order"]}"#;
    let cases = [
        ("{}".to_owned(), vec![]),
        (format!(r#"{{"schema":{schema},"enforce_schema":true}}"#), vec![]),
        (format!(r#"{{"schema":{schema},"example":{{"order":1}}}}"#), vec![]),
        (format!(r#"{{"schema":{schema},"example":{{}}}}"#), vec!["at.example"]),
        (r#"{"enforce_schema":true}"#.to_owned(), vec!["at.enforce_schema"]),
        (r#"{"schema":{"type":7}}"#.to_owned(), vec!["at.schema"]),
        (format!(r#"{{"description":"{}"}}"#, "x".repeat(2_001)), vec!["at.description"]),
        (
            format!(r#"{{"example":"{}","enforce_schema":true}}"#, "x".repeat(65_535)),
            vec!["at.example", "at.enforce_schema"],
        ),
    ];
    for (json, expected) in cases {
        assert_eq!(paths(wanted(&json).faults("at.")), expected, "{}", &json[..json.len().min(99)]);
    }
}

#[test]
fn an_import_has_one_to_500_event_types_and_is_taken_as_a_whole() {
    let many = |count: usize| {
        let one = r#"{"name":"order.created"}"#;
        format!(r#"{{"event_types":[{}]}}"#, vec![one; count].join(","))
    };
    assert_eq!(import(&many(500)).expect("an import").len(), 500);
    for count in [0, 501] {
        let Err(ApiError::Invalid(faults)) = import(&many(count)) else { panic!("{count}") };
        assert_eq!(paths(faults), ["event_types"]);
    }
    let wrong = r#"{"event_types":[{"name":"a"},{"name":"b","enforce_schema":true}]}"#;
    let Err(ApiError::Invalid(faults)) = import(wrong) else { panic!("it is taken") };
    assert_eq!(paths(faults), ["event_types[1].enforce_schema"]);
}

#[test]
fn an_imported_event_type_is_what_is_put_and_its_name() {
    let json = r#"{"event_types":[{"description":"d","name":"a.b","example":{ "n": 1.50 }}]}"#;
    let [Imported { name, put }] = &import(json).expect("an import")[..] else { panic!("one") };
    assert_eq!((name.as_str(), put.description.as_str()), ("a.b", "d"));
    let example = put.example.as_ref().expect("an example").get();
    assert_eq!(example, "{ \"n\": 1.50 }", "as it was written");
}

#[test]
fn an_imported_event_type_needs_one_name_and_takes_no_other_field() {
    let refused = |json: &str| serde_json::from_str::<Imported>(json).unwrap_err().to_string();
    assert!(refused("{}").starts_with("missing field `name`"));
    assert!(refused(r#"{"name":"a","name":"b"}"#).starts_with("duplicate field `name`"));
    assert!(refused(r#"{"name":"a","names":"b"}"#).starts_with("unknown field `names`"));
    assert!(refused(r#"{"name":""}"#).contains("event type"));
}
