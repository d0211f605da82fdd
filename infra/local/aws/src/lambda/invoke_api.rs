//! Lambda's Invoke API: `POST /2015-03-31/functions/{name}/invocations`.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt as _;

use super::{ASYNC_PAYLOAD_LIMIT, Function, PAYLOAD_LIMIT};

type Functions = Arc<Vec<Arc<Function>>>;

/// Serves the Invoke API of these functions.
pub fn router(functions: impl IntoIterator<Item = Arc<Function>>) -> Router {
    let functions: Vec<_> = functions.into_iter().collect();
    Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        .with_state(Arc::new(functions))
}

async fn invoke(
    State(functions): State<Functions>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    // A name, a logical id of the template, or an ARN.
    let short = name.rsplit(':').next().unwrap_or(&name);
    let Some(function) =
        functions.iter().find(|function| function.name == short || function.id == short)
    else {
        let message = format!("Function not found: {name}");
        return refusal(StatusCode::NOT_FOUND, "ResourceNotFoundException", &message);
    };
    let (parts, body) = request.into_parts();
    let kind = parts
        .headers
        .get("x-amz-invocation-type")
        .map_or(&b"RequestResponse"[..], |kind| kind.as_bytes());
    let limit = if kind == b"Event" { ASYNC_PAYLOAD_LIMIT } else { PAYLOAD_LIMIT };
    // Received to its end, or the caller could not read why it is refused.
    let Ok(payload) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        let message = "The request body could not be read";
        return refusal(StatusCode::BAD_REQUEST, "InvalidRequestContentException", message);
    };
    if payload.len() > limit {
        function.refuse_request();
        let message =
            format!("Request must be smaller than {limit} bytes for the InvokeFunction operation");
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", &message);
    }
    let payload = if payload.is_empty() { Bytes::from_static(b"{}") } else { payload };
    if serde_json::from_slice::<&serde_json::value::RawValue>(&payload).is_err() {
        let message = "Could not parse request body into json";
        return refusal(StatusCode::BAD_REQUEST, "InvalidRequestContentException", message);
    }
    let response = Response::builder();
    if kind == b"DryRun" {
        return response.status(StatusCode::NO_CONTENT).body(Body::empty()).unwrap_or_default();
    }
    // A task of its own: the invocation goes on when the caller goes away.
    let function = function.clone();
    let running = tokio::spawn(async move { function.invoke(payload).await });
    if kind == b"Event" {
        return response.status(StatusCode::ACCEPTED).body(Body::empty()).unwrap_or_default();
    }
    let response = response
        .header("x-amz-executed-version", "$LATEST")
        .header("content-type", "application/json");
    let response = match running.await {
        Ok(Ok(answer)) => response.body(Body::from(answer)),
        Ok(Err(error)) => {
            response.header("x-amz-function-error", "Unhandled").body(Body::from(error.payload))
        }
        Err(_) => response.status(StatusCode::INTERNAL_SERVER_ERROR).body(Body::empty()),
    };
    response.unwrap_or_default()
}

fn refusal(status: StatusCode, kind: &str, message: &str) -> Response {
    let body = serde_json::json!({ "Type": "User", "Message": message }).to_string();
    let response = Response::builder().status(status).header("x-amzn-errortype", kind);
    response.header("content-type", "application/json").body(Body::from(body)).unwrap_or_default()
}
