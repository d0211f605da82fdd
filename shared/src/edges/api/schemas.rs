//! How the API's description writes the texts that are more than text: their JSON Schemas, by name.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::core::body::Template;
use crate::core::delivery::attempt::Millis;
use crate::core::endpoint;
use crate::core::event::event_type::{EventTypeName, Filter, Pattern};
use crate::core::event::split::{self, Split};
use crate::core::id::{EventId, KeyId, ResendId, SubscriptionId, TenantId};
use crate::core::signature::PLAIN_LEN;
use crate::core::subscription::custom_headers::{
    MAX_HEADERS, MAX_NAME_LEN, MAX_VALUE_LEN, NAME_PATTERN,
};
use crate::core::subscription::policy::Policy;
use crate::core::subscription::profile::{self, Overrides, Profile};
use crate::core::subscription::status_rule::StatusRule;
use crate::core::timestamp::Timestamp;
use crate::core::trace_context::TraceId;

/// The name of a profile of this build.
#[derive(Debug)]
pub struct ProfileName;

/// A URL that deliveries may go to.
#[derive(Debug)]
pub struct EndpointUrl;

/// A secret that its owner brings along.
#[derive(Debug)]
pub struct GivenSecret;

/// A JSON Schema.
#[derive(Debug)]
pub struct JsonSchemaText;

/// The value of a custom header.
#[derive(Debug)]
pub struct HeaderValue;

macro_rules! schemas {
    ($($type:ident $schema:tt)*) => {$(
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

schemas! {
    EventId {
        "description": "An event; its `webhook-id` on every attempt. It holds when the event was accepted.",
        "type": "string", "pattern": "^evt_[0-7][0-9A-HJKMNP-TV-Z]{25}$", "examples": ["evt_01KGF4S4M4T9CH7JD3M2XJ5V0R"]
    }
    SubscriptionId {
        "type": "string", "pattern": "^sub_[0-7][0-9A-HJKMNP-TV-Z]{25}$", "examples": ["sub_01KGF4RZ5M3X8W0V3QH2A6T1EC"]
    }
    KeyId {
        "description": "An API key's id; not the key.",
        "type": "string", "pattern": "^key_[0-7][0-9A-HJKMNP-TV-Z]{25}$", "examples": ["key_01KGF4RZ5M3X8W0V3QH2A6T1EC"]
    }
    ResendId {
        "type": "string", "pattern": "^rsd_[0-7][0-9A-HJKMNP-TV-Z]{25}$", "examples": ["rsd_01KGF4RZ5M3X8W0V3QH2A6T1EC"]
    }
    TenantId {
        "description": "Chosen by the platform. `_operations` is Postrider's own.",
        "type": "string", "pattern": "^([A-Za-z0-9][A-Za-z0-9._-]{0,63}|_operations)$", "examples": ["shop-1"]
    }
    EventTypeName {
        "description": "Words joined by dots.",
        "type": "string", "pattern": "^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*$", "maxLength": 128, "examples": ["order.created"]
    }
    Timestamp {
        "description": "RFC 3339, of the years 1970 to 9999; answered in UTC with milliseconds. Of a request also a date alone.",
        "type": "string", "format": "date-time", "examples": ["2026-01-31T08:50:46.020Z"]
    }
    Pattern {
        "description": "An event type, `prefix.*` for all below a prefix, or `*` for all.",
        "type": "string", "pattern": "^(\\*|[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*(\\.\\*)?)$", "maxLength": 128,
        "examples": ["order.*"]
    }
    Split {
        "description": "A JSON pointer (RFC 6901) to an array in the data, by whose elements an event is split.",
        "type": "string", "pattern": format!("^(/([^/~]|~[01])+){{1,{}}}$", split::MAX_NAMES),
        "maxLength": split::MAX_LEN, "examples": ["/items"]
    }
    StatusRule {
        "description": "A status of an answer, or a class of them.",
        "anyOf": [
            { "type": "integer", "minimum": 200, "maximum": 599 },
            { "type": "string", "enum": ["2xx", "3xx", "4xx", "5xx"] },
        ],
        "examples": ["2xx"]
    }
    Template {
        "description": "Any JSON value, in which the strings `${id}`, `${type}`, `${timestamp}`, `${unix_seconds}`, \
                        `${tenant}` and `${data}` stand for what is the event's; 8 KB at most.",
        "examples": [{ "id": "${id}", "type": "${type}", "timestamp": "${timestamp}", "data": "${data}" }]
    }
    TraceId {
        "description": "The id of a trace (W3C Trace Context).",
        "type": "string", "pattern": "^[0-9a-f]{32}$", "examples": ["4bf92f3577b34da6a3ce929d0e0e4736"]
    }
    Millis {
        "description": "Milliseconds, to the tenth.",
        "type": "number", "minimum": 0, "examples": [12.3]
    }
    ProfileName {
        "type": "string", "enum": profile::all().iter().map(|profile| &profile.name).collect::<Vec<_>>(),
        "examples": [profile::DEFAULT]
    }
    EndpointUrl {
        "description": "https, with a host that is publicly reachable; no credentials and no fragment.",
        "type": "string", "format": "uri", "minLength": 1, "maxLength": endpoint::MAX_LENGTH,
        "examples": ["https://shop.example.com/webhooks"]
    }
    GivenSecret {
        "description": "`whsec_` and base64 of 24 to 64 bytes, `whsk_` and base64 of an ed25519 key pair, or plain text \
                        without control characters.",
        "type": "string", "minLength": PLAIN_LEN.start(), "maxLength": PLAIN_LEN.end(),
        "examples": ["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"]
    }
    JsonSchemaText {
        "description": "A JSON Schema.",
        "type": ["object", "boolean"],
        "examples": [{ "type": "object", "required": ["order"], "properties": { "order": { "type": "integer" } } }]
    }
    HeaderValue {
        "description": "Printable ASCII without outer spaces.",
        "type": "string", "pattern": "^([!-~]([ -~]*[!-~])?)?$", "maxLength": MAX_VALUE_LEN
    }
}

/// Custom headers, each of which is as `value` says. Names that the sender or a cloud uses are
/// refused beside.
fn headers(value: &Schema) -> Schema {
    json_schema!({
        "type": "object",
        "propertyNames": { "pattern": NAME_PATTERN, "maxLength": MAX_NAME_LEN },
        "additionalProperties": value,
        "maxProperties": MAX_HEADERS,
        "examples": [{ "x-api-key": "4c1b9e" }]
    })
}

/// The custom headers of a new subscription.
pub fn new_headers(generator: &mut SchemaGenerator) -> Schema {
    headers(&generator.subschema_for::<HeaderValue>())
}

/// Changes of custom headers: `null` removes one, or all.
pub fn patched_headers(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = headers(&generator.subschema_for::<Option<HeaderValue>>());
    schema.insert("type".to_owned(), json!(["object", "null"]));
    schema
}

impl JsonSchema for Filter {
    fn schema_name() -> Cow<'static, str> {
        "Filter".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Chooses the event types that any of its patterns chooses.",
            "type": "array", "minItems": 1, "maxItems": 100, "items": generator.subschema_for::<Pattern>(),
            "examples": [["order.*"]]
        })
    }
}

