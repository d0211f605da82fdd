//! The receiver of a load: hands each request to what notes it, and answers as that says.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use http::StatusCode;
use tokio::time::Instant;

use aws::Error;
use aws::server::{self, Server};

/// A request that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// Its path as a number: the place of its subscription. Without one, `usize::MAX`.
    pub(crate) place: usize,
    /// Its `webhook-id`.
    pub(crate) id: String,
    /// When its head was there.
    pub(crate) at: Instant,
}

/// Notes requests.
pub(crate) trait Note: Send + Sync + 'static {
    /// Notes a request that was read to its end, and answers it.
    fn note(&self, arrival: Arrival) -> impl Future<Output = StatusCode> + Send;
}

/// The receiver, and what arrived at it.
#[derive(Debug)]
pub(crate) struct Arrivals<N> {
    url: String,
    noted: Arc<N>,
    _server: Server,
}

impl<N: Note> Arrivals<N> {
    /// Starts it on a thread of its own, whose CPU is told apart.
    pub(crate) async fn start(noted: N) -> Result<Self, Error> {
        let (listener, address) = server::listen(0).await?;
        let noted = Arc::new(noted);
        let router = Router::new().fallback(receive::<N>).with_state(Arc::clone(&noted));
        let server = Server::spawn_thread("receiver", listener, router, std::future::pending())?;
        Ok(Self { url: format!("http://{address}"), noted, _server: server })
    }

    /// Its URL, below which a subscription's place is a path.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What arrived.
    pub(crate) fn noted(&self) -> &N {
        &self.noted
    }
}

async fn receive<N: Note>(State(noted): State<Arc<N>>, request: Request) -> StatusCode {
    let at = Instant::now();
    let id = request.headers().get("webhook-id").and_then(|id| id.to_str().ok());
    let id = id.unwrap_or_default().to_owned();
    let place = request.uri().path().trim_start_matches('/').parse().unwrap_or(usize::MAX);
    // Read to its end, or the connection could not be used again.
    if axum::body::to_bytes(request.into_body(), usize::MAX).await.is_err() {
        return StatusCode::BAD_REQUEST;
    }
    noted.note(Arrival { place, id, at }).await
}
