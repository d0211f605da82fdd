//! Files that a page needs besides itself, in the binary. Their paths change with what they hold,
//! so that browsers may keep them for ever.

use std::hash::{DefaultHasher, Hasher};
use std::sync::LazyLock;

use lambda_http::Body;
use lambda_http::http::{HeaderValue, Response, header};

/// One file.
#[derive(Debug)]
pub struct Asset {
    path: String,
    kind: &'static str,
    text: &'static str,
}

/// How pages look.
pub static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("style.css", "text/css", include_str!("../assets/style.css")));
/// What htmx does not do.
pub static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("page.js", "text/javascript", include_str!("../assets/page.js")));
/// htmx 2.0.11 (<https://htmx.org>, Zero-Clause BSD), as its npm package has it: parts of a page
/// fetched again.
pub static HTMX: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("htmx.min.js", "text/javascript", include_str!("../assets/htmx.min.js"))
});

impl Asset {
    fn new(name: &str, kind: &'static str, text: &'static str) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(text.as_bytes());
        Self { path: format!("/portal/assets/{:016x}/{name}", hasher.finish()), kind, text }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// The file at a path.
#[must_use]
pub fn find(path: &str) -> Option<Response<Body>> {
    let asset = [&STYLE, &SCRIPT, &HTMX].into_iter().find(|asset| asset.path() == path)?;
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
