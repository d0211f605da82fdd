use lambda_http::http;

use super::*;

fn read_with(key: Option<&str>, body: &str) -> Result<Published, ApiError> {
    let mut request = http::Request::builder();
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    let body = lambda_http::Body::from(body.to_owned());
    read(&Request::new(request.body(body).expect("a request")))
}

fn read_body(body: &str) -> Result<Published, ApiError> {
    read_with(None, body)
}

fn faults(read: Result<Published, ApiError>) -> Vec<String> {
    match read {
        Err(ApiError::Invalid(faults)) => faults.into_iter().map(|fault| fault.path).collect(),
        other => panic!("{other:?}"),
    }
}

fn keys(published: &Published) -> Vec<Option<&str>> {
    published.events.iter().map(|event| event.idempotency_key.as_deref()).collect()
}

#[test]
fn one_event_keeps_its_bytes_and_is_answered_alone() {
    let one = read_body(r#"{"type":"order.created","data":{ "a" : 1.0 }}"#).expect("an event");
    assert_eq!((one.batch, one.count()), (false, 1));
    assert_eq!(one.events[0].data.get(), r#"{ "a" : 1.0 }"#);
    assert_eq!(one.path(0, "data"), "data");
}

#[test]
fn null_is_data_and_no_data_is_not() {
    let null = read_body(r#"{"type":"order.created","data":null}"#).expect("an event");
    assert_eq!(null.events[0].data.get(), "null");
    assert_eq!(faults(read_body(r#"{"type":"order.created"}"#)), ["data"]);
    assert_eq!(faults(read_body(r#"{"data":1}"#)), ["type"]);
}

#[test]
fn a_batch_has_1_to_100_events_and_nothing_beside_them() {
    let batch = |count: usize| {
        let events = vec![r#"{"type":"order.created","data":1}"#; count];
        read_body(&format!(r#"{{"events":[{}]}}"#, events.join(",")))
    };
    for count in [1, MAX_BATCH] {
        let read = batch(count).expect("a batch");
        assert_eq!((read.batch, read.count()), (true, count));
        assert_eq!(read.path(count - 1, "data"), format!("events[{}].data", count - 1));
    }
    for count in [0, MAX_BATCH + 1] {
        assert_eq!(faults(batch(count)), ["events"]);
    }
    for beside in [r#""type":"order.created""#, r#""data":1"#, r#""idempotency_key":"a""#] {
        let body = format!(r#"{{"events":[{{"type":"a","data":1}}],{beside}}}"#);
        assert_eq!(faults(read_body(&body)), ["events"], "{beside}");
    }
}

#[test]
fn a_key_in_the_header_is_each_events_own_and_gives_way_to_one_in_the_body() {
    let one = r#"{"type":"order.created","data":1}"#;
    assert_eq!(keys(&read_with(Some("k"), one).expect("an event")), [Some("k")]);
    assert_eq!(keys(&read_with(None, one).expect("an event")), [None]);
    let keyed = r#"{"type":"order.created","data":1,"idempotency_key":"own"}"#;
    let batch = format!(r#"{{"events":[{one},{keyed},{one}]}}"#);
    let batch = read_with(Some("k"), &batch).expect("a batch");
    assert_eq!(keys(&batch), [Some("k#0"), Some("own"), Some("k#2")]);
}

#[test]
fn a_key_is_1_to_255_printable_ascii_characters() {
    let body = |key: &str| {
        let key = serde_json::to_string(key).expect("text");
        format!(r#"{{"type":"order.created","data":1,"idempotency_key":{key}}}"#)
    };
    let longest = "x".repeat(MAX_KEY_LEN);
    for key in [" ", "a~b", &longest] {
        assert_eq!(keys(&read_body(&body(key)).expect("an event")), [Some(key)]);
    }
    for key in ["", "é", "a\tb", &format!("{longest}x")] {
        assert_eq!(faults(read_body(&body(key))), ["idempotency_key"], "{key:?}");
    }
    let one = r#"{"type":"order.created","data":1}"#;
    assert_eq!(faults(read_with(Some(""), one)), ["Idempotency-Key"]);
}

#[test]
fn every_bad_key_of_a_batch_is_told() {
    let event = |key: &str| format!(r#"{{"type":"a","data":1,"idempotency_key":"{key}"}}"#);
    let batch = format!(r#"{{"events":[{},{},{}]}}"#, event(""), event("good"), event(""));
    assert_eq!(
        faults(read_body(&batch)),
        ["events[0].idempotency_key", "events[2].idempotency_key"]
    );
}

#[test]
fn data_has_a_mebibyte_at_most() {
    let with =
        |bytes: usize| read_body(&format!(r#"{{"type":"a","data":"{}"}}"#, "x".repeat(bytes - 2)));
    assert!(with(payload::MAX_BYTES).is_ok());
    let error = with(payload::MAX_BYTES + 1).expect_err("it is too large");
    assert!(matches!(error, ApiError::TooLarge(why) if why.starts_with("data has 1048577 bytes")));
}

#[test]
fn parts_are_bounded_over_the_whole_request() {
    let part = |bytes: usize| RawValue::from_string(format!("\"{}\"", "x".repeat(bytes - 2)));
    let parts = |count: usize, bytes: usize| vec![part(bytes).expect("JSON"); count];
    let with = |one: Vec<Box<RawValue>>, other: Vec<Box<RawValue>>| {
        let event = r#"{"type":"a","data":1}"#;
        let mut read =
            read_body(&format!(r#"{{"events":[{event},{event},{event}]}}"#)).expect("a batch");
        (read.events[0].parts, read.events[1].parts) = (one, other);
        (read.count(), read.check_parts().is_ok())
    };
    assert_eq!(with(parts(600, 2), parts(400, 2)), (1_001, true));
    assert_eq!(with(parts(600, 2), parts(401, 2)), (1_002, false));
    let eighth = MAX_PARTS_BYTES / 8;
    assert_eq!(with(parts(4, eighth), parts(4, eighth)), (9, true));
    assert_eq!(with(parts(4, eighth), [parts(4, eighth), parts(1, 2)].concat()), (10, false));
    assert_eq!(with(parts(1, payload::MAX_BYTES + 1), Vec::new()), (3, false), "too large alone");
}
