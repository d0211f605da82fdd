//! A receiver: a real HTTP server that keeps every request and answers by a script.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method};
use shared::core::timestamp::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::signature;
use crate::wait::until;
use crate::world::World;

/// Bytes of a request at most: a payload of 1 MiB with what is around it.
const LIMIT: usize = 2 << 20;

/// A receiver. Each path is an endpoint of its own.
#[derive(Debug)]
pub struct Receiver {
    address: String,
    endpoints: Endpoints,
    server: JoinHandle<()>,
}

type Endpoints = Arc<Mutex<HashMap<String, Endpoint>>>;

#[derive(Debug, Default)]
struct Endpoint {
    secrets: Vec<String>,
    script: VecDeque<Step>,
    requests: Vec<Received>,
    /// What was wrong with requests; any fails the journey.
    faults: Vec<String>,
}

/// What a request is answered with.
#[derive(Debug, Clone)]
pub enum Step {
    /// A status, headers and a body.
    Answer(u16, Vec<(&'static str, String)>, Bytes),
    /// Nothing until the gate opens, then a status.
    Hold(Gate, u16),
    /// Nothing for so long, then a status: a slow receiver.
    Late(Duration, u16),
    /// A status, with all that came: each header in one of its own, and all of it in the body.
    Echo(u16),
}

/// Holds answers back until it is opened.
#[derive(Debug, Clone)]
pub struct Gate(watch::Sender<bool>);

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Received {
    /// When all of it was there, by the receiver's clock.
    pub at: Timestamp,
    /// The method.
    pub method: Method,
    /// What stands after the `?` of its URL.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The exact bytes.
    pub body: Bytes,
}

impl Step {
    /// A bare status.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self::Answer(status, Vec::new(), Bytes::new())
    }

    /// A status with a body.
    #[must_use]
    pub fn body(status: u16, body: impl Into<Bytes>) -> Self {
        Self::Answer(status, Vec::new(), body.into())
    }

    /// A status with one header.
    #[must_use]
    pub fn header(status: u16, name: &'static str, value: &str) -> Self {
        Self::Answer(status, vec![(name, value.to_owned())], Bytes::new())
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Gate {
    /// Lets all answers go.
    pub fn open(&self) {
        self.0.send_replace(true);
    }
}

impl Received {
    /// A header's value; fails if there is none.
    #[must_use]
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let value = self
            .headers
            .get(name)
            .unwrap_or_else(|| panic!("no header {name}: {:?}", self.headers));
        value.to_str().expect("text")
    }

    /// The `webhook-id`.
    #[must_use]
    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("JSON is UTF-8")
    }

    /// Whether one of its signatures is that of `secret`, as an independent implementation sees it,
    /// whatever the time is now. A secret is what the API says: `whsec_…`, `whsk_…` or its public
    /// key `whpk_…`, or any other text.
    #[must_use]
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let text = |name| self.headers.get(name).and_then(|value| value.to_str().ok());
        let seconds = text("webhook-timestamp").and_then(|seconds| seconds.parse().ok());
        let (Some(id), Some(seconds), Some(signatures)) =
            (text("webhook-id"), seconds, text("webhook-signature"))
        else {
            return false;
        };
        signature::is_among(signatures, secret, id, seconds, &self.body)
    }
}

impl Receiver {
    /// Listens on a free port of this machine; each path answers 200 until it is told otherwise.
    pub async fn start() -> Self {
        Self::start_with(Clock::default()).await
    }

    /// As [`Receiver::start`], in the time of a world that may be ahead of the machine's.
    pub async fn start_by(world: &World) -> Self {
        Self::start_with(world.clock()).await
    }

    async fn start_with(clock: Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let endpoints = Endpoints::default();
        let router = Router::new().fallback(answer).with_state((endpoints.clone(), clock));
        let server =
            tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { address, endpoints, server }
    }

