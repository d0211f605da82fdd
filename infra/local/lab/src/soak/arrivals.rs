//! The soak's receiver: answers at once, and notes what arrived when.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::{Request, State};
use http::StatusCode;
use tokio::sync::watch;
use tokio::time::Instant;

use super::scene::{OUT, is_refused_first};
use aws::Error;
use aws::server::{self, Server};

/// What arrived of one event at one subscription.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    /// The first request.
    pub(super) first: Instant,
    /// The first that was answered with success.
    pub(super) taken: Option<Instant>,
    /// All of them.
    pub(super) requests: u32,
    /// Those that were answered with success.
    pub(super) times_taken: u32,
}

/// By the subscription's place and the event's id.
pub(super) type Arrived = HashMap<(usize, String), Arrival>;

#[derive(Debug, Default)]
struct Noted {
    arrived: Arrived,
    taken: usize,
}

impl Noted {
    /// Notes a request, and says what it is answered.
    fn note(&mut self, place: usize, id: String, now: Instant) -> StatusCode {
        let refusable = is_refused_first(place, &id);
        let new = Arrival { first: now, taken: None, requests: 0, times_taken: 0 };
        let arrival = self.arrived.entry((place, id)).or_insert(new);
        arrival.requests += 1;
        if refusable && arrival.requests == 1 {
            return StatusCode::INTERNAL_SERVER_ERROR;
        }
        if arrival.taken.is_none() {
            self.taken += 1;
        }
        arrival.taken.get_or_insert(now);
        arrival.times_taken += 1;
        StatusCode::OK
    }
}

type Shared = Arc<Mutex<Noted>>;

/// How the receiver of [`OUT`] is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outage {
    /// It refuses everything.
    Refuses,
    /// It answers nothing until it is back.
    Hangs,
}

/// The receiver, and what arrived at it.
#[derive(Debug)]
pub(super) struct Arrivals {
    url: String,
    noted: Shared,
    outage: watch::Sender<Option<Outage>>,
    _server: Server,
}

impl Arrivals {
    /// Starts it on a thread of its own.
    pub(super) async fn start() -> Result<Self, Error> {
        let (listener, address) = server::listen(0).await?;
        let noted = Shared::default();
        let (outage, seen) = watch::channel(None);
        let router = Router::new().fallback(receive).with_state((noted.clone(), seen));
        let server = Server::spawn_thread("receiver", listener, router, std::future::pending())?;
        Ok(Self { url: format!("http://{address}"), noted, outage, _server: server })
    }

    /// The URL under which each subscription's place is a path.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The receiver of [`OUT`] goes out, or comes back.
    pub(super) fn go(&self, outage: Option<Outage>) {
        self.outage.send_replace(outage);
    }

    /// Events that were answered with success so far, by subscription.
    pub(super) fn taken(&self) -> usize {
        lock(&self.noted).taken
    }

    /// What arrived so far.
    pub(super) fn all(&self) -> Arrived {
        lock(&self.noted).arrived.clone()
    }
}

fn lock(noted: &Shared) -> MutexGuard<'_, Noted> {
    noted.lock().expect("no holder of this lock panics")
}

async fn receive(
    State((noted, mut outage)): State<(Shared, watch::Receiver<Option<Outage>>)>,
    request: Request,
) -> StatusCode {
    let now = Instant::now();
    let id = request
        .headers()
        .get("webhook-id")
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let place = request.uri().path().trim_start_matches('/').parse().unwrap_or(usize::MAX);
    // Read to its end, or the connection could not be used again.
    if axum::body::to_bytes(request.into_body(), usize::MAX).await.is_err() {
        return StatusCode::BAD_REQUEST;
    }
    let out = *outage.borrow();
    if let Some(out) = out.filter(|_| place == OUT) {
        if out == Outage::Hangs {
            // It ends with the soak at the latest.
            let _ = outage.wait_for(Option::is_none).await;
        }
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    lock(&noted).note(place, id, now)
}

#[cfg(test)]
mod tests;