impl JsonSchema for Overrides {
    fn schema_name() -> Cow<'static, str> {
        "Overrides".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Policy::json_schema(generator);
        for field in fields(&mut schema).values_mut() {
            *field = json!({ "anyOf": [field.take(), { "type": "null" }] });
        }
        schema.remove("required");
        let description = "What a subscription has otherwise than its profile; a field that is null is the profile's.";
        schema.insert("description".to_owned(), description.into());
        schema.insert("additionalProperties".to_owned(), false.into());
        schema.insert("examples".to_owned(), json!([{ "timeout_seconds": 5 }]));
        schema
    }
}

impl JsonSchema for Profile {
    fn schema_name() -> Cow<'static, str> {
        "Profile".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Policy::json_schema(generator);
        let text = json!({ "type": "string", "description": "What it promises.", "examples": ["Eight attempts in 28 hours."] });
        fields(&mut schema).extend([
            ("name".to_owned(), generator.subschema_for::<ProfileName>().to_value()),
            ("description".to_owned(), text),
        ]);
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.extend(["name".into(), "description".into()]);
        }
        schema.insert(
            "description".to_owned(),
            "What a subscription of this profile promises its receiver.".into(),
        );
        schema
    }
}

fn fields(schema: &mut Schema) -> &mut Map<String, Value> {
    schema
        .ensure_object()
        .entry("properties")
        .or_insert_with(|| json!({}))
        .as_object_mut()
        .expect("an object")
}
