//! What the bench's receiver notes: which event arrived when. It answers at once.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use http::StatusCode;
use tokio::time::{self, Instant};

use crate::arrivals::{Arrival, Note};

/// How often a wait looks.
const LOOK: Duration = Duration::from_millis(2);

/// Every request that arrived.
#[derive(Debug, Default)]
pub(super) struct Arrived(Mutex<Vec<Arrival>>);

impl Note for Arrived {
    async fn note(&self, arrival: Arrival) -> StatusCode {
        self.lock().push(arrival);
        StatusCode::OK
    }
}

impl Arrived {
    /// Forgets what arrived so far.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    /// Waits until `count` requests have arrived, for as long as any arrives within `patience`.
    pub(super) async fn wait(&self, count: usize, patience: Duration) {
        let (mut seen, mut since) = (0, Instant::now());
        loop {
            let now = self.lock().len();
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
    }

    /// What arrived so far.
    pub(super) fn all(&self) -> Vec<Arrival> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arrival>> {
        self.0.lock().expect("no holder of this lock panics")
    }
}
