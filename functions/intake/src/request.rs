//! What was published: one event, or a batch.

use lambda_http::http::HeaderMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use shared::core::event::event_type::EventTypeName;
use shared::core::event::payload;
use shared::core::event::split::{MAX_PARTS, MAX_PARTS_BYTES, Split, Unsplittable};
use shared::core::trace_context::TraceContext;
use shared::edges::api::{ApiError, FieldError, Request, even_null};

/// Events of one batch at most.
pub const MAX_BATCH: usize = 100;
/// Characters of an idempotency key at most.
pub const MAX_KEY_LEN: usize = 255;
/// What it is made of, for the API's description.
pub const KEY_PATTERN: &str = "^[ -~]+$";
const KEY_WANTED: &str = "1 to 255 printable ASCII characters are wanted";

/// One event as it was published.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEvent {
    /// Its type.
    pub r#type: EventTypeName,
    /// Its data, byte for byte: any JSON value of 1 MiB at most.
    #[schemars(example = json!({ "order": 1, "total": 42.5 }))]
    pub data: Box<RawValue>,
    /// The key that makes a repeated request harmless.
    #[serde(default)]
    #[schemars(length(min = 1, max = MAX_KEY_LEN), regex(pattern = KEY_PATTERN), example = &"order-1")]
    pub idempotency_key: Option<String>,
    /// How its type splits it; absent if it does not.
    #[serde(skip)]
    pub split: Option<Split>,
    /// The data of each part that it is split into.
    #[serde(skip)]
    pub parts: Vec<Box<RawValue>>,
}

impl NewEvent {
    /// Splits it, or leaves it whole.
    pub fn split(&mut self, split: Option<Split>) -> Result<(), Unsplittable> {
        self.parts = split.as_ref().map_or(Ok(Vec::new()), |split| split.apply(self.data.get()))?;
        self.split = split;
        Ok(())
    }
}

/// A request's events.
#[derive(Debug)]
pub struct Published {
    /// In the order in which they came; at least one.
    pub events: Vec<NewEvent>,
    /// Whether they came as a batch, and are answered as one.
    pub batch: bool,
    /// The trace that the request is a part of, and so are its events.
    pub trace: Option<TraceContext>,
}

impl Published {
    /// Where a field of an event stands in the request.
    #[must_use]
    pub fn path(&self, position: usize, field: &str) -> String {
        if self.batch { format!("events[{position}].{field}") } else { field.to_owned() }
    }

    /// How many events it makes: what is split counts as its parts.
    #[must_use]
    pub fn count(&self) -> usize {
        self.events.iter().map(|event| event.parts.len().max(1)).sum()
    }

    /// Bounds what splitting made of the whole request.
    pub fn check_parts(&self) -> Result<(), ApiError> {
        let parts = || self.events.iter().flat_map(|event| &event.parts);
        let (count, bytes) = (parts().count(), parts().map(|part| part.get().len()).sum::<usize>());
        if count > MAX_PARTS || bytes > MAX_PARTS_BYTES {
            return Err(ApiError::TooLarge(format!(
                "The request's events are split into more than {MAX_PARTS} events, or more than {MAX_PARTS_BYTES} bytes. \
                 Send them in several requests."
            )));
        }
        let too_large = parts().find(|part| part.get().len() > payload::MAX_BYTES);
        too_large.map_or(Ok(()), |part| {
            let bytes = part.get().len();
            Err(ApiError::TooLarge(format!(
                "An element has {bytes} bytes; at most {} are taken.",
                payload::MAX_BYTES
            )))
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    r#type: Option<EventTypeName>,
    #[serde(default, deserialize_with = "even_null")]
    data: Option<Box<RawValue>>,
    idempotency_key: Option<String>,
    events: Option<Vec<NewEvent>>,
}

/// Reads a request: `{"type","data"}`, or `{"events":[…]}` with up to 100 of them. An
/// `Idempotency-Key` header is the key of an event that has none of its own; in a batch, each
/// event's position is added to it.
pub fn read(request: &Request) -> Result<Published, ApiError> {
    let trace = TraceContext::of(&request.headers);
    let mut published = match request.json::<Body>()? {
        Body { r#type: Some(r#type), data: Some(data), idempotency_key, events: None } => {
            Published {
                events: vec![NewEvent {
                    r#type,
                    data,
                    idempotency_key,
                    split: None,
                    parts: Vec::new(),
                }],
                batch: false,
                trace,
            }
        }
        Body { r#type: None, data: None, idempotency_key: None, events: Some(events) } => {
            Published { events, batch: true, trace }
        }
        Body { events: Some(_), .. } => {
            return Err(ApiError::invalid(
                "events",
                "a batch has no type, data or idempotency_key beside its events",
            ));
        }
        Body { r#type: None, .. } => {
            return Err(ApiError::invalid("type", "is missing: the event type's name"));
        }
        Body { .. } => {
            return Err(ApiError::invalid("data", "is missing: the event's data, any JSON value"));
        }
    };
    if !(1..=MAX_BATCH).contains(&published.events.len()) {
        return Err(ApiError::invalid("events", format!("1 to {MAX_BATCH} events are wanted")));
    }
    check(&published)?;
    add_header_key(&mut published, &request.headers)?;
    Ok(published)
}

fn add_header_key(published: &mut Published, headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(()) };
    let key = value
        .to_str()
        .ok()
        .filter(|key| is_key(key))
        .ok_or_else(|| ApiError::invalid("Idempotency-Key", KEY_WANTED))?;
    for (position, event) in published.events.iter_mut().enumerate() {
        let own = if published.batch { format!("{key}#{position}") } else { key.to_owned() };
        event.idempotency_key.get_or_insert(own);
    }
    Ok(())
}

fn is_key(key: &str) -> bool {
    (1..=MAX_KEY_LEN).contains(&key.len()) && key.chars().all(|c| c.is_ascii_graphic() || c == ' ')
}

fn check(published: &Published) -> Result<(), ApiError> {
    let mut faults = Vec::new();
    for (position, event) in published.events.iter().enumerate() {
        let bytes = event.data.get().len();
        if bytes > payload::MAX_BYTES {
            let path = published.path(position, "data");
            return Err(ApiError::TooLarge(format!(
                "{path} has {bytes} bytes; at most {} are taken.",
                payload::MAX_BYTES
            )));
        }
        if !event.idempotency_key.as_deref().is_none_or(is_key) {
            let path = published.path(position, "idempotency_key");
            faults.push(FieldError { path, message: KEY_WANTED.to_owned() });
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(ApiError::Invalid(faults)) }
}

#[cfg(test)]
mod tests;
