//! Headers as they are shown and kept: lower-case names to text, what is secret masked.

use std::collections::BTreeMap;

use http::HeaderMap;
use http::header::SET_COOKIE;
use serde::Serialize;

use crate::core::delivery::excerpt::excerpt;

/// Names to values, in the order of the names.
pub type Headers = BTreeMap<String, String>;

/// What stands where a secret was.
pub const MASK: &str = "********";

/// Names the event of a request; the same on every attempt.
pub const WEBHOOK_ID: &str = "webhook-id";
/// Holds when an attempt started, in seconds.
pub const WEBHOOK_TIMESTAMP: &str = "webhook-timestamp";

/// Bytes kept of a value; whatever a receiver says in more is for its own sake.
const LONGEST_VALUE: usize = 256;

/// Headers as text, several of one name joined. What is sensitive is masked, and whatever a cookie
/// holds; `shown` makes of other values what may be shown of them.
pub fn texts(headers: &HeaderMap, shown: impl Fn(String) -> String) -> Headers {
    let text = |name: &http::HeaderName, value: &http::HeaderValue| {
        if value.is_sensitive() || name == SET_COOKIE {
            MASK.to_owned()
        } else {
            shown(String::from_utf8_lossy(value.as_bytes()).into_owned())
        }
    };
    let joined = |name| {
        headers.get_all(name).iter().map(|value| text(name, value)).collect::<Vec<_>>().join(", ")
    };
    headers.keys().map(|name| (name.to_string(), joined(name))).collect()
}

/// Those for which there is room in so many bytes of JSON, long values cut.
#[must_use]
pub fn fitting(headers: Headers, mut room: usize) -> Headers {
    let cut = |(name, value): (String, String)| {
        (name, excerpt(value.as_bytes(), LONGEST_VALUE).unwrap_or_default())
    };
    let mut fits = |entry: &(String, String)| {
        // The colon and the comma.
        let bytes = json_bytes(&entry.0) + json_bytes(&entry.1) + 2;
        let left = room.checked_sub(bytes);
        room = left.unwrap_or(room);
        left.is_some()
    };
    headers.into_iter().map(cut).filter(|entry| fits(entry)).collect()
}

/// The length of a value as JSON.
pub fn json_bytes(value: &impl Serialize) -> usize {
    // Text and maps of text always serialize.
    serde_json::to_string(value).map_or(usize::MAX, |json| json.len())
}

#[cfg(test)]
mod tests;
