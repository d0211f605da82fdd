//! Headers as they are shown and kept: lower-case names to text, what is secret masked.

use std::collections::BTreeMap;

use http::HeaderMap;
use http::header::SET_COOKIE;
use serde::Serialize;

use crate::attempt::excerpt;

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

/// Headers as text, several of one name joined. What is sensitive is masked, and whatever a cookie holds; `shown` makes
/// of other values what may be shown of them.
pub fn texts(headers: &HeaderMap, shown: impl Fn(String) -> String) -> Headers {
    let text = |name: &http::HeaderName, value: &http::HeaderValue| {
        if value.is_sensitive() || name == SET_COOKIE {
            MASK.to_owned()
        } else {
            shown(String::from_utf8_lossy(value.as_bytes()).into_owned())
        }
    };
    let joined = |name| headers.get_all(name).iter().map(|value| text(name, value)).collect::<Vec<_>>().join(", ");
    headers.keys().map(|name| (name.to_string(), joined(name))).collect()
}

/// Those for which there is room in so many bytes of JSON, long values cut.
#[must_use]
pub fn fitting(headers: Headers, mut room: usize) -> Headers {
    let cut = |(name, value): (String, String)| (name, excerpt(value.as_bytes(), LONGEST_VALUE).unwrap_or_default());
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
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
        let header = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        all.iter().map(header).collect()
    }

    fn map(all: &[(&str, &str)]) -> Headers {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn headers_of_one_name_are_joined_and_secrets_masked() {
        let mut all = headers(&[("via", "a"), ("x", "b"), ("via", "c"), ("set-cookie", "d"), ("set-cookie", "e")]);
        let mut secret = HeaderValue::from_static("f");
        secret.set_sensitive(true);
        all.insert("x-key", secret);
        let expected = [("set-cookie", "********, ********"), ("via", "A, C"), ("x", "B"), ("x-key", MASK)];
        assert_eq!(texts(&all, |text| text.to_uppercase()), map(&expected));
    }

    #[test]
    fn a_header_for_which_there_is_no_room_is_left_out_and_a_long_value_cut() {
        let long = "y".repeat(300);
        let all = map(&[("a", "12345"), ("b", &long), ("c", "12345"), ("d", "\"\"")]);
        let names = |room| fitting(all.clone(), room).into_keys().collect::<String>();
        for (room, kept) in [(10, ""), (11, "d"), (12, "a"), (24, "ac"), (35, "acd"), (298, "abcd")] {
            assert_eq!(names(room), kept, "{room}");
        }
        assert_eq!(fitting(all.clone(), 298)["b"].len(), LONGEST_VALUE);
        for room in 0..400 {
            let kept = fitting(all.clone(), room);
            assert!(json_bytes(&kept) <= room + 2, "without the braces");
        }
    }
}
