//! How rows hold what DynamoDB has no type for.

use serde::de::{DeserializeOwned, Error as _, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::core::timestamp::Timestamp;

/// A time, as milliseconds since 1970.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub struct At(i64);

impl From<Timestamp> for At {
    fn from(time: Timestamp) -> Self {
        Self(time.as_millis())
    }
}

impl From<At> for Timestamp {
    fn from(At(millis): At) -> Self {
        Self::from_millis(millis)
    }
}

/// When a row ends, as DynamoDB wants it: in whole seconds since 1970.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub i64);

impl From<Timestamp> for Seconds {
    fn from(time: Timestamp) -> Self {
        Self(time.as_unix_seconds())
    }
}

impl From<Seconds> for Timestamp {
    fn from(Seconds(seconds): Seconds) -> Self {
        Self::from_millis(seconds.saturating_mul(1_000))
    }
}

/// A value as the text of its JSON, which is shorter than DynamoDB's lists and maps.
#[derive(Clone)]
pub struct Json<T>(pub T);

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&serde_json::to_string(&self.0).map_err(S::Error::custom)?)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        serde_json::from_str(&text).map(Self).map_err(D::Error::custom)
    }
}

/// Bytes as DynamoDB's own type.
#[derive(Clone)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl Visitor<'_> for Read {
            type Value = Bytes;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }

            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Read)
    }
}

/// An enum of the domain as rows hold it: a word for each variant, which stays when the variant is
/// renamed, or gets another word in the API.
macro_rules! words {
    ($name:ident($domain:ty): $($variant:ident = $word:literal),+ $(,)?) => {
        #[derive(Clone, Copy)]
        pub struct $name(pub $domain);

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(match self.0 { $(<$domain>::$variant => $word),+ })
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match &*String::deserialize(deserializer)? {
                    $($word => Ok(Self(<$domain>::$variant)),)+
                    other => Err(serde::de::Error::unknown_variant(other, &[$($word),+])),
                }
            }
        }
    };
}
pub(super) use words;
