//! The query parameters of the API.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::core::delivery::Status;
use crate::core::event::event_type::EventTypeName;
use crate::core::page::{DEFAULT_LIMIT, MAX_LIMIT};
use crate::core::timestamp::Timestamp;

/// A query parameter; none is required.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it does, for people.
    pub description: &'static str,
    /// What values it takes.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// Entries of a page.
pub const LIMIT: Parameter = Parameter {
    name: "limit",
    description: "Entries of the page at most.",
    schema: |_| json_schema!({ "type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT }),
};
/// Where a list goes on.
pub const CURSOR: Parameter = Parameter {
    name: "cursor",
    description: "Where to go on: the `next_cursor` of an earlier page, as it was given.",
    schema: |_| json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": 342 }),
};
/// From which end.
pub const ORDER: Parameter = Parameter {
    name: "order",
    description: "Newest first (`desc`) or oldest first (`asc`); what has names is listed by name.",
    schema: |_| json_schema!({ "type": "string", "enum": ["desc", "asc"], "default": "desc" }),
};
/// The start of a range of time.
pub const FROM: Parameter = Parameter {
    name: "from",
    description: "What was accepted at this time or later.",
    schema: Timestamp::json_schema,
};
/// The end of a range of time.
pub const TO: Parameter = Parameter {
    name: "to",
    description: "What was accepted before this time.",
    schema: Timestamp::json_schema,
};
/// An event type.
pub const TYPE: Parameter = Parameter {
    name: "type",
    description: "Of events of this type alone.",
    schema: EventTypeName::json_schema,
};
/// How deliveries ended.
pub const SUCCESS: Parameter = Parameter {
    name: "success",
    description: "Delivered ones alone (`true`), or the others alone (`false`), which costs no more than they are.",
    schema: bool::json_schema,
};
/// How deliveries stand.
pub const STATUS: Parameter = Parameter {
    name: "status",
    description: "Deliveries that stand so; several with commas.",
    schema: |_| {
        let statuses = Status::ALL.map(Status::as_str).join("|");
        json_schema!({ "type": "string", "pattern": format!("^({statuses})(,({statuses}))*$") })
    },
};
/// What receivers answered.
pub const RESPONSE: Parameter = Parameter {
    name: "response",
    description: "Deliveries whose latest attempt was answered so: a status (`404`), a class (`5xx`), or `none` for no \
                  answer; several with commas.",
    schema: |_| {
        let one = "([2-5][0-9][0-9]|[2-5]xx|none)";
        json_schema!({ "type": "string", "pattern": format!("^{one}(,{one})*$"), "examples": ["404", "5xx,none"] })
    },
};
/// With payloads.
pub const INCLUDE_PAYLOAD: Parameter = Parameter {
    name: "include_payload",
    description: "With each event's payload; a page then ends at 2 MiB of them.",
    schema: bool::json_schema,
};
/// With attempts.
pub const INCLUDE_ATTEMPTS: Parameter = Parameter {
    name: "include_attempts",
    description: "With the latest attempts of each.",
    schema: bool::json_schema,
};
/// By the hour.
pub const SERIES: Parameter = Parameter {
    name: "series",
    description: "With the counts of each hour.",
    schema: bool::json_schema,
};
/// By the subscription.
pub const BY_SUBSCRIPTION: Parameter = Parameter {
    name: "by_subscription",
    description: "With the counts of each subscription by itself, a page of them at a time: `limit`, `cursor` and `order` \
                  choose them as in the list of subscriptions, and only these are counted. With `series`, `limit` times the \
                  hours of the window is 5,000 at most.",
    schema: bool::json_schema,
};
