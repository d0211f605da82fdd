//! The catalogue of event types, one for the whole deployment.

use super::rows::{self, v1};
use super::{ConfigStore, StoreError, keys};
use crate::core::event::event_type::{EventType, EventTypeName};
use crate::core::page::{Page, PageRequest};

impl ConfigStore {
    /// One event type.
    pub async fn event_type(&self, name: &EventTypeName) -> Result<Option<EventType>, StoreError> {
        let found = self.table.get(keys::EVENT_TYPES.to_owned(), name.to_string(), true).await?;
        found.map(rows::read).transpose()
    }

    /// Creates or replaces an event type.
    pub async fn put_event_type(&self, event_type: &EventType) -> Result<(), StoreError> {
        let row = rows::write(&v1::event_type::EventType::from(event_type))?;
        self.table.put(row, None).await.map(|_| ())
    }

    /// Removes an event type from the catalogue; events of it stay on record.
    pub async fn delete_event_type(&self, name: &EventTypeName) -> Result<(), StoreError> {
        self.table.delete(keys::EVENT_TYPES.to_owned(), name.to_string()).await
    }

    /// A page of the catalogue, in order of the names.
    pub async fn event_types(&self, page: &PageRequest) -> Result<Page<EventType>, StoreError> {
        self.list(keys::EVENT_TYPES.to_owned(), None, page, rows::read, |found: &EventType| {
            found.name.to_string()
        })
        .await
    }
}
