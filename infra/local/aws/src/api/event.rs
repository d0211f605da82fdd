//! A request as a function receives it: API Gateway's payload format 2.0 for HTTP APIs.
//!
//! See
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, COOKIE, USER_AGENT};
use http::request::Parts;
use serde::Serialize;
use time::OffsetDateTime;
use time::macros::format_description;

use super::routes::{Match, decode};
use crate::clock;
use crate::template::ACCOUNT;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<Cow<'a, str>>,
    headers: BTreeMap<&'a str, Cow<'a, str>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: Cow<'a, str>,
    domain_prefix: &'static str,
    http: Http<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'static str,
    time: String,
    time_epoch: i128,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: &'static str,
    source_ip: &'static str,
    user_agent: Cow<'a, str>,
}

/// The JSON that the function is invoked with.
pub(super) fn payload<F>(
    parts: &Parts,
    body: &[u8],
    found: &Match<'_, F>,
    request_id: &str,
) -> Vec<u8> {
    // HTTP APIs deliver the path decoded, as "raw" as its name is; only the query stays as it was
    // sent.
    let path = &decode(parts.uri.path());
    let query = parts.uri.query().unwrap_or_default();
    let (body, is_base64_encoded) = encode(&parts.headers, body);
    let now = clock::now_utc();
    let single = |name| parts.headers.get(name).map_or(Cow::Borrowed(""), text);
    let event = Event {
        version: "2.0",
        route_key: found.key,
        raw_path: path,
        raw_query_string: query,
        cookies: cookies(&parts.headers),
        headers: headers(&parts.headers),
        query_string_parameters: query_parameters(query),
        request_context: RequestContext {
            account_id: ACCOUNT,
            api_id: "local",
            domain_name: single(http::header::HOST),
            domain_prefix: "local",
            http: Http {
                method: parts.method.as_str(),
                path,
                protocol: "HTTP/1.1",
                // The API listens on the loopback interface alone.
                source_ip: "127.0.0.1",
                user_agent: single(USER_AGENT),
            },
            request_id,
            route_key: found.key,
            stage: "$default",
            time: clf_time(now),
            time_epoch: now.unix_timestamp_nanos() / 1_000_000,
        },
        path_parameters: found
            .parameters
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect(),
        body,
        is_base64_encoded,
    };
    // Strings and numbers only: serialisation cannot fail.
    serde_json::to_vec(&event).unwrap_or_default()
}

fn headers(headers: &HeaderMap) -> BTreeMap<&str, Cow<'_, str>> {
    let mut joined = BTreeMap::new();
    for name in headers.keys().filter(|name| *name != COOKIE) {
        let mut values = headers.get_all(name).iter().map(text);
        let first = values.next().unwrap_or_default();
        let value = values.fold(first, |joined, value| Cow::Owned(format!("{joined},{value}")));
        joined.insert(name.as_str(), value);
    }
    joined
}

fn cookies(headers: &HeaderMap) -> Vec<Cow<'_, str>> {
    let mut cookies = Vec::new();
    for value in headers.get_all(COOKIE) {
        match text(value) {
            Cow::Borrowed(line) => cookies.extend(line.split("; ").map(Cow::Borrowed)),
            Cow::Owned(line) => {
                cookies.extend(line.split("; ").map(|cookie| Cow::Owned(cookie.to_owned())));
            }
        }
    }
    cookies
}

fn text(value: &http::HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

/// The parameters, decoded; the values of a repeated one are joined with commas.
fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let [name, value] = [name, value].map(|text| decode(&text.replace('+', " ")));
        parameters
            .entry(name)
            .and_modify(|joined| *joined = format!("{joined},{value}"))
            .or_insert(value);
    }
    parameters
}

/// A body of a text type as it is, any other in base64, and which of the two it is.
fn encode<'a>(headers: &HeaderMap, body: &'a [u8]) -> (Option<Cow<'a, str>>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    match std::str::from_utf8(body) {
        Ok(body) if is_text(headers) => (Some(Cow::Borrowed(body)), false),
        _ => (Some(Cow::Owned(STANDARD.encode(body))), true),
    }
}

fn is_text(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map(text).unwrap_or_default().to_ascii_lowercase();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.starts_with("text/")
        || matches!(essence, "application/json" | "application/javascript" | "application/xml")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
}

/// Such as `12/Mar/2020:19:03:58 +0000`.
fn clf_time(time: OffsetDateTime) -> String {
    let format =
        format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");
    time.format(format).unwrap_or_default()
}

#[cfg(test)]
mod tests;
