//! The version that a stored or queued shape says of itself.

use std::fmt;

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number that is `N`: written as it, and anything else does not read. A shape that starts with
/// one cannot be taken for a shape of another version.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Version<const N: u8>;

impl<const N: u8> fmt::Debug for Version<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N}")
    }
}

impl<const N: u8> Serialize for Version<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(N)
    }
}

impl<'de, const N: u8> Deserialize<'de> for Version<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            version if version == u64::from(N) => Ok(Self),
            other => {
                Err(D::Error::invalid_value(Unexpected::Unsigned(other), &&*format!("version {N}")))
            }
        }
    }
}
