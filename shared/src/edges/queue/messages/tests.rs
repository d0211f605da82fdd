use super::*;
use crate::core::event::payload::Packed;
use crate::core::timestamp::Timestamp;
use crate::edges::version::Version;
use proptest::prelude::*;
use serde_json::value::RawValue;

fn message(json: &str) -> EventMessage {
    EventMessage {
        tenant: "shop-1".parse().expect("tenant"),
        event: EventId::new(Timestamp::from_millis(1_700_000_000_000), 1),
        event_type: "order.created".parse().expect("name"),
        payload: Packed::new(RawValue::from_string(json.to_owned()).expect("JSON")).into(),
        parent: None,
        trace: None,
        repeat: false,
        cursor: None,
        matched: 0,
    }
}

#[test]
fn the_payload_travels_byte_for_byte() {
    for json in [
        "{ \"a\": 1.0e2,\t\"b\" :\"\\u0041\" }",
        &format!("\"{}\"", "x".repeat(5000)),
        "\"\u{ffff}\"",
    ] {
        let body = write(&message(json)).expect("writes");
        let read: EventMessage = read(&body).expect("reads");
        let packed = match read.payload {
            Payload::Json(json) => Packed::Json(json),
            Payload::Zstd(frame) => Packed::Zstd(frame),
            Payload::Log { .. } => panic!("inline"),
        };
        assert_eq!(packed.json().expect("unpacks"), json);
    }
}

/// A message as it is once there was a second version: `count` was a text in the first.
#[derive(Debug, Clone, PartialEq)]
struct Note {
    count: u32,
}

#[derive(Deserialize)]
struct First {
    #[serde(rename = "v")]
    _v: Version<1>,
    count: String,
}

#[derive(Serialize, Deserialize)]
struct Second {
    v: Version<2>,
    count: u32,
}

impl From<First> for Note {
    fn from(read: First) -> Self {
        Self { count: read.count.parse().unwrap_or_default() }
    }
}

impl From<Second> for Note {
    fn from(read: Second) -> Self {
        Self { count: read.count }
    }
}

impl From<Note> for Second {
    fn from(note: Note) -> Self {
        Self { v: Version, count: note.count }
    }
}

impl Message for Note {
    const VERSION: u64 = 2;
    type Written = Second;

    fn read(version: u64, body: &str) -> Option<serde_json::Result<Self>> {
        match version {
            1 => Some(shape::<First, _>(body)),
            2 => Some(shape::<Second, _>(body)),
            _ => None,
        }
    }
}

#[test]
fn a_release_writes_its_version_and_reads_the_one_before_as_well() {
    let body = write(&Note { count: 7 }).expect("writes");
    assert_eq!(body, r#"{"v":2,"count":7}"#);
    for body in [&*body, r#"{"v":1,"count":"7"}"#] {
        assert_eq!(read::<Note>(body), Ok(Note { count: 7 }));
    }
    for mixed in [r#"{"v":1,"count":7}"#, r#"{"v":2,"count":"7"}"#] {
        assert!(matches!(read::<Note>(mixed), Err(Unreadable::Body(_))), "{mixed}");
    }
}

#[test]
fn a_later_version_is_told_apart_from_what_is_no_message() {
    let body = write(&message("1")).expect("writes");
    let later = body.replacen("\"v\":1", "\"v\":2", 1);
    let newer = Unreadable::Newer { version: 2, newest: 1 };
    assert_eq!(read::<EventMessage>(&later).unwrap_err(), newer);
    // Whatever else it has: that release knows what it means.
    assert_eq!(read::<DeliveryTask>(r#"{"v":2,"task":{}}"#).unwrap_err(), newer);
    assert_eq!(
        read::<Note>(r#"{"v":3}"#).unwrap_err(),
        Unreadable::Newer { version: 3, newest: 2 }
    );
    for none in ["{}", "[]", "not JSON", r#"{"v":-1}"#, r#"{"v":0}"#, r#"{"v":"1"}"#, r#"{"v":1}"#]
    {
        assert!(matches!(read::<EventMessage>(none), Err(Unreadable::Body(_))), "{none}");
    }
}

#[test]
fn the_trace_travels_and_a_message_without_one_is_as_it_was_before_there_were_any() {
    let without = write(&message("1")).expect("writes");
    assert!(!without.contains("trace"), "{without}");
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let trace = TraceContext::parse(traceparent, Some("a=1"));
    let with = write(&EventMessage { trace: trace.clone(), ..message("1") }).expect("writes");
    assert_eq!(read::<EventMessage>(&without).expect("reads").trace, None);
    assert_eq!(read::<EventMessage>(&with).expect("reads").trace, trace);
    let ids = Ids::of(&with);
    assert_eq!((ids.tenant.as_deref(), ids.subscription, ids.trace), (Some("shop-1"), None, trace));
    assert_eq!(Ids::of("not JSON").event, None);
}

proptest! {
    #[test]
    fn any_body_reads_or_is_refused_without_panic(body in "\\PC{0,80}") {
        let _ = read::<EventMessage>(&body);
        let _ = read::<DeliveryTask>(&body);
    }
}
