//! Recorded messages of version 1. A release that cannot read and write them as they stand here
//! needs another version.

use crate::core::event::payload::Payload;
use crate::core::id::{EventId, SubscriptionId};
use crate::core::timestamp::Timestamp;
use crate::core::trace_context::TraceContext;
use crate::edges::queue::messages::{Content, DeliveryTask, EventMessage, Message, read, write};
use serde_json::value::RawValue;

const AT: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn event() -> EventMessage {
    let json = RawValue::from_string(r#"{"total":42.50}"#.to_owned()).unwrap();
    EventMessage {
        tenant: "shop-1".parse().unwrap(),
        event: EventId::new(AT, 0x141),
        event_type: "order.created".parse().unwrap(),
        payload: Payload::Json(json),
        parent: None,
        trace: None,
        repeat: false,
        cursor: None,
        matched: 0,
    }
}

fn task() -> DeliveryTask {
    let subscription = SubscriptionId::new(AT, 0x161);
    DeliveryTask::of_row("shop-1".parse().unwrap(), subscription, EventId::new(AT, 0x141), None)
}

fn is_recorded<M: Message>(recorded: &str, message: &M) {
    let recorded = recorded.trim_end();
    assert_eq!(write(message).unwrap(), recorded);
    assert_eq!(write(&read::<M>(recorded).unwrap()).unwrap(), recorded);
}

#[test]
fn a_recorded_event_is_read_and_written() {
    is_recorded(include_str!("recorded/event.json"), &event());
    let whole = EventMessage {
        payload: Payload::Log { chunks: 3, zstd: true },
        parent: Some(EventId::new(AT, 0x140)),
        trace: TraceContext::parse(TRACEPARENT, Some("a=1")),
        repeat: true,
        cursor: Some(format!("subscription#{}", SubscriptionId::new(AT, 0x161))),
        matched: 1_000,
        ..event()
    };
    is_recorded(include_str!("recorded/event_whole.json"), &whole);
}

#[test]
fn a_recorded_task_is_read_and_written() {
    is_recorded(include_str!("recorded/task.json"), &task());
    let whole = DeliveryTask {
        version: 7,
        retention_days: Some(30),
        content: Some(Content {
            event_type: "order.created".parse().unwrap(),
            payload: Payload::Zstd(vec![0x28, 0xb5, 0x2f, 0xfd, 0]),
        }),
        trace: TraceContext::parse(TRACEPARENT, None),
        resend: Some("rsd_01HF7YAT0000000000000000C1".parse().unwrap()),
        probe: true,
        ..task()
    };
    is_recorded(include_str!("recorded/task_whole.json"), &whole);
}
