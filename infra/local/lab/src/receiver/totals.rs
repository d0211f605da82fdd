//! How much arrived.

use http::request::Parts;

use aws::api::header_bytes;

/// All that arrived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Requests.
    pub requests: u64,
    /// Their bytes, heads included.
    pub bytes: u64,
}

impl Totals {
    /// Adds a request as it was sent: its first line, its headers, its body.
    pub(super) fn add(&mut self, parts: &Parts, body: &[u8]) {
        let target = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
        let line = parts.method.as_str().len() + target + " ".len() + " HTTP/1.1\r\n".len();
        self.requests += 1;
        self.bytes += (line + body.len()) as u64 + header_bytes(&parts.headers);
    }
}

#[cfg(test)]
mod tests;
