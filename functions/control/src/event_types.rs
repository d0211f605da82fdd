//! The catalogue.

mod imported;

use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use shared::core::event::event_type::{EventType, EventTypeName};
use shared::core::event::schema::Schema;
use shared::core::event::split::Split;
use shared::core::timestamp::Timestamp;
use shared::edges::api::response::{self, List};
use shared::edges::api::schemas::JsonSchemaText;
use shared::edges::api::{ApiError, FieldError, Request};
use shared::edges::clock;
use shared::edges::store::ConfigStore;

use crate::Answer;
use imported::Imported;

/// Event types of one import at most.
const MAX_IMPORT: usize = 500;
/// Bytes of an example at most.
const MAX_EXAMPLE_LEN: usize = 64 * 1024;
/// Characters of a description at most.
const MAX_DESCRIPTION_LEN: usize = 2_000;

/// What an event type is to be.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutEventType {
    /// What happened when it is published, for people.
    #[serde(default)]
    #[schemars(length(max = MAX_DESCRIPTION_LEN), example = &"An order was placed")]
    description: String,
    /// Sample data, 64 KB at most; what a test push sends.
    #[schemars(example = json!({ "order": 1, "total": 42.5 }))]
    example: Option<Box<RawValue>>,
    /// JSON Schema of the data (draft 2020-12 unless its `$schema` names another), 64 KB at most.
    /// No reference outside of it is followed.
    #[schemars(with = "Option<JsonSchemaText>")]
    schema: Option<Box<RawValue>>,
    /// The array by whose elements a published event is split.
    #[schemars(example = None::<Split>)]
    split: Option<Split>,
    /// Whether data that the schema does not accept is refused.
    #[serde(default)]
    enforce_schema: bool,
    /// A retired type stays listed, and publishing it is refused.
    #[serde(default)]
    retired: bool,
}

/// Event types to be created or replaced.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Import {
    #[schemars(length(min = 1, max = MAX_IMPORT))]
    event_types: Vec<Imported>,
}

/// How many event types an import has made.
#[derive(Default, Serialize, JsonSchema)]
#[schemars(rename = "ImportedCounts")]
pub struct ImportedView {
    /// Those that were not there before.
    #[schemars(example = 1)]
    created: u32,
    /// Those that were.
    replaced: u32,
}

/// An event type of the catalogue.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EventType")]
pub struct EventTypeView<'a> {
    name: &'a EventTypeName,
    /// What happened when it is published, for people.
    #[schemars(example = &"An order was placed")]
    description: &'a str,
    /// Sample data.
    #[schemars(example = json!({ "order": 1, "total": 42.5 }))]
    example: Option<&'a RawValue>,
    /// JSON Schema of the data.
    #[schemars(with = "Option<JsonSchemaText>")]
    schema: Option<&'a RawValue>,
    /// The array by whose elements a published event is split.
    #[schemars(example = None::<Split>)]
    split: Option<&'a Split>,
    /// Whether data that the schema does not accept is refused.
    enforce_schema: bool,
    /// Whether publishing it is refused.
    retired: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> From<&'a EventType> for EventTypeView<'a> {
    fn from(found: &'a EventType) -> Self {
        Self {
            name: &found.name,
            description: &found.description,
            example: found.example.as_deref(),
            schema: found.schema.as_deref(),
            split: found.split.as_ref(),
            enforce_schema: found.enforce_schema,
            retired: found.retired,
            created_at: found.created_at,
            updated_at: found.updated_at,
        }
    }
}

/// `GET /v1/event-types?limit&cursor&order`: by name.
pub async fn list(config: &ConfigStore, request: &Request) -> Answer {
    let page = config.event_types(&request.page()?).await?;
    let items = page.items.iter().map(EventTypeView::from).collect();
    response::ok(&List { items, next_cursor: page.next.map(|cursor| cursor.to_string()) })
}

/// `GET /v1/event-types/{name}`.
pub async fn get(config: &ConfigStore, name: &EventTypeName) -> Answer {
    response::ok(&EventTypeView::from(&find(config, name).await?))
}

/// `GET /v1/event-types/{name}/schema`: the JSON Schema itself.
pub async fn schema(config: &ConfigStore, name: &EventTypeName) -> Answer {
    let found = find(config, name).await?;
    response::ok(&found.schema.ok_or(ApiError::NotFound("schema"))?)
}

