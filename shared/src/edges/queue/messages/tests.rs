use super::*;
use crate::core::event::payload::Packed;
use crate::core::timestamp::Timestamp;
use proptest::prelude::*;

fn message(json: &str) -> EventMessage {
    EventMessage {
        v: VERSION,
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

#[test]
fn another_version_is_unreadable_and_says_so() {
    let body = write(&message("1")).expect("writes").replacen("\"v\":1", "\"v\":2", 1);
    assert!(read::<EventMessage>(&body).unwrap_err().to_string().contains("version 1"));
    assert!(read::<EventMessage>("{}").is_err());
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
