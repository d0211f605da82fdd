//! An event type of the catalogue.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::values::At;
use crate::core::event::event_type::{self, EventTypeName};
use crate::core::event::split::Split;
use crate::edges::store::{StoreError, keys};
use crate::edges::version::Version;

#[derive(Serialize, Deserialize)]
pub struct EventType {
    v: Version<1>,
    partition: String,
    sort: EventTypeName,
    description: String,
    example: Option<String>,
    schema: Option<String>,
    enforce_schema: bool,
    split: Option<Split>,
    retired: bool,
    created_at: At,
    updated_at: At,
}

impl From<&event_type::EventType> for EventType {
    fn from(event_type: &event_type::EventType) -> Self {
        let event_type::EventType {
            name,
            description,
            example,
            schema,
            enforce_schema,
            split,
            retired,
            created_at,
            updated_at,
        } = event_type;
        Self {
            v: Version,
            partition: keys::EVENT_TYPES.to_owned(),
            sort: name.clone(),
            description: description.clone(),
            example: example.as_ref().map(|json| json.get().to_owned()),
            schema: schema.as_ref().map(|json| json.get().to_owned()),
            enforce_schema: *enforce_schema,
            split: split.clone(),
            retired: *retired,
            created_at: (*created_at).into(),
            updated_at: (*updated_at).into(),
        }
    }
}

impl TryFrom<EventType> for event_type::EventType {
    type Error = StoreError;

    fn try_from(row: EventType) -> Result<Self, StoreError> {
        let json = |name: &str, text: Option<String>| {
            let json = text.map(RawValue::from_string).transpose();
            json.map_err(|_| StoreError::Corrupt(name.to_owned()))
        };
        Ok(Self {
            name: row.sort,
            description: row.description,
            example: json("example", row.example)?,
            schema: json("schema", row.schema)?,
            enforce_schema: row.enforce_schema,
            split: row.split,
            retired: row.retired,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}
