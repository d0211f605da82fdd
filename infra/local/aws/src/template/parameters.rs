//! The template's parameters: declared defaults, local defaults, and what the command line says.

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

use super::Error;

/// The most characters of a value that an error shows.
const SHOWN: usize = 60;

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
    #[serde(rename = "MaxLength")]
    max_length: Option<usize>,
    /// A regular expression of Java's, which the whole value must match.
    #[serde(rename = "AllowedPattern")]
    allowed_pattern: Option<String>,
    /// The constraints in the template's own words.
    #[serde(rename = "ConstraintDescription")]
    constraint_description: Option<String>,
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
    /// Numbers become numbers. A value that breaks a constraint of the template is an error.
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
                place(name),
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
                    Error::new(place(name), "it has no default: give it with --parameter")
                })?;
            values.insert(name.clone(), parameter.read(name, text)?);
        }
        Ok(values)
    }
}

impl Parameter {
    fn read(&self, name: &str, text: String) -> Result<Value, Error> {
        if let Some(rule) = self.rule_broken_by(name, &text)? {
            let rule = self.constraint_description.as_deref().unwrap_or(&rule);
            return Err(Error::new(
                place(name),
                format!("{} is not allowed: {rule}", short(&text)),
            ));
        }
        match self.kind.as_str() {
            "Number" => serde_json::from_str(&text)
                .map(Value::Number)
                .map_err(|error| Error::new(place(name), format!("{}: {error}", short(&text)))),
            _ => Ok(Value::String(text)),
        }
    }

    /// The first of the declared constraints that a value breaks. None: the value is allowed.
    fn rule_broken_by(&self, name: &str, text: &str) -> Result<Option<String>, Error> {
        let allowed: Vec<String> = self.allowed_values.iter().map(Scalar::text).collect();
        if !allowed.is_empty() && !allowed.iter().any(|allowed| allowed == text) {
            return Ok(Some(format!("must be one of {}", allowed.join(", "))));
        }
        match self.kind.as_str() {
            "Number" => Ok(self.range_broken_by(text)),
            "String" => Ok(self.length_broken_by(text).or(self.pattern_broken_by(name, [text])?)),
            // The pattern is one for each value of the list.
            "CommaDelimitedList" => self.pattern_broken_by(name, text.split(',').map(str::trim)),
            kind => {
                let reason = format!("the local stack does not understand the type {kind}");
                Err(Error::new(place(name), reason))
            }
        }
    }

    fn range_broken_by(&self, text: &str) -> Option<String> {
        let Ok(number) = serde_json::from_str::<f64>(text) else {
            return Some("must be a number".to_owned());
        };
        let is_within = self.min_value.is_none_or(|least| number >= least)
            && self.max_value.is_none_or(|most| number <= most);
        (!is_within).then(|| format!("must be {}", bounds(self.min_value, self.max_value)))
    }

    fn length_broken_by(&self, text: &str) -> Option<String> {
        let length = text.chars().count();
        let is_within = self.min_length.is_none_or(|least| length >= least)
            && self.max_length.is_none_or(|most| length <= most);
        let allowed = || bounds(self.min_length, self.max_length);
        (!is_within).then(|| format!("its number of characters must be {}", allowed()))
    }

    fn pattern_broken_by<'a>(
        &self,
        name: &str,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Option<String>, Error> {
        let Some(pattern) = &self.allowed_pattern else {
            return Ok(None);
        };
        // CloudFormation has the whole value match.
        let whole = Regex::new(&format!(r"\A(?:{pattern})\z"))
            .map_err(|error| Error::new(place(name), format!("AllowedPattern: {error}")))?;
        let is_matched = texts.into_iter().all(|text| whole.is_match(text));
        Ok((!is_matched).then(|| format!("must match {pattern}")))
    }
}

/// The parameter in an error.
fn place(name: &str) -> String {
    format!("parameter {name}")
}

/// A value in an error: its first characters if it is long.
fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

fn bounds<N: std::fmt::Display>(least: Option<N>, most: Option<N>) -> String {
    match (least, most) {
        (Some(least), Some(most)) => format!("between {least} and {most}"),
        (Some(least), None) => format!("at least {least}"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => "anything".to_owned(),
    }
}

#[cfg(test)]
mod tests;
