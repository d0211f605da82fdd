//! The bench's receiver: answers at once, and notes which event arrived when.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use http::StatusCode;
use tokio::time::{self, Instant};

use aws::Error;
use aws::server::{self, Server};

/// How often a wait looks.
const LOOK: Duration = Duration::from_millis(2);

/// An event that arrived.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    /// Its `webhook-id`.
    pub(super) id: String,
    /// When its request's head was there.
    pub(super) at: Instant,
}

type Noted = Arc<Mutex<Vec<Arrival>>>;

/// The receiver, and what arrived at it.
#[derive(Debug)]
pub(super) struct Arrivals {
    url: String,
    noted: Noted,
    _server: Server,
}

impl Arrivals {
    /// Starts it on a thread of its own, whose CPU is told apart.
    pub(super) async fn start() -> Result<Self, Error> {
        let (listener, address) = server::listen(0).await?;
        let noted = Noted::default();
        let router = Router::new().fallback(note).with_state(noted.clone());
        let server = Server::spawn_thread("receiver", listener, router, std::future::pending())?;
        Ok(Self { url: format!("http://{address}/"), noted, _server: server })
    }

    /// The URL to subscribe with.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Forgets what arrived so far.
    pub(super) fn clear(&self) {
        lock(&self.noted).clear();
    }

    /// Waits until `count` requests have arrived, for as long as any arrives within `patience`.
    /// What arrived then.
    pub(super) async fn wait(&self, count: usize, patience: Duration) -> Vec<Arrival> {
        let (mut seen, mut since) = (0, Instant::now());
        loop {
            let now = lock(&self.noted).len();
            if now >= count {
                break;
            }
            if now > seen {
                (seen, since) = (now, Instant::now());
            } else if since.elapsed() > patience {
                break;
            }
            time::sleep(LOOK).await;
        }
        self.all()
    }

    /// What arrived so far.
    pub(super) fn all(&self) -> Vec<Arrival> {
        lock(&self.noted).clone()
    }
}

fn lock(noted: &Noted) -> MutexGuard<'_, Vec<Arrival>> {
    noted.lock().expect("no holder of this lock panics")
}

async fn note(State(noted): State<Noted>, request: Request) -> StatusCode {
    let at = Instant::now();
    let id = request
        .headers()
        .get("webhook-id")
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    // Read to its end, or the connection could not be used again.
    let read = axum::body::to_bytes(request.into_body(), usize::MAX).await;
    lock(&noted).push(Arrival { id, at });
    if read.is_ok() { StatusCode::OK } else { StatusCode::BAD_REQUEST }
}
