//! Whether what was published is in the catalogue, and as its type's schema wants it.

use std::sync::Arc;
use std::time::Duration;

use shared::core::event::event_type::{EventType, EventTypeName};
use shared::core::event::schema::Schema;
use shared::core::event::split::Unsplittable;
use shared::core::timestamp::Timestamp;
use shared::edges::api::{ApiError, FieldError};
use shared::edges::cache::Cache;
use shared::edges::store::ConfigStore;

use crate::request::{NewEvent, Published};

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

    /// Refuses the whole request if any of its events is of an unknown or retired type, not as its
    /// schema wants, or not to be split as its type wants. Splits those whose type wants it.
    pub async fn check(&self, published: &mut Published, now: Timestamp) -> Result<(), ApiError> {
        let mut faults = Vec::new();
        for position in 0..published.events.len() {
            let event = &published.events[position];
            let fault =
                |message: String| FieldError { path: published.path(position, "type"), message };
            let found = match self.find(&event.r#type, now).await? {
                None => {
                    faults
                        .push(fault(format!("the catalogue has no event type '{}'", event.r#type)));
                    continue;
                }
                Some(found) if found.retired => {
                    faults.push(fault(format!("event type '{}' is retired", found.name)));
                    continue;
                }
                Some(found) => found,
            };
            let path = published.path(position, "data");
            let wrong = self.check_data(&found, event, &path, now)?;
            if wrong.is_empty() {
                match published.events[position].split(found.split.clone()) {
                    Ok(()) => {}
                    Err(error @ Unsplittable::TooMany(_)) => {
                        return Err(ApiError::TooLarge(format!("{path}: {error}.")));
                    }
                    Err(error) => faults.push(FieldError { path, message: error.to_string() }),
                }
                // At once: a batch must not be split as a whole before it is seen to be too large.
                published.check_parts()?;
            }
            faults.extend(wrong);
        }
        if faults.is_empty() { Ok(()) } else { Err(ApiError::Invalid(faults)) }
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

    fn check_data(
        &self,
        event_type: &EventType,
        event: &NewEvent,
        path: &str,
        now: Timestamp,
    ) -> Result<Vec<FieldError>, ApiError> {
        let Some(json) = event_type.schema.as_ref().filter(|_| event_type.enforce_schema) else {
            return Ok(Vec::new());
        };
        let version = (event_type.name.clone(), event_type.updated_at);
        let schema = if let Some(schema) = self.schemas.get(&version, now) {
            schema
        } else {
            let schema = Schema::compile(json.get()).map_err(|error| {
                tracing::error!(event_type = %event_type.name, %error, "a stored schema does not compile");
                ApiError::Internal
            })?;
            self.schemas.put(version, schema, now)
        };
        let faults = schema.check(event.data.get(), path).err().unwrap_or_default();
        Ok(faults.into_iter().map(FieldError::from).collect())
    }
}
