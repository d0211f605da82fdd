//! Before a stand-in: lets through what a function may ask for, and everybody else.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use serde_json::json;

use super::{Denied, Rights, Service};
use crate::random;

/// Above what either stand-in takes (DynamoDB: 16 MB), which refuses the rest in its own words.
const BODY_LIMIT: usize = 17 * 1024 * 1024;

#[derive(Clone)]
struct Guard {
    rights: Rights,
    service: Service,
}

/// A stand-in's routes with the guard before them.
pub fn guarded(router: Router, rights: Rights, service: Service) -> Router {
    router.layer(middleware::from_fn_with_state(Guard { rights, service }, pass))
}

async fn pass(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let Some(caller) = access_key_id(request.headers()).and_then(|id| guard.rights.0.get(id))
    else {
        return next.run(request).await;
    };
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return Response::builder()
            .status(StatusCode::PAYLOAD_TOO_LARGE)
            .body(Body::empty())
            .unwrap_or_default();
    };
    let needs = guard.service.needs(operation(&parts.headers), &body);
    match needs.into_iter().try_for_each(|right| caller.take(right)) {
        Ok(()) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Err(denied) => guard.service.refuse(&denied),
    }
}

/// Who signed: `AWS4-HMAC-SHA256 Credential=<access key id>/<date>/<region>/…`.
pub(crate) fn access_key_id(headers: &HeaderMap) -> Option<&str> {
    let authorization = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    authorization.split_once("Credential=")?.1.split('/').next()
}

/// `X-Amz-Target: DynamoDB_20120810.GetItem`, without what is before the dot.
pub(crate) fn operation(headers: &HeaderMap) -> &str {
    let target =
        headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    target.split_once('.').map_or(target, |(_, operation)| operation)
}

impl Service {
    /// The refusal as each service's SDK reads it. SQS's has the code of its older protocol beside
    /// the shape.
    fn refuse(self, Denied(message): &Denied) -> Response {
        let body =
            json!({ "__type": "com.amazon.coral.service#AccessDeniedException", "message": message }).to_string();
        let response = Response::builder()
            .header(header::CONTENT_TYPE, "application/x-amz-json-1.0")
            .header("x-amzn-requestid", random::hex());
        let response = match self {
            Self::DynamoDb | Self::SecretsManager => response.status(StatusCode::BAD_REQUEST),
            Self::Sqs => response
                .status(StatusCode::FORBIDDEN)
                .header("x-amzn-query-error", "AccessDenied;Sender"),
        };
        response.body(Body::from(body)).unwrap_or_default()
    }
}
