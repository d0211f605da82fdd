//! Rules over the statuses of answers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Some statuses: one (`410`), or a class of them (`"2xx"`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub enum StatusRule {
    /// This one, 200 to 599.
    One(u16),
    /// All that start with this digit, 2 to 5.
    Class(u16),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "a status such as 410, or a class such as \"2xx\", is wanted")]
enum Written {
    Number(u16),
    Text(String),
}

/// What is no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a status from 200 to 599, or a class from \"2xx\" to \"5xx\", is wanted")]
pub struct InvalidStatusRule;

impl StatusRule {
    /// Whether it covers `status`.
    #[must_use]
    pub const fn covers(self, status: u16) -> bool {
        match self {
            Self::One(one) => status == one,
            Self::Class(class) => status / 100 == class,
        }
    }
}

impl fmt::Display for StatusRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(one) => one.fmt(f),
            Self::Class(class) => write!(f, "{class}xx"),
        }
    }
}

impl FromStr for StatusRule {
    type Err = InvalidStatusRule;

    fn from_str(text: &str) -> Result<Self, InvalidStatusRule> {
        match text.parse() {
            Ok(number) if text.len() == 3 => Written::Number(number).try_into(),
            _ => Written::Text(text.to_owned()).try_into(),
        }
    }
}

impl From<StatusRule> for Written {
    fn from(rule: StatusRule) -> Self {
        match rule {
            StatusRule::One(one) => Self::Number(one),
            StatusRule::Class(_) => Self::Text(rule.to_string()),
        }
    }
}

impl TryFrom<Written> for StatusRule {
    type Error = InvalidStatusRule;

    fn try_from(written: Written) -> Result<Self, InvalidStatusRule> {
        match written {
            Written::Number(one @ 200..600) => Ok(Self::One(one)),
            Written::Text(text) => (2..=5)
                .map(Self::Class)
                .find(|class| class.to_string() == text)
                .ok_or(InvalidStatusRule),
            Written::Number(_) => Err(InvalidStatusRule),
        }
    }
}

#[cfg(test)]
mod tests;
