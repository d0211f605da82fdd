//! The receiver of all ten: answers at once, but for the first of them from when it is told to
//! hang, and notes what arrived when.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::{Request, State};
use http::StatusCode;
use tokio::time::Instant;

use aws::Error;
use aws::server::{self, Server};

/// When each event arrived first, by its id.
pub(super) type Arrived = HashMap<String, Instant>;

#[derive(Debug, Default)]
struct Shared {
    arrived: Mutex<Arrived>,
    hangs: AtomicBool,
}

/// The receiver, and what arrived at it.
#[derive(Debug)]
pub(super) struct Arrivals {
    url: String,
    shared: Arc<Shared>,
    _server: Server,
}

impl Arrivals {
    /// Starts it on a thread of its own.
    pub(super) async fn start() -> Result<Self, Error> {
        let (listener, address) = server::listen(0).await?;
        let shared = Arc::new(Shared::default());
        let router = Router::new().fallback(receive).with_state(Arc::clone(&shared));
        let server = Server::spawn_thread("receiver", listener, router, std::future::pending())?;
        Ok(Self { url: format!("http://{address}"), shared, _server: server })
    }

    /// The URL under which each subscription's place is a path.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// From now on the first subscription gets no answers.
    pub(super) fn hang(&self) {
        self.shared.hangs.store(true, Ordering::Relaxed);
    }

    pub(super) fn hangs(&self) -> bool {
        self.shared.hangs.load(Ordering::Relaxed)
    }

    /// What arrived so far.
    pub(super) fn all(&self) -> Arrived {
        self.shared.lock().clone()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Arrived> {
        self.arrived.lock().expect("no holder of this lock panics")
    }
}

async fn receive(State(shared): State<Arc<Shared>>, request: Request) -> StatusCode {
    let now = Instant::now();
    let id = request
        .headers()
        .get("webhook-id")
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let is_first = request.uri().path() == "/0";
    // Read to its end, or the connection could not be used again.
    if axum::body::to_bytes(request.into_body(), usize::MAX).await.is_err() {
        return StatusCode::BAD_REQUEST;
    }
    shared.lock().entry(id).or_insert(now);
    if is_first && shared.hangs.load(Ordering::Relaxed) {
        // Until the sender gives up, which drops this.
        std::future::pending::<()>().await;
    }
    StatusCode::OK
}
