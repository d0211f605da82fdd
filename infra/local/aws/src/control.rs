//! `/_stack`: what the stack is doing, for tests and for the curious, which rights the functions
//! use, and the hand that puts its clock forward.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::Api;
use crate::clock::{Clock, ClockError};
use crate::dynamodb::DynamoDb;
use crate::lambda::Function;
use crate::queues::Sqs;
use crate::rights::{FunctionRights, Rights};

/// A handle to everything that has something to tell.
#[derive(Clone)]
pub struct Control(Arc<Parts>);

/// Everything that has something to tell.
pub struct Parts {
    /// The functions.
    pub functions: Vec<Arc<Function>>,
    /// DynamoDB, for what it was asked.
    pub dynamodb: DynamoDb,
    /// SQS, for what it was asked.
    pub engine: sqs::Engine,
    /// SQS, for what is in its queues.
    pub sqs: Sqs,
    /// Their names.
    pub queues: Vec<String>,
    /// The HTTP API.
    pub api: Arc<Api>,
    /// What the functions may do, and did.
    pub rights: Rights,
    /// The clock, if it can be put forward.
    pub clock: Option<Clock>,
}

/// How far the clock is ahead of the machine's; also what it is told.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Ahead {
    ahead_ms: u64,
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Control").field(&self.0.functions).finish()
    }
}

impl Control {
    /// A view of these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The routes.
    pub fn router(&self) -> Router {
        let router =
            Router::new().route("/_stack", get(answer)).route("/_stack/clock", post(put_forward));
        router.route("/_stack/rights", get(rights)).with_state(self.clone())
    }

    /// How everything stands.
    pub async fn status(&self) -> Value {
        let parts = &self.0;
        let mut queues = BTreeMap::new();
        for queue in &parts.queues {
            let tally = parts
                .sqs
                .tally(queue)
                .await
                .unwrap_or_else(|error| json!({ "error": error.to_string() }));
            queues.insert(queue.as_str(), tally);
        }
        // After the queues: of what made them empty, nothing is missing in the counts.
        let functions: BTreeMap<&str, _> = parts
            .functions
            .iter()
            .map(|function| (function.name.as_str(), function.status()))
            .collect();
        json!({
            "pid": std::process::id(),
            "ahead_ms": parts.clock.as_ref().map_or(0, Clock::ahead),
            "functions": functions,
            "queues": queues,
            "dynamodb": parts.dynamodb.counts().read(),
            "sqs": parts.engine.counts(),
            "sqs_by_queue": parts.engine.billed_by_queue(),
            "http": { "requests": parts.api.requests(), "answered_bytes": parts.api.answered() },
        })
    }

    /// What each function may do, and did so far.
    pub fn rights(&self) -> BTreeMap<&str, FunctionRights> {
        self.0.rights.usage()
    }

    /// DynamoDB, beside its protocol.
    pub fn dynamodb(&self) -> &DynamoDb {
        &self.0.dynamodb
    }

    /// Puts the clock forward until it is so far ahead of the machine's.
    pub fn run_ahead_by(&self, ahead: Duration) -> Result<(), ClockError> {
        let clock = self.0.clock.as_ref().ok_or(ClockError::Fixed)?;
        clock.run_ahead_by(u64::try_from(ahead.as_millis()).unwrap_or(u64::MAX))
    }
}

async fn answer(State(control): State<Control>) -> Json<Value> {
    Json(control.status().await)
}

async fn rights(State(control): State<Control>) -> Json<Value> {
    Json(json!(control.rights()))
}

async fn put_forward(
    State(control): State<Control>,
    body: Bytes,
) -> Result<Json<Ahead>, (StatusCode, Json<Value>)> {
    let refusal = |status, reason: String| (status, Json(json!({ "message": reason })));
    let ahead: Ahead = serde_json::from_slice(&body).map_err(|error| {
        refusal(StatusCode::BAD_REQUEST, format!(r#"{{"ahead_ms": N}} is wanted: {error}"#))
    })?;
    match control.run_ahead_by(Duration::from_millis(ahead.ahead_ms)) {
        Ok(()) => Ok(Json(ahead)),
        Err(error) => {
            let status = match error {
                ClockError::Fixed => StatusCode::NOT_FOUND,
                ClockError::Backwards(_) => StatusCode::BAD_REQUEST,
                ClockError::File(..) => StatusCode::INTERNAL_SERVER_ERROR,
            };
            Err(refusal(status, error.to_string()))
        }
    }
}
