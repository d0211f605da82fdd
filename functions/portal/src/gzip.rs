//! Answers made smaller, where the browser takes that: API Gateway's HTTP APIs compress nothing.

use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use lambda_http::Body;
use lambda_http::http::{HeaderMap, HeaderValue, Response, header};

/// Below this many bytes the headers weigh more than what is saved.
const LEAST: usize = 1024;

/// Whether a request's `Accept-Encoding` names gzip, and not to refuse it.
#[must_use]
pub fn is_accepted(headers: &HeaderMap) -> bool {
    let values = headers
        .get_all(header::ACCEPT_ENCODING)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused =
            weight.trim().strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// The answer, compressed if it is text worth it.
#[must_use]
pub fn compress(mut response: Response<Body>) -> Response<Body> {
    let Body::Text(text) = response.body() else { return response };
    if text.len() < LEAST {
        return response;
    }
    // Writing to memory does not fail; if it did, the answer goes as it is.
    let Ok(small) = gzip(text) else { return response };
    *response.body_mut() = Body::Binary(small);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn gzip(text: &str) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 2), Compression::default());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}

#[cfg(test)]
mod tests;
