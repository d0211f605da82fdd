//! What a tenant's key or portal token may do.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One kind of thing that can be done for a tenant.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// See events, deliveries, subscriptions and statistics; no secrets.
    View,
    /// Create, change, test and delete subscriptions; see and rotate their secrets; erase payloads.
    Manage,
    /// Send deliveries again, or cancel them.
    Resend,
    /// Publish events.
    Publish,
}

impl Capability {
    /// Its name in requests and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Manage => "manage",
            Self::Resend => "resend",
            Self::Publish => "publish",
        }
    }
}

/// A set of capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities(u8);

impl Capabilities {
    /// These, each as often as it likes.
    #[must_use]
    pub fn of(capabilities: &[Capability]) -> Self {
        Self(capabilities.iter().fold(0, |set, capability| set | 1 << *capability as u8))
    }

    /// Whether `capability` is among them.
    #[must_use]
    pub const fn have(self, capability: Capability) -> bool {
        self.0 & 1 << capability as u8 != 0
    }
}

/// What an API key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All that concerns its tenant.
    #[default]
    Full,
    /// To look, at anything but secrets.
    ReadOnly,
    /// To publish events, and nothing else: for a producer.
    PublishOnly,
}

/// Text that is not a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("full, read_only or publish_only is wanted")]
pub struct InvalidScope;

impl Scope {
    /// Its name in requests, answers and rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::ReadOnly => "read_only",
            Self::PublishOnly => "publish_only",
        }
    }

    /// What it allows.
    #[must_use]
    pub fn capabilities(self) -> Capabilities {
        use Capability::{Manage, Publish, Resend, View};
        match self {
            Self::Full => Capabilities::of(&[View, Manage, Resend, Publish]),
            Self::ReadOnly => Capabilities::of(&[View]),
            Self::PublishOnly => Capabilities::of(&[Publish]),
        }
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        [Self::Full, Self::ReadOnly, Self::PublishOnly]
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or(InvalidScope)
    }
}

#[cfg(test)]
mod tests;
