//! Decides what becomes of a request's events by what the catalogue says of their types. Pure.
//!
//! A request is taken as a whole or not at all: every fault of every event is gathered first.

use std::sync::Arc;

use shared::core::event::schema::Schema;
use shared::core::event::split::{Split, Unsplittable};
use shared::edges::api::{ApiError, FieldError};

use crate::request::{NewEvent, Published};

/// An event's type in the catalogue.
#[derive(Debug, Clone)]
pub enum Entry {
    /// The catalogue has none of that name.
    Unknown,
    /// It is retired: nothing of it may be published.
    Retired,
    /// It may be published.
    Current {
        /// Data must match it; `None` if the type has no schema or does not enforce it.
        schema: Option<Arc<Schema>>,
        /// Data is split by it.
        split: Option<Split>,
    },
}

/// The judgement of one event.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may be published. It was split where its type wants that.
    Accepted,
    /// It may not, for these faults; at least one.
    Invalid(Vec<FieldError>),
    /// It makes more events than one request may: nothing else is looked at.
    TooLarge(String),
}

/// Judges a request's events by their `entries`, one for each in the same order, and splits those
/// whose type wants it.
pub fn request(published: &mut Published, entries: &[Entry]) -> Result<(), ApiError> {
    let mut faults = Vec::new();
    for (position, entry) in entries.iter().enumerate() {
        let paths = (published.path(position, "type"), published.path(position, "data"));
        match event(&mut published.events[position], entry, paths) {
            Verdict::Accepted => {}
            Verdict::Invalid(more) => faults.extend(more),
            Verdict::TooLarge(why) => return Err(ApiError::TooLarge(why)),
        }
        // At once: a batch must not be split as a whole before it is seen to be too large.
        published.check_parts()?;
    }
    if faults.is_empty() { Ok(()) } else { Err(ApiError::Invalid(faults)) }
}

fn event(event: &mut NewEvent, entry: &Entry, (r#type, data): (String, String)) -> Verdict {
    let one = |path, message| Verdict::Invalid(vec![FieldError { path, message }]);
    let (schema, split) = match entry {
        Entry::Unknown => {
            return one(r#type, format!("the catalogue has no event type '{}'", event.r#type));
        }
        Entry::Retired => return one(r#type, format!("event type '{}' is retired", event.r#type)),
        Entry::Current { schema, split } => (schema, split),
    };
    if let Some(Err(faults)) = schema.as_ref().map(|schema| schema.check(event.data.get(), &data)) {
        return Verdict::Invalid(faults.into_iter().map(FieldError::from).collect());
    }
    match event.split(split.clone()) {
        Ok(()) => Verdict::Accepted,
        Err(error @ Unsplittable::TooMany(_)) => Verdict::TooLarge(format!("{data}: {error}.")),
        Err(error) => one(data, error.to_string()),
    }
}

#[cfg(test)]
mod tests;
