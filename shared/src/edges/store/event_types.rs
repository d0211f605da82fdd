//! The catalogue of event types, one for the whole deployment.

use serde_json::value::RawValue;

use super::item::{Item, NewItem};
use super::{ConfigStore, StoreError, keys};
use crate::core::event::event_type::{EventType, EventTypeName};
use crate::core::page::{Page, PageRequest};

impl ConfigStore {
    /// One event type.
    pub async fn event_type(&self, name: &EventTypeName) -> Result<Option<EventType>, StoreError> {
        let found = self.table.get(keys::EVENT_TYPES.to_owned(), name.to_string(), true).await?;
        found.map(|item| event_type(&item)).transpose()
    }

    /// Creates or replaces an event type.
    pub async fn put_event_type(&self, event_type: &EventType) -> Result<(), StoreError> {
        let item = NewItem::new(keys::EVENT_TYPES, event_type.name.as_str())
            .text("description", &event_type.description)
            .flag("enforce_schema", event_type.enforce_schema)
            .flag("retired", event_type.retired)
            .time("created_at", event_type.created_at)
            .time("updated_at", event_type.updated_at)
            .optional(event_type.split.as_ref(), |item, split| {
                item.text("split", split.to_string())
            })
            .optional(event_type.example.as_ref(), |item, json| item.text("example", json.get()))
            .optional(event_type.schema.as_ref(), |item, json| item.text("schema", json.get()));
        self.table.put(item.build(), None).await.map(|_| ())
    }

    /// Removes an event type from the catalogue; events of it stay on record.
    pub async fn delete_event_type(&self, name: &EventTypeName) -> Result<(), StoreError> {
        self.table.delete(keys::EVENT_TYPES.to_owned(), name.to_string()).await
    }

    /// A page of the catalogue, in order of the names.
    pub async fn event_types(&self, page: &PageRequest) -> Result<Page<EventType>, StoreError> {
        self.list(keys::EVENT_TYPES.to_owned(), None, page, event_type, |found| {
            found.name.to_string()
        })
        .await
    }
}

fn event_type(item: &Item) -> Result<EventType, StoreError> {
    let json = |name| {
        let text = item.optional_text(name).map(|text| RawValue::from_string(text.to_owned()));
        text.transpose().map_err(|_| StoreError::Corrupt(format!("{name} of an event type")))
    };
    Ok(EventType {
        name: item.parsed("sort")?,
        description: item.text("description")?.to_owned(),
        example: json("example")?,
        schema: json("schema")?,
        enforce_schema: item.flag("enforce_schema"),
        split: item.optional_text("split").map(|_| item.parsed("split")).transpose()?,
        retired: item.flag("retired"),
        created_at: item.time("created_at")?,
        updated_at: item.time("updated_at")?,
    })
}
