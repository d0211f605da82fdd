//! Events that come late.

use serde_json::value::RawValue;
use shared::core::event::payload::Payload;
use shared::core::id::EventId;
use shared::edges::queue::messages::{EventMessage, write};

use crate::{Tenant, World};

/// Has an event with this id, whose time may be long past, be fanned out now, as if it had waited
/// in the queue.
pub async fn fan_out(world: &World, tenant: &Tenant, event: EventId, data: &str) {
    let message = EventMessage {
        tenant: tenant.id.parse().expect("a tenant"),
        event,
        event_type: "order.created".parse().expect("a name"),
        payload: Payload::Json(RawValue::from_string(data.to_owned()).expect("JSON")),
        parent: None,
        trace: None,
        repeat: false,
        cursor: None,
        matched: 0,
    };
    world.queues().send("EventsQueue", &write(&message).expect("it writes")).await;
}
