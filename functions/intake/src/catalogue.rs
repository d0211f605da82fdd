//! The catalogue as publishing needs it, cached.

use std::sync::Arc;
use std::time::Duration;

use shared::core::event::event_type::{EventType, EventTypeName};
use shared::core::event::schema::Schema;
use shared::core::timestamp::Timestamp;
use shared::edges::api::ApiError;
use shared::edges::cache::Cache;
use shared::edges::store::ConfigStore;

use crate::judge::Entry;
use crate::request::Published;

/// A change of an event type is seen after this long at most. A new one is seen at once.
const TYPE_LIFETIME: Duration = Duration::from_secs(2);
/// A schema is compiled once for each version of its event type.
const SCHEMA_LIFETIME: Duration = Duration::from_hours(1);
const CACHED: usize = 2_000;

#[derive(Debug)]
pub struct Catalogue {
    store: ConfigStore,
    types: Cache<EventTypeName, EventType>,
    schemas: Cache<(EventTypeName, Timestamp), Schema>,
}

impl Catalogue {
    pub fn new(store: ConfigStore) -> Self {
        let (types, schemas) =
            (Cache::new(TYPE_LIFETIME, CACHED), Cache::new(SCHEMA_LIFETIME, CACHED));
        Self { store, types, schemas }
    }

    /// The entry of each event's type, in the order of the request.
    pub async fn entries(
        &self,
        published: &Published,
        now: Timestamp,
    ) -> Result<Vec<Entry>, ApiError> {
        let mut entries = Vec::with_capacity(published.events.len());
        for event in &published.events {
            entries.push(match self.find(&event.r#type, now).await? {
                None => Entry::Unknown,
                Some(found) if found.retired => Entry::Retired,
                Some(found) => {
                    Entry::Current { schema: self.schema(&found, now)?, split: found.split.clone() }
                }
            });
        }
        Ok(entries)
    }

    async fn find(
        &self,
        name: &EventTypeName,
        now: Timestamp,
    ) -> Result<Option<Arc<EventType>>, ApiError> {
        if let Some(found) = self.types.get(name, now) {
            return Ok(Some(found));
        }
        let found = self.store.event_type(name).await?;
        Ok(found.map(|found| self.types.put(name.clone(), found, now)))
    }

    /// The schema that data of a type must match; `None` if any data will do.
    fn schema(
        &self,
        event_type: &EventType,
        now: Timestamp,
    ) -> Result<Option<Arc<Schema>>, ApiError> {
        let Some(json) = event_type.schema.as_ref().filter(|_| event_type.enforce_schema) else {
            return Ok(None);
        };
        let version = (event_type.name.clone(), event_type.updated_at);
        if let Some(schema) = self.schemas.get(&version, now) {
            return Ok(Some(schema));
        }
        let schema = Schema::compile(json.get()).map_err(|error| {
            tracing::error!(event_type = %event_type.name, %error, "a stored schema does not compile");
            ApiError::Internal
        })?;
        Ok(Some(self.schemas.put(version, schema, now)))
    }
}
