//! How the API's description writes the texts that are more than text: their JSON Schemas, by name.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::event_type::EventTypeName;
use crate::id::{EventId, KeyId, ResendId, SubscriptionId, TenantId};
use crate::timestamp::Timestamp;

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
        "description": "RFC 3339; answered in UTC with milliseconds.",
        "type": "string", "format": "date-time", "examples": ["2026-01-31T08:50:46.020Z"]
    }
}
