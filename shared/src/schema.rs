//! JSON Schemas of event types. No reference outside the schema is followed, and patterns run in linear time.

use std::fmt;

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use crate::api::FieldError;

/// Faults that one check reports at most.
const MAX_FAULTS: usize = 10;

/// A compiled schema.
#[derive(Debug)]
pub struct Schema(Validator);

/// What is wrong with a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidSchema(String);

impl fmt::Display for InvalidSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a JSON Schema that can be used: {}", self.0)
    }
}

impl std::error::Error for InvalidSchema {}

impl Schema {
    /// Compiles the JSON text of a schema (draft 2020-12 unless its `$schema` names another).
    pub fn compile(json: &str) -> Result<Self, InvalidSchema> {
        let schema: Value = serde_json::from_str(json).map_err(|error| InvalidSchema(error.to_string()))?;
        if !schema.is_object() && !schema.is_boolean() {
            return Err(InvalidSchema("an object is wanted".to_owned()));
        }
        let options = jsonschema::options().offline().with_pattern_options(PatternOptions::regex());
        options.build(&schema).map(Self).map_err(|error| InvalidSchema(error.to_string()))
    }

    /// Checks data; faults are at paths below `at`.
    pub fn check(&self, json: &str, at: &str) -> Result<(), Vec<FieldError>> {
        let fault = |path: String, message: String| FieldError { path, message };
        let data: Value = serde_json::from_str(json).map_err(|error| vec![fault(at.to_owned(), error.to_string())])?;
        let faults: Vec<_> = self
            .0
            .iter_errors(&data)
            .take(MAX_FAULTS)
            .map(|error| fault(format!("{at}{}", error.instance_path()), error.to_string()))
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_say_where_they_are() {
        let schema = Schema::compile(r#"{"type":"object","required":["id"],"properties":{"n":{"type":"integer"}}}"#);
        let schema = schema.expect("a schema");
        assert_eq!(schema.check(r#"{"id":1,"n":2}"#, "data"), Ok(()));
        let faults = schema.check(r#"{"n":"x"}"#, "data").unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.path.as_str()).collect::<Vec<_>>(), ["data", "data/n"]);
    }

    #[test]
    fn schemas_that_reach_outside_or_are_none_are_refused() {
        for bad in [r#"{"$ref":"https://example.com/s.json"}"#, r#"{"type":"nothing"}"#, "3", "{"] {
            assert!(Schema::compile(bad).is_err(), "{bad}");
        }
    }
}
