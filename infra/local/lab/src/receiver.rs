//! A receiver to try things out with: it prints each delivery, checks its signature, and answers as
//! its path says.
//!
//! [`answers`] decides what a path answers, [`signature`] whether a delivery is genuine, [`print`]
//! what is shown of it.

mod answers;
mod print;
mod signature;
mod totals;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
use shared::core::timestamp::Timestamp;
use shared::edges::clock;
use tokio::time;

pub use answers::Answer;
pub use signature::{Verdict, Verifier};
pub use totals::Totals;

use answers::Answers;
use aws::Error;
use aws::server::{self, Server};
use signature::Secrets;

/// The port when none is asked for and it is free.
pub const DEFAULT_PORT: u16 = 4401;
/// The largest body that is read: Postrider's largest payload (1 MiB) and what stands around it.
const BODY_LIMIT: usize = 2 * 1024 * 1024;
/// Events remembered to number their attempts. Then all are forgotten, so that a long run keeps its
/// memory.
const REMEMBERED: usize = 100_000;

/// A running receiver. It ends with the process, or when it is stopped.
#[derive(Debug)]
pub struct Receiver {
    address: String,
    state: Arc<Shared>,
    server: Server,
}

/// How a receiver starts.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReceiverOptions {
    /// Its port; 0 is any free one. None is [`DEFAULT_PORT`], or any free one where another program
    /// has that.
    pub port: Option<u16>,
    /// Whether deliveries are printed.
    pub prints: bool,
    /// Whether deliveries are kept for [`Receiver::received`].
    pub keeps: bool,
}

/// A delivery as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// When, by the stack's clock.
    pub at: Timestamp,
    /// The URL's path.
    pub path: String,
    /// Its `webhook-id`.
    pub id: Option<String>,
    /// The `type` that its body names.
    pub event_type: Option<String>,
    /// Which attempt of this id this is at this path: 1 is the first.
    pub attempt: u32,
    /// How long after the attempt before; zero for the first.
    pub wait: Duration,
    /// Whether it is genuine.
    pub signature: Verdict,
    /// The exact bytes.
    pub body: Bytes,
    /// What it is answered.
    pub answer: Answer,
}

#[derive(Debug)]
struct Shared {
    prints: AtomicBool,
    address: String,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    secrets: Secrets,
    answers: Answers,
    /// By path and `webhook-id`: how many attempts there were, and when the latest came.
    attempts: HashMap<(String, String), (u32, Timestamp)>,
    totals: Totals,
    /// How long every answer takes at least.
    after: Duration,
    /// What arrived, for as long as that is kept.
    received: Option<Vec<Received>>,
}

impl Receiver {
    /// Starts it on a thread of its own, so that a terminal that does not scroll holds up nothing
    /// else.
    pub async fn start(options: ReceiverOptions) -> Result<Self, Error> {
        let (listener, address) = listen(options.port).await?;
        let address = format!("http://{address}");
        let memory = Memory { received: options.keeps.then(Vec::new), ..Memory::default() };
        let state = Arc::new(Shared {
            prints: options.prints.into(),
            address: address.clone(),
            memory: Mutex::new(memory),
        });
        let router = Router::new()
            .route("/_secrets", post(learn_secrets))
            .route("/_answers", post(learn_answers))
            .fallback(receive)
            .with_state(state.clone());
        let server = Server::spawn_thread("receiver", listener, router, std::future::pending())?;
        Ok(Self { address, state, server })
    }

    /// Such as `http://127.0.0.1:4401`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Tells it the secret of what arrives at a path (`/ok`), or of a subscription, wherever its
    /// deliveries arrive.
    pub fn learn(&self, of: &str, secret: Verifier) {
        self.state.memory().secrets.learn(of, Some(secret));
    }

    /// Has it answer a path with a status; None is back to what the path says.
    pub fn answer(&self, path: &str, status: Option<StatusCode>) {
        self.state.memory().answers.set(path, status);
    }

    /// Has it answer the first attempts of each event at a path with a status.
    pub fn refuse_first(&self, path: &str, attempts: u32, status: StatusCode) {
        self.state.memory().answers.refuse_first(path, attempts, status);
    }

    /// Has every answer take at least this long.
    pub fn answer_after(&self, after: Duration) {
        self.state.memory().after = after;
    }

    /// Whether deliveries are printed from now on.
    pub fn print(&self, whether: bool) {
        self.state.prints.store(whether, Ordering::Relaxed);
    }

