//! JSON Schemas of event types. No reference outside the schema is followed, patterns run in linear
//! time, and no check takes longer than its data is long: what a check would do is counted before
//! it is made ([`steps`]), and one that would take more than [`steps::allowed`] is refused instead.

mod outline;
mod patterns;
mod steps;
#[cfg(test)]
mod tests;
mod unique;

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use outline::Outline;
use unique::UniqueItems;

/// Bytes of a schema's text at most.
pub const MAX_LEN: usize = 64 * 1024;
/// Faults that one check reports at most.
const MAX_FAULTS: usize = 10;
/// Where a check applies more subschemas, its faults are not looked for: all are gathered before
/// the first is told, and each takes hundreds of bytes.
const MAX_LISTED: u64 = 10_000;
/// Bytes of the cache that a pattern has for the states it was in.
const PATTERN_CACHE_BYTES: usize = 256 * 1024;

/// A compiled schema.
#[derive(Debug)]
pub struct Schema {
    validator: Validator,
    outline: Outline,
}

/// A place in checked data that its schema does not accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// A JSON pointer to it.
    pub path: String,
    /// In words for the publisher.
    pub message: String,
}

/// What is wrong with a schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a JSON Schema that can be used: {0}")]
pub struct InvalidSchema(String);

impl Schema {
    /// Compiles the JSON text of a schema (draft 2020-12 unless its `$schema` names another).
    pub fn compile(json: &str) -> Result<Self, InvalidSchema> {
        if json.len() > MAX_LEN {
            return Err(InvalidSchema(format!("it has more than {MAX_LEN} bytes")));
        }
        let schema: Value =
            serde_json::from_str(json).map_err(|error| InvalidSchema(error.to_string()))?;
        if !schema.is_object() && !schema.is_boolean() {
            return Err(InvalidSchema("an object is wanted".to_owned()));
        }
        let outline = Outline::of(&schema)?;
        let validator = build(&schema, patterns::MAX_BYTES)
            .map_err(|error| InvalidSchema(error.to_string()))?;
        Ok(Self { validator, outline })
    }

    /// Checks data; faults are at paths below `at`.
    pub fn check(&self, json: &str, at: &str) -> Result<(), Vec<Fault>> {
        let fault = |path: String, message: String| Fault { path, message };
        let one = |message: String| Err(vec![fault(at.to_owned(), message)]);
        let data: Value = match serde_json::from_str(json) {
            Ok(data) => data,
            Err(error) => return one(error.to_string()),
        };
        let work = match steps::count(&self.outline, &data, steps::allowed(json.len())) {
            Ok(work) => work,
            Err(error) => return one(error.to_string()),
        };
        if self.validator.is_valid(&data) {
            return Ok(());
        }
        if work.applied > MAX_LISTED {
            return one(
                "the schema does not accept it (of data this large, the faults are not listed)"
                    .to_owned(),
            );
        }
        let faults = self.validator.iter_errors(&data).take(MAX_FAULTS);
        Err(faults
            .map(|error| fault(format!("{at}{}", error.instance_path()), error.to_string()))
            .collect())
    }
}

fn build(
    schema: &Value,
    pattern_bytes: usize,
) -> Result<Validator, jsonschema::ValidationError<'static>> {
    let patterns =
        PatternOptions::regex().size_limit(pattern_bytes).dfa_size_limit(PATTERN_CACHE_BYTES);
    jsonschema::options()
        .offline()
        .with_pattern_options(patterns)
        .with_keyword("uniqueItems", |_, wanted, _| {
            Ok(Box::new(UniqueItems(wanted == &Value::Bool(true))))
        })
        .build(schema)
}
