//! `GET /_stack`: what the stack is doing, for tests and for the curious.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::api::Api;
use crate::dynamodb::DynamoDb;
use crate::lambda::Function;
use crate::queues::Sqs;

/// Everything that has something to tell.
#[derive(Clone)]
pub struct Control(Arc<Parts>);

struct Parts {
    functions: Vec<Arc<Function>>,
    dynamodb: DynamoDb,
    engine: sqs::Engine,
    sqs: Sqs,
    queues: Vec<String>,
    api: Arc<Api>,
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Control").field(&self.0.functions).finish()
    }
}

impl Control {
    /// A view of these parts.
    pub fn new(
        functions: Vec<Arc<Function>>,
        dynamodb: DynamoDb,
        engine: sqs::Engine,
        sqs: Sqs,
        queues: Vec<String>,
        api: Arc<Api>,
    ) -> Self {
        Self(Arc::new(Parts { functions, dynamodb, engine, sqs, queues, api }))
    }

    /// The route.
    pub fn router(&self) -> Router {
        Router::new().route("/_stack", get(answer)).with_state(self.clone())
    }

    /// How everything stands.
    pub async fn status(&self) -> Value {
        let parts = &self.0;
        let functions: BTreeMap<&str, _> =
            parts.functions.iter().map(|function| (function.name.as_str(), function.status())).collect();
        let mut queues = BTreeMap::new();
        for queue in &parts.queues {
            let tally = parts.sqs.tally(queue).await.unwrap_or_else(|error| json!({ "error": error.to_string() }));
            queues.insert(queue.as_str(), tally);
        }
        json!({
            "pid": std::process::id(),
            "functions": functions,
            "queues": queues,
            "dynamodb": parts.dynamodb.counts().read(),
            "sqs": parts.engine.counts(),
            "http": { "requests": parts.api.requests() },
        })
    }
}

async fn answer(State(control): State<Control>) -> Json<Value> {
    Json(control.status().await)
}
