//! The body of a request: the event as its receiver sees it, written by a template that is data of
//! a profile.

pub mod xml;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::core::event::event_type::EventTypeName;
use crate::core::id::{EventId, TenantId};

/// Bytes of a template at most.
pub const MAX_TEMPLATE_LEN: usize = 8 * 1024;

/// A JSON value in which a string that is `"${name}"` and nothing else stands for what it names:
///
/// | placeholder | becomes |
/// |---|---|
/// | `"${id}"` | the event's id, a string |
/// | `"${type}"` | its type, a string |
/// | `"${timestamp}"` | when it was accepted, an RFC 3339 string in UTC with milliseconds |
/// | `"${unix_seconds}"` | the same in whole seconds since 1970, a number |
/// | `"${tenant}"` | the tenant's id, a string |
/// | `"${data}"` | the data, byte for byte as it was published |
///
/// So `"${data}"` by itself is the bare data. Everything is the event's own, the same on every
/// attempt. Members keep their order; white space between them is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// Copied as it is.
    Text(String),
    /// Filled in.
    Place(Place),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Id,
    Type,
    Timestamp,
    UnixSeconds,
    Tenant,
    Data,
}

const PLACES: [(&str, Place); 6] = [
    ("${id}", Place::Id),
    ("${type}", Place::Type),
    ("${timestamp}", Place::Timestamp),
    ("${unix_seconds}", Place::UnixSeconds),
    ("${tenant}", Place::Tenant),
    ("${data}", Place::Data),
];

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidTemplate(String);

/// What a template is filled with.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The event, and with it its time.
    pub event: EventId,
    /// Its type.
    pub event_type: &'a EventTypeName,
    /// Whose it is.
    pub tenant: &'a TenantId,
    /// Its data: the text of one JSON value.
    pub data: &'a str,
}

impl Template {
    /// Reads a template from the text of one JSON value.
    pub fn compile(json: &str) -> Result<Self, InvalidTemplate> {
        if json.len() > MAX_TEMPLATE_LEN {
            return Err(InvalidTemplate(format!(
                "a template has {MAX_TEMPLATE_LEN} bytes at most"
            )));
        }
        let mut template = Self(Vec::new());
        let mut rest = json;
        while let Some(start) = rest.find('"') {
            let (before, string) = rest.split_at(start);
            let (string, after) = string.split_at(string_len(string));
            template.copy(&before.replace([' ', '\n', '\r', '\t'], ""));
            template.fill_or_copy(string)?;
            rest = after;
        }
        template.copy(&rest.replace([' ', '\n', '\r', '\t'], ""));
        Ok(template)
    }

    /// Writes the body of one event: the text of one JSON value.
    #[must_use]
    pub fn render(&self, subject: &Subject<'_>) -> String {
        let mut body = String::with_capacity(subject.data.len() + 256);
        for part in &self.0 {
            match part {
                Part::Text(text) => body.push_str(text),
                Part::Place(place) => place.write(subject, &mut body),
            }
        }
        body
    }

    fn copy(&mut self, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Text(earlier)) => earlier.push_str(text),
            _ => self.0.push(Part::Text(text.to_owned())),
        }
    }

    /// `string` has its quotes.
    fn fill_or_copy(&mut self, string: &str) -> Result<(), InvalidTemplate> {
        let inner = string.trim_matches('"');
        if let Some((_, place)) = PLACES.iter().find(|(name, _)| *name == inner) {
            self.0.push(Part::Place(*place));
            return Ok(());
        }
        if inner.contains("${") {
            let known: Vec<_> = PLACES.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            return Err(InvalidTemplate(format!(
                "{string} is no placeholder; a string that is one and nothing else is wanted: {}",
                known.join(", ")
            )));
        }
        self.copy(string);
        Ok(())
    }
}

/// The length of the JSON string that `text` starts with, its quotes included.
fn string_len(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

impl Place {
    /// Ids, names of types and tenants, and times hold nothing that JSON would escape.
    fn write(self, subject: &Subject<'_>, body: &mut String) {
        use fmt::Write as _;
        let Subject { event, event_type, tenant, data } = subject;
        let written = match self {
            Self::Id => write!(body, r#""{event}""#),
            Self::Type => write!(body, r#""{event_type}""#),
            Self::Timestamp => write!(body, r#""{}""#, event.timestamp()),
            Self::UnixSeconds => write!(body, "{}", event.timestamp().as_unix_seconds()),
            Self::Tenant => write!(body, r#""{tenant}""#),
            Self::Data => body.write_str(data),
        };
        written.expect("a String takes all");
    }
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => json.push_str(text),
                Part::Place(place) => {
                    let named = PLACES.iter().find(|(_, known)| known == place);
                    json.extend(["\"", named.map_or("", |(name, _)| name), "\""]);
                }
            }
        }
        RawValue::from_string(json).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        Self::compile(json.get()).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
