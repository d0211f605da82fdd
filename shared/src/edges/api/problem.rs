//! Errors as RFC 9457 problem details: what is wrong, where, and what would be right.

use lambda_http::Body;
use lambda_http::http::{HeaderValue, Response, StatusCode, header};
use schemars::JsonSchema;
use serde::Serialize;

use crate::core::access::capability::Capability;
use crate::core::event::schema::Fault;
use crate::edges::queue::QueueError;
use crate::edges::store::StoreError;

/// Faults that are told at most.
const MAX_FAULTS: usize = 100;
/// Bytes of a path, and of a message, that are told at most: both may repeat what the caller has
/// sent.
const MAX_TEXT_LEN: usize = 500;

/// One fault of a request's body or query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldError {
    /// Where: a path such as `events[3].type`, or a parameter's name.
    pub path: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl From<Fault> for FieldError {
    fn from(Fault { path, message }: Fault) -> Self {
        Self { path, message }
    }
}

/// Every way in which a request ends without what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// 400: the body is not JSON.
    Malformed(String),
    /// 401: no key, or one that nobody has.
    Unauthorized,
    /// 401: a portal token of ours, whose time is over.
    TokenExpired,
    /// 403: the key is a tenant's, which is not enough.
    AdminOnly,
    /// 403: the key or token is a tenant's own, and is not for this.
    NotPermitted(Capability),
    /// 404: there is no such thing, or it is another tenant's.
    NotFound(&'static str),
    /// 405: the path exists, the method does not. Names those that do.
    MethodNotAllowed(String),
    /// 409: it contradicts what is there.
    Conflict(String),
    /// 413: the body or a payload is too large.
    TooLarge(String),
    /// 422: the body is JSON, and parts of it are not what is wanted.
    Invalid(Vec<FieldError>),
    /// 429: the tenant published as many events as it may in a minute.
    TooManyEvents {
        /// How many that are.
        limit: u32,
        /// Seconds until the next minute.
        wait: u64,
    },
    /// 503: a part that this depends on did not answer; the same request may succeed later.
    Unavailable,
    /// 500: our fault. The log knows more; the caller does not.
    Internal,
}

/// Why a request ended without what it asked for (RFC 9457).
#[derive(Serialize, JsonSchema)]
pub struct Problem<'a> {
    /// Which kind of problem; `urn:postrider:problem:` and its name.
    r#type: String,
    /// The kind in words.
    title: &'a str,
    /// The answer's status.
    status: u16,
    /// What is wrong this time, and what would be right.
    detail: String,
    /// Each fault of the request, where it was not valid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl ApiError {
    /// One fault at one place.
    #[must_use]
    pub fn invalid(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { path: path.into(), message: message.into() }])
    }

    /// Others changed `subject` each time that it was tried.
    #[must_use]
    pub fn contended(subject: &str) -> Self {
        let detail =
            format!("{subject} was changed by others at the same time. Send the request again.");
        Self::Conflict(detail)
    }

    fn parts(&self) -> (u16, &'static str, &'static str, String) {
        let errors = |errors: &[FieldError]| {
            let first = errors.first().map(|error| format!("{}: {}", error.path, error.message));
            first.unwrap_or_default()
        };
        match self {
            Self::Malformed(detail) => {
                (400, "malformed-body", "The body is not JSON", detail.clone())
            }
            Self::Unauthorized => {
                let detail = "Send 'Authorization: Bearer <key>' with a key that was not revoked.";
                (401, "unauthorized", "A valid API key is wanted", detail.to_owned())
            }
            Self::TokenExpired => {
                let detail = "This portal token has expired or was revoked. Ask for a new link.";
                (401, "token-expired", "The portal token has expired", detail.to_owned())
            }
            Self::AdminOnly => {
                let detail =
                    "This key belongs to a tenant; this route wants the deployment's admin key.";
                (403, "admin-only", "The admin key is wanted", detail.to_owned())
            }
            Self::NotPermitted(capability) => {
                let detail =
                    format!("This route wants a key or token that may {}.", capability.as_str());
                (403, "not-permitted", "The key is not for this", detail)
            }
            Self::NotFound(what) => {
                (404, "not-found", "Not found", format!("There is no such {what}."))
            }
            Self::MethodNotAllowed(allowed) => (
                405,
                "method-not-allowed",
                "Method not allowed",
                format!("This path takes {allowed}."),
            ),
            Self::Conflict(detail) => (409, "conflict", "Conflict", detail.clone()),
            Self::TooLarge(detail) => (413, "too-large", "Too large", detail.clone()),
            Self::Invalid(faults) => {
                (422, "invalid-request", "The request is not valid", errors(faults))
            }
            Self::TooManyEvents { limit, wait } => {
                let detail = format!(
                    "The tenant may publish {limit} events a minute, and this request does not fit into what is left of this \
                     one. Nothing of it was accepted. Send it again in {wait} s."
                );
                (429, "too-many-events", "Too many events", detail)
            }
            Self::Unavailable => {
                let detail = "Nothing was lost that was acknowledged. Send the same request again in a moment.";
                (503, "unavailable", "Not available right now", detail.to_owned())
            }
            Self::Internal => {
                let detail = "The fault is on this side and was logged.";
                (500, "internal", "Internal error", detail.to_owned())
            }
        }
    }

    /// The answer.
    #[must_use]
    pub fn response(&self) -> Response<Body> {
        let (status, slug, title, detail) = self.parts();
        let errors: &[FieldError] = if let Self::Invalid(errors) = self { errors } else { &[] };
        let errors = errors.iter().take(MAX_FAULTS);
        let errors = errors
            .map(|fault| FieldError { path: short(&fault.path), message: short(&fault.message) });
        let r#type = format!("urn:postrider:problem:{slug}");
        let problem =
            Problem { r#type, title, status, detail: short(&detail), errors: errors.collect() };
        let mut response =
            Response::new(Body::from(serde_json::to_string(&problem).unwrap_or_default()));
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match self {
            Self::Unauthorized | Self::TokenExpired => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
            }
            Self::TooManyEvents { wait, .. } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(*wait))
            }
            Self::Unavailable => headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1")),
            Self::MethodNotAllowed(allowed) => HeaderValue::from_str(allowed)
                .ok()
                .and_then(|allowed| headers.insert(header::ALLOW, allowed)),
            _ => None,
        };
        response
    }
}

fn short(text: &str) -> String {
    if text.len() <= MAX_TEXT_LEN {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(MAX_TEXT_LEN)])
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        if error.is_retryable() { Self::Unavailable } else { Self::Internal }
    }
}

impl From<QueueError> for ApiError {
    fn from(error: QueueError) -> Self {
        tracing::error!(%error, "the queue failed");
        Self::Unavailable
    }
}

#[cfg(test)]
mod tests;
