//! Files that a page needs besides itself, in the binary. Their paths change with what they hold, so that browsers may keep
//! them for ever.

use std::hash::{DefaultHasher, Hasher};

use lambda_http::Body;
use lambda_http::http::{HeaderValue, Response, header};

/// One file.
#[derive(Debug)]
pub struct Asset {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
}

/// How pages look.
pub const STYLE: Asset = Asset { name: "style.css", kind: "text/css", text: include_str!("../assets/style.css") };
/// What htmx does not do: copying text.
pub const SCRIPT: Asset = Asset { name: "page.js", kind: "text/javascript", text: include_str!("../assets/page.js") };
/// htmx 2.0.11 (<https://htmx.org>, Zero-Clause BSD), as its npm package has it: parts of a page fetched again.
pub const HTMX: Asset =
    Asset { name: "htmx.min.js", kind: "text/javascript", text: include_str!("../assets/htmx.min.js") };

impl Asset {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> String {
        let mut hasher = DefaultHasher::new();
        hasher.write(self.text.as_bytes());
        format!("/portal/assets/{:016x}/{}", hasher.finish(), self.name)
    }
}

/// The file at a path.
#[must_use]
pub fn find(path: &str) -> Option<Response<Body>> {
    let asset = [STYLE, SCRIPT, HTMX].into_iter().find(|asset| asset.path() == path)?;
    Some(kept(asset.kind, asset.text, "public, max-age=31536000, immutable"))
}

/// Text that browsers may keep.
#[must_use]
pub fn kept(kind: &'static str, text: impl Into<Body>, how: &'static str) -> Response<Body> {
    let mut response = Response::new(text.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(how));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