/// `PUT /v1/event-types/{name}`: creates (201) or replaces (200) it.
pub async fn put(config: &ConfigStore, name: &str, request: &Request) -> Answer {
    let name: EventTypeName =
        name.parse().map_err(|error| ApiError::invalid("name", format!("{error}")))?;
    let wanted: PutEventType = request.json_or_default()?;
    let faults = wanted.faults("");
    if !faults.is_empty() {
        return Err(ApiError::Invalid(faults));
    }
    let (saved, new) = save(config, name, wanted).await?;
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    response::json(status, &EventTypeView::from(&saved))
}

/// `POST /v1/event-types/import`: creates or replaces each; others stay. All are checked before one
/// is written.
pub async fn import(config: &ConfigStore, request: &Request) -> Answer {
    let event_types = request.json::<Import>()?.checked()?;
    let mut counts = ImportedView::default();
    for Imported { name, put } in event_types {
        let (_, new) = save(config, name, put).await?;
        *(if new { &mut counts.created } else { &mut counts.replaced }) += 1;
    }
    response::ok(&counts)
}

/// `DELETE /v1/event-types/{name}`: events of it stay on record; to refuse new ones and keep it
/// listed, put it with `retired`.
pub async fn delete(config: &ConfigStore, name: &EventTypeName) -> Answer {
    let found = find(config, name).await?;
    config.delete_event_type(&found.name).await?;
    Ok(response::no_content())
}

async fn find(config: &ConfigStore, name: &EventTypeName) -> Result<EventType, ApiError> {
    config.event_type(name).await?.ok_or(ApiError::NotFound("event type"))
}

/// Creates or replaces it; answers it, and whether it is new.
async fn save(
    config: &ConfigStore,
    name: EventTypeName,
    wanted: PutEventType,
) -> Result<(EventType, bool), ApiError> {
    let earlier = config.event_type(&name).await?;
    let saved = wanted.over(name, earlier.as_ref(), clock::now());
    config.put_event_type(&saved).await?;
    Ok((saved, earlier.is_none()))
}

impl Import {
    /// The event types, none of which has a fault.
    fn checked(self) -> Result<Vec<Imported>, ApiError> {
        if !(1..=MAX_IMPORT).contains(&self.event_types.len()) {
            return Err(ApiError::invalid(
                "event_types",
                format!("1 to {MAX_IMPORT} event types are wanted"),
            ));
        }
        let numbered = self.event_types.iter().enumerate();
        let faults: Vec<_> = numbered
            .flat_map(|(position, one)| one.put.faults(&format!("event_types[{position}].")))
            .collect();
        if faults.is_empty() { Ok(self.event_types) } else { Err(ApiError::Invalid(faults)) }
    }
}

impl PutEventType {
    /// The event type of this name that is put over `earlier`.
    fn over(self, name: EventTypeName, earlier: Option<&EventType>, now: Timestamp) -> EventType {
        let Self { description, example, schema, split, enforce_schema, retired } = self;
        EventType {
            name,
            description,
            example,
            schema,
            split,
            enforce_schema,
            retired,
            created_at: earlier.map_or(now, |earlier| earlier.created_at),
            updated_at: now,
        }
    }

    /// Its faults, with their paths behind `at`.
    fn faults(&self, at: &str) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, message: String| {
            faults.push(FieldError { path: format!("{at}{field}"), message });
        };
        if self.description.chars().count() > MAX_DESCRIPTION_LEN {
            fault("description", format!("at most {MAX_DESCRIPTION_LEN} characters are taken"));
        }
        if self.example.as_ref().is_some_and(|json| json.get().len() > MAX_EXAMPLE_LEN) {
            fault("example", format!("at most {MAX_EXAMPLE_LEN} bytes are taken"));
        }
        if let (Some(split), Some(example)) = (&self.split, &self.example)
            && let Err(error) = split.apply(example.get())
        {
            fault("example", error.to_string());
        }
        match &self.schema {
            None if self.enforce_schema => {
                fault("enforce_schema", "there is no schema to enforce".to_owned());
            }
            Some(json) => match Schema::compile(json.get()) {
                Err(error) => fault("schema", error.to_string()),
                Ok(schema) => {
                    if let Some(example) = &self.example {
                        let wrong = schema.check(example.get(), &format!("{at}example"));
                        let wrong = wrong.err().unwrap_or_default();
                        faults.extend(wrong.into_iter().map(FieldError::from));
                    }
                }
            },
            None => {}
        }
        faults
    }
}

#[cfg(test)]
mod tests;
