//! Event types and the filters that choose among them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::core::event::split::Split;
use crate::core::timestamp::Timestamp;

/// A name such as `order.created` or `SaleCreated`: words of `A–Z a–z 0–9 _ -` joined by dots, at
/// most 128 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct EventTypeName(String);

impl EventTypeName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventTypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text that is not an event type's name, or not a filter's pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidEventType(&'static str);

fn is_name(text: &str) -> bool {
    let word = |w: &str| {
        !w.is_empty() && w.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    };
    text.len() <= 128 && text.split('.').all(word)
}

impl FromStr for EventTypeName {
    type Err = InvalidEventType;

    fn from_str(text: &str) -> Result<Self, InvalidEventType> {
        if is_name(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidEventType(
                "an event type's name has words of letters, digits, '_' or '-' joined by dots, 128 characters at most",
            ))
        }
    }
}

impl From<EventTypeName> for String {
    fn from(name: EventTypeName) -> String {
        name.0
    }
}

impl TryFrom<String> for EventTypeName {
    type Error = InvalidEventType;

    fn try_from(text: String) -> Result<Self, InvalidEventType> {
        text.parse()
    }
}

/// One entry of the catalogue.
#[derive(Debug, Clone)]
pub struct EventType {
    /// Its name, unique in the deployment.
    pub name: EventTypeName,
    /// What happened when it is published, for people.
    pub description: String,
    /// Sample data.
    pub example: Option<Box<RawValue>>,
    /// JSON Schema of the data.
    pub schema: Option<Box<RawValue>>,
    /// Whether intake refuses data that the schema does not accept.
    pub enforce_schema: bool,
    /// The array by whose elements an event of this type is split: each element becomes an event of
    /// its own.
    pub split: Option<Split>,
    /// A retired type stays listed, and publishing it is refused.
    pub retired: bool,
    /// When it was first put.
    pub created_at: Timestamp,
    /// When it was last put.
    pub updated_at: Timestamp,
}

/// One pattern of a filter: an exact name, `prefix.*` or `*`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Pattern {
    /// Every event type.
    All,
    /// Every event type below `prefix.` (kept with its dot).
    Below(String),
    /// This one.
    Exact(EventTypeName),
}

impl Pattern {
    /// Whether it chooses `name`.
    #[must_use]
    pub fn matches(&self, name: &EventTypeName) -> bool {
        match self {
            Self::All => true,
            Self::Below(prefix) => name.0.starts_with(prefix.as_str()),
            Self::Exact(exact) => exact == name,
        }
    }
}

impl TryFrom<String> for Pattern {
    type Error = InvalidEventType;

    fn try_from(text: String) -> Result<Self, InvalidEventType> {
        const WANTED: InvalidEventType = InvalidEventType(
            "a pattern is an event type's name, 'prefix.*' for all below a prefix, or '*' for all",
        );
        match text.strip_suffix('*') {
            Some("") => Ok(Self::All),
            Some(prefix) if prefix.strip_suffix('.').is_some_and(is_name) => {
                Ok(Self::Below(prefix.to_owned()))
            }
            Some(_) => Err(WANTED),
            None => text.parse().map(Self::Exact).map_err(|_| WANTED),
        }
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> String {
        match pattern {
            Pattern::All => "*".to_owned(),
            Pattern::Below(prefix) => format!("{prefix}*"),
            Pattern::Exact(name) => name.0,
        }
    }
}

/// Which event types a subscription wants: those that any of its patterns chooses. 1–100 patterns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<Pattern>", try_from = "Vec<Pattern>")]
pub struct Filter(Vec<Pattern>);

impl Filter {
    /// Whether it chooses `name`.
    #[must_use]
    pub fn matches(&self, name: &EventTypeName) -> bool {
        self.0.iter().any(|pattern| pattern.matches(name))
    }
}

impl TryFrom<Vec<Pattern>> for Filter {
    type Error = InvalidEventType;

    fn try_from(patterns: Vec<Pattern>) -> Result<Self, InvalidEventType> {
        if (1..=100).contains(&patterns.len()) {
            Ok(Self(patterns))
        } else {
            Err(InvalidEventType(
                "a filter has 1 to 100 patterns; use [\"*\"] for every event type",
            ))
        }
    }
}

impl From<Filter> for Vec<Pattern> {
    fn from(filter: Filter) -> Self {
        filter.0
    }
}

#[cfg(test)]
mod tests;