    /// The URL of one of its endpoints; `path` starts with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// From now on each request to this endpoint must be signed with this secret, or another that
    /// is trusted. What stands after a `?` of the path is no part of the endpoint.
    pub fn trust(&self, path: &str, secret: &str) {
        let path = path.split('?').next().unwrap_or_default();
        self.endpoint(path, |endpoint| endpoint.secrets.push(secret.to_owned()));
    }

    /// What the next requests to this endpoint are answered with; the last step answers all further
    /// ones.
    pub fn script(&self, path: &str, steps: impl IntoIterator<Item = Step>) {
        self.endpoint(path, |endpoint| endpoint.script = steps.into_iter().collect());
    }

    /// Holds the answer to every request to this endpoint until the gate is opened; later ones get
    /// 200.
    #[must_use]
    pub fn hold(&self, path: &str) -> Gate {
        let gate = Gate::default();
        self.script(path, [Step::Hold(gate.clone(), 200)]);
        gate
    }

    /// The requests to this endpoint, in the order in which they came. Fails if one was not signed
    /// as it should be.
    #[must_use]
    #[track_caller]
    pub fn requests(&self, path: &str) -> Vec<Received> {
        let (requests, faults) =
            self.endpoint(path, |endpoint| (endpoint.requests.clone(), endpoint.faults.clone()));
        assert!(faults.is_empty(), "requests to {path}: {faults:?}");
        requests
    }

    /// How many requests came to this endpoint.
    #[must_use]
    pub fn count(&self, path: &str) -> usize {
        self.endpoint(path, |endpoint| endpoint.requests.len())
    }

    /// Waits until there are this many requests to this endpoint.
    pub async fn wait(&self, path: &str, count: usize) -> Vec<Received> {
        until(&format!("{count} requests to {path}"), async || {
            let here = self.count(path);
            if here >= count { Ok(()) } else { Err(format!("{here}")) }
        })
        .await;
        self.requests(path)
    }

    fn endpoint<T>(&self, path: &str, look: impl FnOnce(&mut Endpoint) -> T) -> T {
        look(lock(&self.endpoints).entry(path.to_owned()).or_default())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn lock(endpoints: &Endpoints) -> MutexGuard<'_, HashMap<String, Endpoint>> {
    endpoints.lock().expect("no holder of this lock panics")
}

async fn answer(
    State((endpoints, clock)): State<(Endpoints, Clock)>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LIMIT).await.unwrap_or_default();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let received =
        Received { at: clock.now(), method: parts.method, query, headers: parts.headers, body };
    let step =
        lock(&endpoints).entry(parts.uri.path().to_owned()).or_default().take(received.clone());
    match step {
        Step::Echo(status) => echo(status, &received),
        Step::Answer(status, headers, body) => response(status, &headers, body),
        Step::Hold(gate, status) => {
            let mut opened = gate.0.subscribe();
            let _ = opened.wait_for(|open| *open).await;
            response(status, &[], Bytes::new())
        }
        Step::Late(by, status) => {
            tokio::time::sleep(by).await;
            response(status, &[], Bytes::new())
        }
    }
}

impl Endpoint {
    fn take(&mut self, received: Received) -> Step {
        let trusted = self.secrets.is_empty()
            || self.secrets.iter().any(|secret| received.is_signed_with(secret));
        if !trusted {
            self.faults.push(format!("not signed as it should be: {:?}", received.headers));
        }
        self.requests.push(received);
        match self.script.len() {
            0 => Step::status(200),
            1 => self.script[0].clone(),
            _ => self.script.pop_front().expect("two at least"),
        }
    }
}

fn echo(status: u16, received: &Received) -> Response {
    let mut response = Response::builder().status(status);
    let mut body = Vec::new();
    for (name, value) in &received.headers {
        response = response.header(format!("x-echo-{name}"), value);
        body.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
    }
    body.extend_from_slice(&received.body);
    response.body(Body::from(body)).expect("a response")
}

fn response(status: u16, headers: &[(&'static str, String)], body: Bytes) -> Response {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, value);
    }
    response.body(Body::from(body)).expect("a response")
}
