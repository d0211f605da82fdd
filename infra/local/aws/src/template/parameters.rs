//! The template's parameters: declared defaults, local defaults, and what the command line says.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Error;

/// One declared parameter.
#[derive(Debug, Deserialize)]
struct Parameter {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "Default")]
    default: Option<Scalar>,
    #[serde(rename = "AllowedValues", default)]
    allowed_values: Vec<Scalar>,
    #[serde(rename = "MinValue")]
    min_value: Option<f64>,
    #[serde(rename = "MaxValue")]
    max_value: Option<f64>,
    #[serde(rename = "MinLength")]
    min_length: Option<usize>,
}

/// A value as YAML writes it: `30` and `"30"` are the same parameter.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Bool(bool),
    Number(serde_json::Number),
}

impl Scalar {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Bool(value) => value.to_string(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// All parameters that a template declares.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Declared {
    parameters: BTreeMap<String, Parameter>,
}

impl Declared {
    /// Every parameter's value: from `overrides`, else from `local`, else the declared default.
    /// Numbers become numbers.
    pub(super) fn values(
        &self,
        overrides: &[(String, String)],
        local: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, Value>, Error> {
        if let Some((name, _)) =
            overrides.iter().find(|(name, _)| !self.parameters.contains_key(name))
        {
            let known: Vec<&str> = self.parameters.keys().map(String::as_str).collect();
            return Err(Error::new(
                name,
                format!("there is no such parameter; there are {}", known.join(", ")),
            ));
        }
        let mut values = BTreeMap::new();
        for (name, parameter) in &self.parameters {
            // The last of repeated flags wins, as it does everywhere on a command line.
            let given = overrides
                .iter()
                .rev()
                .find(|(other, _)| other == name)
                .map(|(_, value)| value.clone());
            let text = given
                .or_else(|| local.get(name).cloned())
                .or_else(|| parameter.default.as_ref().map(Scalar::text))
                .ok_or_else(|| {
                    Error::new(name, "the parameter has no default: give it with --parameter")
                })?;
            values.insert(name.clone(), parameter.read(name, text)?);
        }
        Ok(values)
    }
}

impl Parameter {
    fn read(&self, name: &str, text: String) -> Result<Value, Error> {
        let allowed: Vec<String> = self.allowed_values.iter().map(Scalar::text).collect();
        if !allowed.is_empty() && !allowed.contains(&text) {
            return Err(Error::new(name, format!("{text:?} is not one of {}", allowed.join(", "))));
        }
        if self.min_length.is_some_and(|least| text.len() < least) {
            return Err(Error::new(
                name,
                format!("the value is shorter than {} characters", self.min_length.unwrap_or(0)),
            ));
        }
        match self.kind.as_str() {
            "Number" => self.read_number(name, &text),
            "String" | "CommaDelimitedList" => Ok(Value::String(text)),
            kind => Err(Error::new(
                name,
                format!("the local stack does not understand parameters of type {kind}"),
            )),
        }
    }

    fn read_number(&self, name: &str, text: &str) -> Result<Value, Error> {
        let number: serde_json::Number = serde_json::from_str(text)
            .map_err(|_| Error::new(name, format!("{text:?} is not a number")))?;
        let value = number.as_f64().unwrap_or(f64::NAN);
        if self.min_value.is_some_and(|least| value < least)
            || self.max_value.is_some_and(|most| value > most)
        {
            let bound = |limit: Option<f64>| {
                limit.map_or_else(|| "any".to_owned(), |limit| limit.to_string())
            };
            let (least, most) = (bound(self.min_value), bound(self.max_value));
            return Err(Error::new(name, format!("{text} is outside the range {least} to {most}")));
        }
        Ok(Value::Number(number))
    }
}

#[cfg(test)]
mod tests;
