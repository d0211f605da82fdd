//! Splitting one published event into one for each element of an array inside it, such as a cart's
//! items.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::core::event::members::Members;
use crate::core::id::EventId;

/// Names of a pointer at most.
pub const MAX_NAMES: usize = 8;
/// Bytes of a pointer at most.
pub const MAX_LEN: usize = 512;
/// Parts of one event at most.
pub const MAX_PARTS: usize = 1_000;
/// Bytes of an event's parts together at most, 8 MiB: each repeats what stands around the array.
pub const MAX_PARTS_BYTES: usize = 8 << 20;

/// A JSON pointer (RFC 6901) through objects to an array, such as `/items` or `/cart/items`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Split {
    text: String,
    names: Vec<String>,
}

/// Text that is no pointer, or data that cannot be split by one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsplittable {
    /// The pointer itself.
    #[error("a JSON pointer of 1 to {} names is wanted, such as /items", MAX_NAMES)]
    Pointer,
    /// The data has no array at the place.
    #[error("there is no array at {0}, by whose elements events of this type are split")]
    NoArray(String),
    /// The array has no elements.
    #[error("the array at {0} is empty, and each of its elements would be an event")]
    Empty(String),
    /// An element is not an object.
    #[error("{0}/{1} is not an object, as each element is to be")]
    NoObject(String, usize),
    /// There are more than [`MAX_PARTS`], or they would have more than [`MAX_PARTS_BYTES`].
    #[error("its {0} elements make too many events: at most {most} with {bytes} bytes are taken", most = MAX_PARTS, bytes = MAX_PARTS_BYTES)]
    TooMany(usize),
}

impl Split {
    /// The data of each element's event: the element's members, and then all those around the array
    /// that the element does not have itself, inner ones first. Every value keeps its bytes.
    pub fn apply(&self, json: &str) -> Result<Vec<Box<RawValue>>, Unsplittable> {
        let none = || Unsplittable::NoArray(self.text.clone());
        let mut around: Vec<Vec<(Cow<'_, str>, &RawValue)>> = Vec::new();
        let mut rest: &RawValue = serde_json::from_str(json).map_err(|_| none())?;
        for name in &self.names {
            let Members(mut members) = serde_json::from_str(rest.get()).map_err(|_| none())?;
            let position =
                members.iter().rposition(|(member, _)| member == name).ok_or_else(none)?;
            rest = members[position].1;
            members.retain(|(member, _)| member != name);
            around.push(members);
        }
        let elements: Vec<&RawValue> = serde_json::from_str(rest.get()).map_err(|_| none())?;
        if elements.is_empty() {
            return Err(Unsplittable::Empty(self.text.clone()));
        }
        let too_many = || Unsplittable::TooMany(elements.len());
        if elements.len() > MAX_PARTS {
            return Err(too_many());
        }
        let (mut parts, mut bytes) = (Vec::with_capacity(elements.len()), 0);
        for (number, element) in elements.iter().enumerate() {
            let no_object = |_| Unsplittable::NoObject(self.text.clone(), number);
            let Members(own) = serde_json::from_str(element.get()).map_err(no_object)?;
            let part = merged(&own, &around);
            bytes += part.get().len();
            if bytes > MAX_PARTS_BYTES {
                return Err(too_many());
            }
            parts.push(part);
        }
        Ok(parts)
    }
}

fn merged(
    own: &[(Cow<'_, str>, &RawValue)],
    around: &[Vec<(Cow<'_, str>, &RawValue)>],
) -> Box<RawValue> {
    let mut seen = BTreeSet::new();
    let mut json = String::from("{");
    let all = own.iter().chain(around.iter().rev().flatten());
    for (name, value) in all {
        if seen.insert(name) {
            let separator = if json.len() == 1 { "" } else { "," };
            json.push_str(separator);
            // A string is always JSON.
            json.push_str(&serde_json::to_string(name).unwrap_or_default());
            json.push(':');
            json.push_str(value.get());
        }
    }
    json.push('}');
    RawValue::from_string(json).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// The id of an element's event: of the same time as its parent's, and always the same for the same
/// parent and place, so that a repeated request makes the same events.
#[must_use]
pub fn child(parent: EventId, element: usize) -> EventId {
    let digest = Sha256::new()
        .chain_update(parent.to_bytes())
        .chain_update((element as u64).to_be_bytes())
        .finalize();
    let random: [u8; 16] = digest[..16].try_into().unwrap_or_default();
    EventId::new(parent.timestamp(), u128::from_be_bytes(random))
}

impl FromStr for Split {
    type Err = Unsplittable;

    fn from_str(text: &str) -> Result<Self, Unsplittable> {
        let names = text.strip_prefix('/').ok_or(Unsplittable::Pointer)?.split('/');
        let name = |name: &str| {
            let valid = !name.is_empty() && !name.replace("~0", "").replace("~1", "").contains('~');
            valid.then(|| name.replace("~1", "/").replace("~0", "~")).ok_or(Unsplittable::Pointer)
        };
        let names = names.map(name).collect::<Result<Vec<_>, _>>()?;
        if names.len() > MAX_NAMES || text.len() > MAX_LEN {
            return Err(Unsplittable::Pointer);
        }
        Ok(Self { text: text.to_owned(), names })
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Split> for String {
    fn from(split: Split) -> String {
        split.text
    }
}

impl TryFrom<String> for Split {
    type Error = Unsplittable;

    fn try_from(text: String) -> Result<Self, Unsplittable> {
        text.parse()
    }
}

#[cfg(test)]
mod tests;
