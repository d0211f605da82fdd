//! What a function answers, as an HTTP response: API Gateway's payload format 2.0.

use std::collections::HashMap;

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, SET_COOKIE};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: Option<u16>,
    headers: Option<HashMap<String, String>>,
    multi_value_headers: Option<HashMap<String, Vec<String>>>,
    cookies: Option<Vec<String>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

/// The response, or none when the function's answer makes none: API Gateway says 500 then.
pub(super) fn response(payload: &[u8]) -> Option<Response> {
    match serde_json::from_slice::<Answer>(payload) {
        Ok(answer) if answer.status_code.is_some() => formatted(answer),
        // Any other JSON is taken for the body of a 200.
        _ => {
            let body: &RawValue = serde_json::from_slice(payload).ok()?;
            let response = Response::builder().header(CONTENT_TYPE, "application/json");
            response.body(Body::from(body.get().to_owned())).ok()
        }
    }
}

fn formatted(answer: Answer) -> Option<Response> {
    let body = match (answer.body, answer.is_base64_encoded) {
        (None, _) => Body::empty(),
        (Some(body), Some(true)) => Body::from(STANDARD.decode(body.as_bytes()).ok()?),
        (Some(body), _) => Body::from(body),
    };
    let mut response = Response::builder().status(answer.status_code?).body(body).ok()?;
    let headers = response.headers_mut();
    for (name, value) in answer.headers.unwrap_or_default() {
        headers.insert(
            HeaderName::from_bytes(name.as_bytes()).ok()?,
            HeaderValue::from_bytes(value.as_bytes()).ok()?,
        );
    }
    // Not part of format 2.0, but libraries that serve both formats write it, the same values again
    // among them.
    for (name, values) in answer.multi_value_headers.unwrap_or_default() {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.remove(&name);
        for value in values {
            headers.append(&name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
        }
    }
    for cookie in answer.cookies.unwrap_or_default() {
        headers.append(SET_COOKIE, HeaderValue::from_str(&cookie).ok()?);
    }
    // The server frames the body itself.
    headers.remove(http::header::CONTENT_LENGTH);
    headers.remove(http::header::TRANSFER_ENCODING);
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("text/plain; charset=utf-8"));
    Some(response)
}

#[cfg(test)]
mod tests;
