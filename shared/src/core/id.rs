//! Identifiers: one type each, so that an event's id can never be used where a subscription's is
//! wanted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::core::timestamp::Timestamp;

/// Text that is not an identifier of the kind that was wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidId(String);

macro_rules! ulid_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(Ulid);

        impl $name {
            /// What every such identifier starts with.
            pub const PREFIX: &'static str = $prefix;

            /// Makes the identifier of something that came to be at `at`; only the low 80 bits of
            /// `random` are used.
            #[must_use]
            pub const fn new(at: Timestamp, random: u128) -> Self {
                Self(Ulid::from_parts(at.as_millis().unsigned_abs(), random))
            }

            /// The smallest identifier of its millisecond: the bound of a range over time.
            #[must_use]
            pub const fn first_at(at: Timestamp) -> Self {
                Self::new(at, 0)
            }

            /// When it was made, to the millisecond.
            #[must_use]
            pub fn timestamp(self) -> Timestamp {
                Timestamp::from_millis(i64::try_from(self.0.timestamp_ms()).unwrap_or(i64::MAX))
            }

            /// The 128 bits without the prefix.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0.to_bytes()
            }

            /// The reverse of [`Self::to_bytes`].
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Ulid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                f.write_str(self.0.array_to_str(&mut [0; ulid::ULID_LEN]))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let canonical = text
                    .strip_prefix($prefix)
                    .and_then(|rest| Ulid::from_string(rest).ok())
                    .map(Self)
                    .filter(|id| id.to_string() == text);
                canonical.ok_or_else(|| {
                    InvalidId(format!("an id that starts with {} and goes on with 26 characters is wanted", $prefix))
                })
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }
    };
}

ulid_id!(
    /// An event; also the `webhook-id` of each of its attempts. Its time is the time of acceptance.
    EventId,
    "evt_"
);
ulid_id!(
    /// A subscription.
    SubscriptionId,
    "sub_"
);
ulid_id!(
    /// An API key (not the key itself).
    KeyId,
    "key_"
);
ulid_id!(
    /// One asking for a resend.
    ResendId,
    "rsd_"
);

/// The platform's customer. Chosen by the platform: 1–64 characters of `A–Z a–z 0–9 . _ -`, a
/// letter or digit first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TenantId(String);

impl TenantId {
    /// The reserved tenant of Postrider's own events about deliveries and subscriptions. It always
    /// exists, and nobody publishes to it from outside.
    pub const OPERATIONS: &'static str = "_operations";

    /// [`Self::OPERATIONS`].
    #[must_use]
    pub fn operations() -> Self {
        Self(Self::OPERATIONS.to_owned())
    }

    /// Whether it is [`Self::OPERATIONS`].
    #[must_use]
    pub fn is_operations(&self) -> bool {
        self.0 == Self::OPERATIONS
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TenantId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let valid = (1..=64).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        if valid || text == Self::OPERATIONS {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId(
                "a tenant's id has 1 to 64 letters, digits, '.', '_' or '-', a letter or digit first".to_owned(),
            ))
        }
    }
}

impl From<TenantId> for String {
    fn from(id: TenantId) -> String {
        id.0
    }
}

impl TryFrom<String> for TenantId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

#[cfg(test)]
mod tests;
