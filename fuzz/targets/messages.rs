//! Bodies from the queues: what reads is written as it was read, and its payload is never larger
//! than one may be.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::core::event::payload::{MAX_BYTES, Packed, Payload};
use shared::edges::queue::messages::{DeliveryTask, EventMessage, Ids, read, write};

fuzz_target!(|body: &str| {
    let _ = Ids::of(body);
    if let Ok(message) = read::<EventMessage>(body) {
        let written = write(&message).expect("what was read is written");
        let again: EventMessage = read(&written).expect("what was written is read");
        assert_eq!(write(&again).expect("written"), written);
        unpack(message.payload);
    }
    if let Ok(task) = read::<DeliveryTask>(body) {
        let outgoing = task.outgoing(0).expect("what was read goes out");
        assert_eq!(outgoing.group, Some(task.subscription.to_string()));
        let again: DeliveryTask = read(&outgoing.body).expect("what was written is read");
        assert_eq!(write(&again).expect("written"), outgoing.body);
        if let Some(content) = task.content {
            unpack(content.payload);
        }
    }
});

fn unpack(payload: Payload) {
    let packed = match payload {
        Payload::Json(json) => Packed::Json(json),
        Payload::Zstd(frame) => Packed::Zstd(frame),
        Payload::Log { .. } => return,
    };
    if let (Packed::Zstd(_), Ok(json)) = (&packed, packed.json()) {
        assert!(json.len() <= MAX_BYTES);
    }
}
