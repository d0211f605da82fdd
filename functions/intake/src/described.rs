//! What the API's description says of publishing.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::json;
use shared::edges::api::description::{Area, Described, Header};
use shared::edges::api::routes::intake::Operation;

use crate::accept::{Accepted, AcceptedBatch};
use crate::request::{KEY_PATTERN, MAX_BATCH, MAX_KEY_LEN, NewEvent};

/// One event, or a batch.
enum Published {}

impl JsonSchema for Published {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Publish".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let event = generator.subschema_for::<NewEvent>();
        json_schema!({
            "description": "One event, or a batch of them.",
            "oneOf": [event, {
                "type": "object", "required": ["events"], "additionalProperties": false,
                "properties": {
                    "events": { "type": "array", "minItems": 1, "maxItems": MAX_BATCH, "items": event },
                    "type": { "type": "null" }, "idempotency_key": { "type": "null" },
                }
            }]
        })
    }
}

/// One event as it was accepted, or a batch of them.
enum Answered {}

impl JsonSchema for Answered {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Published".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (one, batch) =
            (generator.subschema_for::<Accepted>(), generator.subschema_for::<AcceptedBatch<'_>>());
        json_schema!({ "description": "As what was published: one event, or a batch.", "anyOf": [one, batch] })
    }
}

const IDEMPOTENCY_KEY: Header = Header {
    name: "Idempotency-Key",
    description: "Makes a repeated request harmless: it is answered with the events that the first one made. The key of each \
                  event that has none of its own; in a batch, with the event's position.",
    form: |_| {
        json_schema!({
            "type": "string", "minLength": 1, "maxLength": MAX_KEY_LEN, "pattern": KEY_PATTERN, "examples": ["order-1"]
        })
    },
};
const TRACEPARENT: Header = Header {
    name: "traceparent",
    description: "The trace that the request is a part of (W3C Trace Context); its events and their attempts are then as well. \
                  An invalid one is ignored.",
    form: |_| json_schema!({ "type": "string", "examples": ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"] }),
};
const TRACESTATE: Header = Header {
    name: "tracestate",
    description: "What tracing systems have added to it; passed on unchanged, 512 characters of it.",
    form: |_| json_schema!({ "type": "string", "examples": ["congo=t61rcWkgMzE"] }),
};
const REPLAYED: Header = Header {
    name: "idempotency-replayed",
    description: "`true` where an event was made by an earlier request with its key.",
    form: |_| json_schema!({ "type": "string", "enum": ["true"] }),
};

/// The description of what this function answers.
#[must_use]
pub fn describe(operation: Operation) -> Described {
    match operation {
        Operation::PublishEvents => Described::new(Area::Events, "Publish one event, or a batch of up to 100")
            .knowing(
                "The answer means that each is durable. An event of a type that is split becomes one for each element of its \
                 array. A batch is accepted as a whole or not at all, and 413 is also for a payload of more than 1 MiB. A tenant \
                 that has published its `events_per_minute` is answered with 429 until the minute ends; each part of what is \
                 split counts as an event, and so does what is repeated under an idempotency key.",
            )
            .reads(IDEMPOTENCY_KEY)
            .reads(TRACEPARENT)
            .reads(TRACESTATE)
            .takes::<Published>()
            .for_example(json!({
                "type": "order.created", "data": { "order": 1, "total": 42.5 }, "idempotency_key": "order-1",
            }))
            .answers::<Answered>(202, "It is durable, and will be delivered.")
            .with(REPLAYED)
            .may_conflict(),
    }
}
