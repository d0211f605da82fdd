//! What the receiver of all ten notes: when each event arrived first. It answers at once, but for
//! the first of them from when it is told to hang.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

use http::StatusCode;
use tokio::time::Instant;

use crate::arrivals::{Arrival, Note};

/// When each event arrived first, by its id.
pub(super) type Arrived = HashMap<String, Instant>;

/// What arrived, and whether the first subscription's receiver hangs.
#[derive(Debug, Default)]
pub(super) struct Noted {
    arrived: Mutex<Arrived>,
    hangs: AtomicBool,
}

impl Note for Noted {
    async fn note(&self, Arrival { place, id, at }: Arrival) -> StatusCode {
        self.lock().entry(id).or_insert(at);
        if place == 0 && self.hangs() {
            // Until the sender gives up, which drops this.
            std::future::pending::<()>().await;
        }
        StatusCode::OK
    }
}

impl Noted {
    /// From now on the first subscription gets no answers.
    pub(super) fn hang(&self) {
        self.hangs.store(true, Ordering::Relaxed);
    }

    pub(super) fn hangs(&self) -> bool {
        self.hangs.load(Ordering::Relaxed)
    }

    /// What arrived so far.
    pub(super) fn all(&self) -> Arrived {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Arrived> {
        self.arrived.lock().expect("no holder of this lock panics")
    }
}
