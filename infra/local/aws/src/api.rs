//! The HTTP API: API Gateway's front of the functions.
//!
//! [`routes`] finds the function, [`event`] makes the request into what it is invoked with (payload
//! format 2.0), and [`answer`] makes what it says into a response.

mod answer;
mod event;
mod routes;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};

pub use routes::Routes;

use crate::lambda::{Function, PAYLOAD_LIMIT};
use crate::logs::Level;
use crate::random;

/// The longest that API Gateway waits for an integration (HTTP API quotas: 30 seconds).
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest request body that API Gateway takes (HTTP API quotas: 10 MB).
const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// Bytes of a line such as `HTTP/1.1 202 Accepted`, with its end.
const STATUS_LINE: u64 = 23;

/// The API's state: its routes, and how many requests came in.
#[derive(Debug)]
pub struct Api {
    routes: Routes<Arc<Function>>,
    requests: AtomicU64,
    answered: AtomicU64,
}

impl Api {
    /// An API with these routes.
    #[must_use]
    pub fn new(routes: Routes<Arc<Function>>) -> Arc<Self> {
        Arc::new(Self { routes, requests: AtomicU64::new(0), answered: AtomicU64::new(0) })
    }

    /// Requests so far.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Bytes of answers so far, heads included.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Serves the API.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new().fallback(handle).with_state(self.clone())
    }
}

async fn handle(State(api): State<Arc<Api>>, request: Request) -> Response {
    api.requests.fetch_add(1, Ordering::Relaxed);
    let request_id = random::uuid();
    let mut response = answer_request(&api, request, &request_id).await;
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("apigw-requestid", id);
    }
    let bytes =
        STATUS_LINE + header_bytes(response.headers()) + response.body().size_hint().lower();
    api.answered.fetch_add(bytes, Ordering::Relaxed);
    response
}

/// What the headers of a message have in bytes, and the empty line that ends them.
#[must_use]
pub fn header_bytes(headers: &HeaderMap) -> u64 {
    headers.iter().map(|(name, value)| (name.as_str().len() + value.len() + 4) as u64).sum::<u64>()
        + 2
}

async fn answer_request(api: &Api, request: Request, request_id: &str) -> Response {
    let (parts, body) = request.into_parts();
    let Some(found) = api.routes.find(&parts.method, parts.uri.path()) else {
        return refusal(StatusCode::NOT_FOUND, "Not Found");
    };
    let too_large = || refusal(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    // One that says so itself is not read at all.
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        return too_large();
    }
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else { return too_large() };
    let payload = event::payload(&parts, &body, &found, request_id);
    // Lambda's limit is lower than API Gateway's, which answers for it.
    if payload.len() > PAYLOAD_LIMIT {
        found.function.refuse_request();
        return too_large();
    }
    // A task of its own: the invocation goes on when the caller goes away, and its deadline is
    // still kept.
    let function = found.function.clone();
    let running = tokio::spawn(async move { function.invoke(Bytes::from(payload)).await });
    let failed = |reason: &str| {
        found.function.log.say(Level::Error, &format!("{}: {reason}", found.key));
        refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    };
    match tokio::time::timeout(INTEGRATION_TIMEOUT, running).await {
        Ok(Ok(Ok(payload))) => answer::response(&payload)
            .unwrap_or_else(|| failed("the function's answer makes no HTTP response")),
        Ok(Ok(Err(error))) => failed(&String::from_utf8_lossy(&error.payload)),
        Ok(Err(_)) => failed("the invocation was given up"),
        Err(_) => refusal(StatusCode::GATEWAY_TIMEOUT, "Gateway Timeout"),
    }
}

fn refusal(status: StatusCode, message: &str) -> Response {
    let body = Body::from(format!(r#"{{"message":"{message}"}}"#));
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(body)
        .unwrap_or_default()
}
