//! DynamoDB that is overloaded, or fails.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::{Faults, Kind};
use crate::random;

/// Lets a request through, or not.
pub(super) async fn pass(faults: &Faults, request: Request, next: Next) -> Response {
    if let Some(roll) = faults.strikes(Kind::Throttle) {
        let (what, shape) = if roll.is_multiple_of(2) {
            (
                "throttle: throughput exceeded",
                "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            )
        } else {
            ("throttle: throttled", "com.amazon.coral.availability#ThrottlingException")
        };
        faults.note(what);
        return refusal(StatusCode::BAD_REQUEST, shape, "Rate exceeded.");
    }
    if let Some(roll) = faults.strikes(Kind::Internal) {
        // A write that is answered with a 500 may have been made (Developer guide, "Error handling
        // with DynamoDB").
        let is_done = roll.is_multiple_of(2);
        if is_done {
            let _ = next.run(request).await;
        }
        faults.note(if is_done {
            "internal: failed after it was done"
        } else {
            "internal: failed"
        });
        let shape = "com.amazonaws.dynamodb.v20120810#InternalServerError";
        return refusal(StatusCode::INTERNAL_SERVER_ERROR, shape, "Internal server error");
    }
    next.run(request).await
}

fn refusal(status: StatusCode, shape: &str, message: &str) -> Response {
    Response::builder()
        .status(status)
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amzn-requestid", random::hex())
        .body(Body::from(json!({ "__type": shape, "message": message }).to_string()))
        .unwrap_or_default()
}
