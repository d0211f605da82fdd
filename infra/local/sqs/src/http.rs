//! The HTTP side: AWS JSON 1.0 on `POST /`, and what there is to see on `GET /_stats`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::counts::Counts;
use crate::engine::Engine;
use crate::identifier;
use crate::operations::{Answer, moves, queues, receive, send, settle};
use crate::refusal::{Kind, Refusal};

/// Most bytes of a request: a batch of 1 MiB in which JSON escapes every byte, and room for the
/// rest.
const LARGEST_REQUEST: usize = 8 * 1_048_576;

/// The routes of an SQS. Signatures are not checked: it is for a loopback address.
pub fn router(engine: Engine) -> Router {
    Router::new()
        .route("/", post(answer))
        .route("/_stats", get(stats))
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .with_state(engine)
}

async fn answer(
    State(engine): State<Engine>,
    headers: HeaderMap,
    request: Bytes,
) -> Response<Body> {
    let target =
        headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let Some(action) = Action::of_target(target) else {
        return refusal(&Refusal::new(
            Kind::UnknownOperation,
            format!("The action {target:?} is not known here."),
        ));
    };
    match act(&engine, action, &request).await {
        Ok(Answer { body, messages, payload }) => {
            engine.counters().add(action, messages, payload);
            if messages > 0 {
                engine.counters().add_to(&queue_of(&request), payload);
            }
            respond(StatusCode::OK, body, None)
        }
        Err(refused) => {
            engine.counters().add(action, 0, 0);
            refusal(&refused)
        }
    }
}

/// The name of the queue that a request is for: the last part of its URL.
fn queue_of(request: &[u8]) -> String {
    #[derive(Default, Deserialize)]
    struct Addressed<'a> {
        #[serde(rename = "QueueUrl", borrow, default)]
        url: Cow<'a, str>,
    }
    let Addressed { url } = serde_json::from_slice(request).unwrap_or_default();
    url.rsplit('/').next().unwrap_or_default().to_owned()
}

async fn act(engine: &Engine, action: Action, body: &[u8]) -> Result<Answer, Refusal> {
    match action {
        Action::SendMessage => send::one(engine, body).await,
        Action::SendMessageBatch => send::many(engine, body).await,
        Action::ReceiveMessage => receive::receive(engine, body).await,
        Action::DeleteMessage => settle::delete(engine, body).await,
        Action::DeleteMessageBatch => settle::delete_many(engine, body).await,
        Action::ChangeMessageVisibility => settle::hide(engine, body).await,
        Action::ChangeMessageVisibilityBatch => settle::hide_many(engine, body).await,
        Action::CreateQueue => queues::create(engine, body).await,
        Action::DeleteQueue => queues::delete(engine, body).await,
        Action::GetQueueUrl => queues::url(engine, body),
        Action::ListQueues => queues::list(engine, body),
        Action::GetQueueAttributes => queues::attributes(engine, body),
        Action::SetQueueAttributes => queues::set_attributes(engine, body).await,
        Action::PurgeQueue => queues::purge(engine, body).await,
        Action::TagQueue => queues::tag(engine, body).await,
        Action::UntagQueue => queues::untag(engine, body).await,
        Action::ListQueueTags => queues::tags(engine, body),
        Action::ListDeadLetterSourceQueues => queues::sources(engine, body),
        Action::StartMessageMoveTask => moves::start(engine, body).await,
        Action::ListMessageMoveTasks => moves::list(engine, body),
        Action::CancelMessageMoveTask => moves::cancel(body),
    }
}

#[derive(Serialize)]
struct Fault<'a> {
    __type: &'a str,
    message: &'a str,
}

fn refusal(refusal: &Refusal) -> Response<Body> {
    let (kind, code) = (refusal.kind.shape(), refusal.kind.code());
    let body = serde_json::to_vec(&Fault { __type: kind, message: &refusal.message })
        .expect("texts are JSON");
    let (status, side) = if refusal.kind.is_callers() {
        (StatusCode::BAD_REQUEST, "Sender")
    } else {
        (StatusCode::INTERNAL_SERVER_ERROR, "Receiver")
    };
    respond(status, body, HeaderValue::try_from(format!("{code};{side}")).ok())
}

fn respond(status: StatusCode, body: Vec<u8>, error: Option<HeaderValue>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
    if let Ok(id) = HeaderValue::try_from(identifier::fresh()) {
        headers.insert("x-amzn-requestid", id);
    }
    if let Some(error) = error {
        headers.insert("x-amzn-query-error", error);
    }
    response
}

#[derive(Serialize)]
struct Stats {
    actions: Counts,
    queues: BTreeMap<String, QueueStats>,
}

#[derive(Serialize)]
struct QueueStats {
    visible: usize,
    in_flight: usize,
    delayed: usize,
    /// When the next hidden message shows, in milliseconds since the Unix epoch.
    next_wake: Option<u64>,
}

async fn stats(State(engine): State<Engine>) -> Response<Body> {
    let tell = |(name, tally, next_wake): (_, crate::message::Tally, _)| {
        let stats = QueueStats {
            visible: tally.visible,
            in_flight: tally.in_flight,
            delayed: tally.delayed,
            next_wake,
        };
        (name, stats)
    };
    let stats = Stats {
        actions: engine.counts(),
        queues: engine.tallies().into_iter().map(tell).collect(),
    };
    let mut response =
        Response::new(Body::from(serde_json::to_vec(&stats).expect("counts are JSON")));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
