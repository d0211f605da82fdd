//! Lambda's Runtime API, under a path for each process:
//! `/<function>/<number>/2018-06-01/runtime/…`.
//!
//! See <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;

use super::{ANSWER_LIMIT, Function, FunctionError, Invocation};
use crate::logs::Level;

type Functions = Arc<HashMap<String, Arc<Function>>>;

/// Serves the Runtime API of these functions.
pub fn router(functions: impl IntoIterator<Item = Arc<Function>>) -> Router {
    let functions: HashMap<_, _> =
        functions.into_iter().map(|function| (function.name.clone(), function)).collect();
    Router::new().fallback(answer).with_state(Arc::new(functions))
}

async fn answer(State(functions): State<Functions>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut path = parts.uri.path().trim_start_matches('/').splitn(3, '/');
    let function = path.next().and_then(|name| functions.get(name)).cloned();
    let number = path.next().and_then(|number| number.parse().ok());
    let (Some(function), Some(number), Some(call)) = (function, number, path.next()) else {
        return status(StatusCode::NOT_FOUND);
    };
    let Some(call) = call.strip_prefix("2018-06-01/runtime/") else {
        return status(StatusCode::NOT_FOUND);
    };
    if parts.method == Method::GET && call == "invocation/next" {
        return match function.next(number).await {
            Some(invocation) => next(&function, invocation),
            // The process is about to be ended: as in Lambda, it is left waiting.
            None => std::future::pending().await,
        };
    }
    if call == "init/error" {
        return init_error(&function, body).await;
    }
    let invocation = call.strip_prefix("invocation/").and_then(|rest| rest.split_once('/'));
    match invocation {
        Some((request_id, "response")) => settle(&function, number, request_id, body, false).await,
        Some((request_id, "error")) => settle(&function, number, request_id, body, true).await,
        _ => status(StatusCode::NOT_FOUND),
    }
}

fn next(function: &Function, invocation: Invocation) -> Response {
    Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", &invocation.request_id)
        .header("lambda-runtime-deadline-ms", invocation.deadline.as_millis().to_string())
        .header("lambda-runtime-invoked-function-arn", &function.arn)
        .header("lambda-runtime-trace-id", trace_id(&invocation.request_id))
        .body(Body::from(invocation.payload))
        .unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
}

/// An X-Ray trace id that was not sampled, made of the request's id.
fn trace_id(request_id: &str) -> String {
    let digits: String = request_id.chars().filter(char::is_ascii_hexdigit).collect();
    format!(
        "Root=1-{}-{};Sampled=0",
        digits.get(..8).unwrap_or_default(),
        digits.get(8..32).unwrap_or_default()
    )
}

async fn settle(
    function: &Function,
    number: u64,
    request_id: &str,
    body: Body,
    failed: bool,
) -> Response {
    let Some(instance) = function.instance(number) else {
        return status(StatusCode::GONE);
    };
    let Ok(read) = read(body).await else {
        // The process ended, or gave up: its end says more.
        return status(StatusCode::BAD_REQUEST);
    };
    let too_large = read.is_err();
    let outcome = match read {
        Ok(payload) if failed => Err(FunctionError { payload }),
        Ok(payload) => Ok(payload),
        Err(bytes) => {
            function.refuse_answer(request_id, bytes);
            Err(FunctionError::answer_too_large())
        }
    };
    let outcome = function.checked(&instance, request_id, outcome);
    match (instance.settle(request_id, outcome), too_large) {
        (true, false) => status(StatusCode::ACCEPTED),
        (true, true) => refused_answer(),
        (false, _) => status(StatusCode::BAD_REQUEST),
    }
}

/// Reads an answer, or how many bytes it has if these are more than [`ANSWER_LIMIT`]. One that is
/// too large is received to its end all the same, or the process could not read why it is refused.
async fn read(mut body: Body) -> Result<Result<Bytes, usize>, axum::Error> {
    let (mut kept, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(bytes) = frame?.into_data() else { continue };
        length += bytes.len();
        if length <= ANSWER_LIMIT {
            kept.extend_from_slice(&bytes);
        }
    }
    Ok(if length <= ANSWER_LIMIT { Ok(kept.into()) } else { Err(length) })
}

async fn init_error(function: &Function, body: Body) -> Response {
    let reason = read(body).await.ok().and_then(Result::ok).unwrap_or_default();
    function.log.say(Level::Error, &format!("init failed: {}", String::from_utf8_lossy(&reason)));
    status(StatusCode::ACCEPTED)
}

/// Lambda's words for an answer that is too large.
fn refused_answer() -> Response {
    let mut response = status(StatusCode::PAYLOAD_TOO_LARGE);
    *response.body_mut() = Body::from(format!(
        r#"{{"errorMessage":"Exceeded maximum allowed payload size ({ANSWER_LIMIT} bytes).","errorType":"RequestEntityTooLarge"}}"#
    ));
    response
}

fn status(status: StatusCode) -> Response {
    // The runtime expects a JSON body with a 202, and reads none otherwise.
    let mut response = Response::new(Body::from("{}"));
    *response.status_mut() = status;
    response
}
