//! Headers that a subscription adds to each of its requests, such as a key that its receiver asks
//! for.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Custom headers of one subscription at most.
pub const MAX_HEADERS: usize = 20;
/// Characters of a custom header's name at most.
pub const MAX_NAME_LEN: usize = 128;
/// What a name is made of, for the API's description.
pub const NAME_PATTERN: &str = "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$";
/// Characters of a custom header's value at most.
pub const MAX_VALUE_LEN: usize = 1024;

/// Checked custom headers, names in lower case. `Debug` shows the names alone: values are often
/// keys.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct CustomHeaders(BTreeMap<String, String>);

/// A custom header that must not be sent: which, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidHeader(String);

/// Hop-by-hop headers (RFC 9110 §7.6.1), those that the sender itself decides, and those that name
/// the publisher's trace.
const RESERVED: [&str; 15] = [
    "connection",
    "expect",
    "host",
    "keep-alive",
    "metadata",
    "metadata-flavor",
    "proxy-connection",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
];
/// Families that describe the body, carry the signature, belong to proxies, or speak to a cloud's
/// own services.
const RESERVED_PREFIXES: [&str; 8] =
    ["content-", "webhook-", "proxy-", "x-amz-", "x-amzn-", "x-aws-", "x-goog-", "x-ms-"];

impl CustomHeaders {
    /// The headers by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Their names, to be shown.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// The JSON that is sealed into a subscription's row; `None` where there are none.
    #[must_use]
    pub fn json(&self) -> Option<String> {
        let all = || self.iter().collect::<serde_json::Value>();
        (!self.is_empty()).then(|| all().to_string())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for CustomHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl TryFrom<BTreeMap<String, String>> for CustomHeaders {
    type Error = InvalidHeader;

    fn try_from(headers: BTreeMap<String, String>) -> Result<Self, InvalidHeader> {
        if headers.len() > MAX_HEADERS {
            return Err(InvalidHeader(format!("at most {MAX_HEADERS} headers are taken")));
        }
        let mut checked = BTreeMap::new();
        for (name, value) in headers {
            let name = name.to_ascii_lowercase();
            check(&name, &value)?;
            if checked.insert(name.clone(), value).is_some() {
                return Err(InvalidHeader(format!(
                    "'{name}' is given twice; header names do not differ by case"
                )));
            }
        }
        Ok(Self(checked))
    }
}

/// Checks that requests may carry a header of this name besides the sender's own.
pub fn check_name(name: &str) -> Result<(), InvalidHeader> {
    let name = name.to_ascii_lowercase();
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if !(1..=MAX_NAME_LEN).contains(&name.len()) || !name.chars().all(is_token) {
        return Err(InvalidHeader(format!(
            "'{name}' is not a header name (RFC 9110 §5.1), {MAX_NAME_LEN} characters at most"
        )));
    }
    if RESERVED.contains(&name.as_str())
        || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    {
        return Err(InvalidHeader(format!("'{name}' is reserved; choose a name of your own")));
    }
    Ok(())
}

fn check(name: &str, value: &str) -> Result<(), InvalidHeader> {
    check_name(name)?;
    let is_value = |c: char| c == ' ' || c.is_ascii_graphic();
    if value.len() > MAX_VALUE_LEN || !value.chars().all(is_value) || value.trim() != value {
        return Err(InvalidHeader(format!(
            "the value of '{name}' must be printable ASCII without outer spaces, {MAX_VALUE_LEN} characters at most"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