    /// How much arrived so far.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.state.memory().totals
    }

    /// What arrived so far, if it keeps that.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.state.memory().received.clone().unwrap_or_default()
    }

    /// Keeps nothing from now on, and gives what arrived so far.
    #[must_use]
    pub fn stop_keeping(&self) -> Vec<Received> {
        self.state.memory().received.take().unwrap_or_default()
    }

    /// Stops it. Answers that wait to be late are waited for, for a moment.
    pub async fn stop(self) {
        let _ = time::timeout(Duration::from_millis(500), self.server.stop()).await;
    }
}

async fn listen(port: Option<u16>) -> Result<(tokio::net::TcpListener, SocketAddr), Error> {
    match (server::listen(port.unwrap_or(DEFAULT_PORT)).await, port) {
        (Err(Error::PortInUse(_)), None) => server::listen(0).await,
        (Err(Error::PortInUse(port)), Some(_)) => Err(Error::ReceiverPortInUse(port)),
        (result, _) => result,
    }
}

impl Shared {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().expect("no holder of this lock panics")
    }

    /// Notes a delivery, and decides on its answer.
    fn note(&self, parts: &http::request::Parts, body: Bytes) -> Received {
        let (at, path) = (clock::now(), parts.uri.path().to_owned());
        let id = parts.headers.get("webhook-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
        let mut memory = self.memory();
        let (attempt, wait) = memory.count(&path, id.as_deref(), at);
        let signature = memory.secrets.check(&path, &parts.headers, &body, at, &self.address);
        let Answer { status, after } = memory.answers.of(&path, attempt);
        let answer = Answer { status, after: after.max(memory.after) };
        memory.totals.add(parts, &body);
        let event_type = event_type(&body);
        let received =
            Received { at, path, id, event_type, attempt, wait, signature, body, answer };
        if let Some(kept) = &mut memory.received {
            kept.push(received.clone());
        }
        received
    }
}

impl Memory {
    fn count(&mut self, path: &str, id: Option<&str>, now: Timestamp) -> (u32, Duration) {
        let Some(id) = id else { return (1, Duration::ZERO) };
        if self.attempts.len() >= REMEMBERED {
            self.attempts.clear();
        }
        let (count, latest) =
            self.attempts.entry((path.to_owned(), id.to_owned())).or_insert((0, now));
        let wait = latest.until(now);
        (*count, *latest) = (*count + 1, now);
        (*count, wait)
    }
}

async fn receive(State(state): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if parts.method == Method::GET {
        return respond(StatusCode::OK, print::help(&state.address));
    }
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return respond(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is larger than 2 MiB\n".to_owned(),
        );
    };
    let received = state.note(&parts, body);
    if state.prints.load(Ordering::Relaxed) {
        print::show(&received);
    }
    let Answer { status, after } = received.answer;
    time::sleep(after).await;
    let mut response = respond(status, format!("{status}\n"));
    if status.is_redirection() {
        response
            .headers_mut()
            .insert(http::header::LOCATION, http::HeaderValue::from_static("/ok"));
    }
    response
}

async fn learn_secrets(State(state): State<Arc<Shared>>, body: Bytes) -> Response {
    let Ok(given) = serde_json::from_slice::<HashMap<String, Option<String>>>(&body) else {
        return refuse(
            r#"wanted is {"/path or subscription id": "whsec_…, whpk_… or a plain secret"}; null forgets one"#,
        );
    };
    let mut secrets = Vec::new();
    for (of, secret) in given {
        match secret.map(|secret| secret.parse::<Verifier>()).transpose() {
            Ok(secret) => secrets.push((of, secret)),
            Err(error) => return refuse(&format!("{of}: {error}")),
        }
    }
    let mut memory = state.memory();
    for (of, secret) in secrets {
        memory.secrets.learn(&of, secret);
    }
    respond(StatusCode::OK, format!("{}\n", json!({ "known": memory.secrets.names() })))
}

async fn learn_answers(State(state): State<Arc<Shared>>, body: Bytes) -> Response {
    let Ok(given) = serde_json::from_slice::<HashMap<String, Option<u16>>>(&body) else {
        return refuse(r#"wanted is {"/path": 503}; null is back to what the path says"#);
    };
    let mut memory = state.memory();
    for (path, status) in given {
        match status.map(StatusCode::from_u16).transpose() {
            Ok(status) if status.is_none_or(|status| status.as_u16() >= 200) => {
                memory.answers.set(&path, status);
            }
            _ => return refuse(&format!("{path}: a status is 200 to 999")),
        }
    }
    respond(StatusCode::OK, format!("{}\n", json!({ "answers": memory.answers.set_by_hand() })))
}

fn refuse(reason: &str) -> Response {
    respond(StatusCode::BAD_REQUEST, format!("{reason}\n"))
}

fn respond(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}

fn event_type(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Envelope {
        r#type: String,
    }
    serde_json::from_slice::<Envelope>(body).ok().map(|envelope| envelope.r#type)
}

#[cfg(test)]
mod tests;
