//! A request as handlers read it: method, path, query, body.

use std::fmt;
use std::str::FromStr;

use lambda_http::http::{HeaderMap, Method};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{ApiError, FieldError};
use crate::core::page::{DEFAULT_LIMIT, MAX_LIMIT, Order, PageRequest};
use crate::core::timestamp::Timestamp;

/// Bytes of a body at most. Lambda takes 6 MB with everything around the body, and escaping it may
/// double it.
const MAX_BODY_BYTES: usize = 5 << 20;

/// A request, taken apart. `Debug` shows neither headers nor body: keys and secrets are in them.
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, as it came.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    query: Vec<(String, String)>,
    body: Vec<u8>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({} {})", self.method, self.path)
    }
}

impl Request {
    /// Takes a request apart.
    #[must_use]
    pub fn new(request: lambda_http::Request) -> Self {
        let (parts, body) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default();
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let body = match body {
            lambda_http::Body::Text(text) => text.into_bytes(),
            lambda_http::Body::Binary(bytes) => bytes,
            _ => Vec::new(),
        };
        Self {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            headers: parts.headers,
            query,
            body,
        }
    }

    /// The names of the query parameters, as often as they are given.
    pub fn query_names(&self) -> impl Iterator<Item = &str> {
        self.query.iter().map(|(name, _)| name.as_str())
    }

    /// A query parameter; absent and empty are the same.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, value) = self.query.iter().find(|(known, _)| known == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// A query parameter that is more than text.
    pub fn query_as<T: FromStr<Err: std::fmt::Display>>(
        &self,
        name: &str,
    ) -> Result<Option<T>, ApiError> {
        let parse = |value: &str| {
            value.parse().map_err(|error: T::Err| ApiError::invalid(name, error.to_string()))
        };
        self.query(name).map(parse).transpose()
    }

    /// A query parameter that is a list with commas; absent for an empty one.
    pub fn query_list<T: FromStr<Err: std::fmt::Display>>(
        &self,
        name: &str,
    ) -> Result<Vec<T>, ApiError> {
        let parse = |value: &str| {
            value.parse().map_err(|error: T::Err| ApiError::invalid(name, error.to_string()))
        };
        self.query(name).map_or(Ok(Vec::new()), |list| list.split(',').map(parse).collect())
    }

    /// A query parameter that is `true` or `false`.
    pub fn query_flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        self.query_as::<bool>(name).map_err(|_| ApiError::invalid(name, "true or false is wanted"))
    }

    /// The page that `limit`, `cursor` and `order` ask for.
    pub fn page(&self) -> Result<PageRequest, ApiError> {
        let wanted =
            || ApiError::invalid("limit", format!("a number from 1 to {MAX_LIMIT} is wanted"));
        let limit = self.query_as::<u16>("limit").map_err(|_| wanted())?.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(wanted());
        }
        let order = match self.query("order") {
            None | Some("desc") => Order::Descending,
            Some("asc") => Order::Ascending,
            Some(_) => return Err(ApiError::invalid("order", "asc or desc is wanted")),
        };
        Ok(PageRequest { limit, cursor: self.query_as("cursor")?, order })
    }

    /// The time range that `from` and `to` ask for; all of time if they are absent.
    pub fn range(&self) -> Result<(Timestamp, Timestamp), ApiError> {
        let from = self.query_as("from")?.unwrap_or(Timestamp::from_millis(0));
        let to = self.query_as("to")?.unwrap_or(Timestamp::MAX);
        if from > to {
            return Err(ApiError::invalid("from", "from must not be later than to"));
        }
        Ok((from, to))
    }

    /// The body's bytes, within the limit.
    pub fn bytes(&self) -> Result<&[u8], ApiError> {
        if self.body.len() > MAX_BODY_BYTES {
            return Err(ApiError::TooLarge(format!(
                "The body has more than {MAX_BODY_BYTES} bytes."
            )));
        }
        Ok(&self.body)
    }

    /// The body as JSON of the wanted form. What is not JSON is 400; what is not of the form is
    /// 422, with the path.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let body = self.bytes()?;
        if body.is_empty() {
            return Err(ApiError::Malformed("The body is empty; JSON is wanted.".to_owned()));
        }
        let mut json = serde_json::Deserializer::from_slice(body);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            let error = error.into_inner();
            let text = error.to_string();
            if error.is_data() {
                // The path says where; a position in the text would say it again, and for a copy of
                // the body.
                let message = without_value(
                    text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message),
                );
                ApiError::Invalid(vec![FieldError { path, message }])
            } else if serde_json::from_slice::<IgnoredAny>(body).is_ok() {
                // JSON all the same: serde takes a number in place of a name for bad syntax.
                ApiError::invalid(path, "a value of another kind is wanted")
            } else {
                ApiError::Malformed(text)
            }
        })?;
        json.end().map_err(|error| ApiError::Malformed(error.to_string()))?;
        Ok(value)
    }

    /// As [`Self::json`], and an absent body is `{}`.
    pub fn json_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, ApiError> {
        if self.bytes()?.is_empty() { Ok(T::default()) } else { self.json() }
    }
}

/// What serde says of a value of another kind, without the value: it may be a secret in the wrong
/// place.
fn without_value(message: &str) -> String {
    let wrong = ["invalid type: ", "invalid value: ", "unknown variant "]
        .iter()
        .any(|start| message.starts_with(start));
    match (message.find(['"', '`']), message.rfind(", expected ")) {
        (Some(value), Some(expected)) if wrong && value < expected => {
            format!("{}{}", message[..value].trim_end(), &message[expected..])
        }
        _ => message.to_owned(),
    }
}

/// Keeps a `null` that was given, which is data as well, apart from what was not given.
pub fn even_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(deserializer).map(Some)
}

/// Reads a path segment as an id; what is no id names nothing, so that it is not found.
pub fn object<T: FromStr>(segment: &str, what: &'static str) -> Result<T, ApiError> {
    segment.parse().map_err(|_| ApiError::NotFound(what))
}

#[cfg(test)]
mod tests;
