//! What the soak's receiver notes: what arrived when. It answers at once, but for what is refused at
//! first and for the receiver that goes out.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use http::StatusCode;
use tokio::sync::watch;
use tokio::time::Instant;

use super::scene::{OUT, is_refused_first};
use crate::arrivals::{Arrival, Note};

/// What arrived of one event at one subscription.
#[derive(Debug, Clone, Copy)]
pub(super) struct Requests {
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
pub(super) type Arrived = HashMap<(usize, String), Requests>;

#[derive(Debug, Default)]
struct Noted {
    arrived: Arrived,
    taken: usize,
}

impl Noted {
    /// Notes a request, and says what it is answered.
    fn note(&mut self, place: usize, id: String, now: Instant) -> StatusCode {
        let refusable = is_refused_first(place, &id);
        let new = Requests { first: now, taken: None, requests: 0, times_taken: 0 };
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

/// How the receiver of [`OUT`] is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outage {
    /// It refuses everything.
    Refuses,
    /// It answers nothing until it is back.
    Hangs,
}

/// What arrived, and whether a receiver is out.
#[derive(Debug)]
pub(super) struct Noting {
    noted: Mutex<Noted>,
    outage: watch::Sender<Option<Outage>>,
}

impl Default for Noting {
    fn default() -> Self {
        Self { noted: Mutex::default(), outage: watch::Sender::new(None) }
    }
}

impl Note for Noting {
    async fn note(&self, Arrival { place, id, at }: Arrival) -> StatusCode {
        let out = *self.outage.borrow();
        if let Some(out) = out.filter(|_| place == OUT) {
            if out == Outage::Hangs {
                // It ends with the soak at the latest.
                let _ = self.outage.subscribe().wait_for(Option::is_none).await;
            }
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        self.lock().note(place, id, at)
    }
}

impl Noting {
    /// The receiver of [`OUT`] goes out, or comes back.
    pub(super) fn go(&self, outage: Option<Outage>) {
        self.outage.send_replace(outage);
    }

    /// Events that were answered with success so far, by subscription.
    pub(super) fn taken(&self) -> usize {
        self.lock().taken
    }

    /// What arrived so far.
    pub(super) fn all(&self) -> Arrived {
        self.lock().arrived.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().expect("no holder of this lock panics")
    }
}

#[cfg(test)]
mod tests;
