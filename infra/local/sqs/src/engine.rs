//! The handle to a running SQS: the state behind its lock, the journal behind it, the waiting in
//! front.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::oneshot;

use crate::counts::{Counters, Counts};
use crate::error::Error;
use crate::journal::{Journal, Ticket};
use crate::message::{Delivery, Tally};
use crate::refusal::Refusal;
use crate::settings::Millis;
use crate::state::{Attempt, State, Wish};

/// The account of every queue, as it stands in queue URLs.
const ACCOUNT: &str = "000000000000";

/// The last millisecond of the year 9999, where time ends: a few days more are still a number.
const LAST: Millis = 253_402_300_799_999;

struct Shared {
    state: Mutex<State>,
    journal: Option<Journal>,
    counters: Counters,
    address: String,
    /// Milliseconds that its clock is ahead of the machine's. Changed under the state's lock.
    ahead: AtomicU64,
}

/// A running SQS. Clones are handles to the same one; the last one dropped closes the journal.
#[derive(Clone)]
pub struct Engine(Arc<Shared>);

impl fmt::Debug for Engine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Engine").field(&self.0.address).finish()
    }
}

impl Engine {
    /// Opens the queues kept in the file at `path`, which is made if there is none; without a path
    /// nothing is kept. `address` is the base of queue URLs, such as `http://127.0.0.1:4567`.
    ///
    /// # Errors
    /// When the file cannot be opened or read, or is open elsewhere.
    pub fn open(path: Option<&Path>, address: impl Into<String>) -> Result<Engine, Error> {
        let (journal, state) = match path {
            Some(path) => {
                Journal::open(path, machine_now()).map(|(journal, state)| (Some(journal), state))?
            }
            None => (None, State::new(machine_now(), 0)),
        };
        let address = address.into().trim_end_matches('/').to_owned();
        let (state, counters, ahead) = (Mutex::new(state), Counters::new(), AtomicU64::new(0));
        Ok(Engine(Arc::new(Shared { state, journal, counters, address, ahead })))
    }

    /// Lets time pass at once: from here on the queues' clock is ahead of the machine's by this
    /// much. Messages that are due by then show, to long polls too, and long polls whose time is
    /// over end. Time never goes back: to be ahead by less than before changes nothing.
    pub fn run_ahead_by(&self, ahead: Duration) {
        let ahead = Millis::try_from(ahead.as_millis()).unwrap_or(Millis::MAX);
        let mut state = self.lock();
        // Under the lock: whoever has joined the long polls by now saw the old time, and is woken.
        self.0.ahead.fetch_max(ahead, Ordering::Relaxed);
        state.wake_all();
    }

    /// What was asked since start or the latest reset, by action.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.counters.read()
    }

    /// Billed requests that carried a message, by the queue's name.
    #[must_use]
    pub fn billed_by_queue(&self) -> BTreeMap<String, u64> {
        self.0.counters.by_queue()
    }

    /// Sets all counts to zero.
    pub fn reset_counts(&self) {
        self.0.counters.reset();
    }

    /// The URL of the queue of this name, whether it exists or not.
    #[must_use]
    pub fn queue_url(&self, name: &str) -> String {
        format!("{}/{ACCOUNT}/{name}", self.0.address)
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.0.counters
    }

    /// Every queue's messages, and when the next hidden one shows.
    pub(crate) fn tallies(&self) -> Vec<(String, Tally, Option<Millis>)> {
        let read = |state: &mut State, now| {
            state
                .all(now)
                .map(|queue| (queue.name.clone(), queue.tally(), queue.next_due()))
                .collect()
        };
        self.apply(read).0
    }

    /// Does something to the state at the present time. The ticket is for what it changed.
    pub(crate) fn apply<T>(&self, act: impl FnOnce(&mut State, Millis) -> T) -> (T, Ticket) {
        let mut state = self.lock();
        let answer = act(&mut state, self.now());
        // Handed over under the lock: the journal's order is that of memory.
        let ticket = match &self.0.journal {
            Some(journal) if !state.changes.is_empty() => journal.submit(&mut state.changes),
            _ => {
                state.changes.clear();
                Ticket::none()
            }
        };
        (answer, ticket)
    }

    /// Does something to the state, and returns when what it changed is kept.
    pub(crate) async fn commit<T>(
        &self,
        act: impl FnOnce(&mut State, Millis) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let (answer, ticket) = self.apply(act);
        let answer = answer?;
        ticket.kept().await?;
        Ok(answer)
    }

    /// Receives messages, waiting for the first one as long as the wish or the queue says.
    pub(crate) async fn receive(
        &self,
        url: &str,
        mut wish: Wish,
    ) -> Result<Vec<Delivery>, Refusal> {
        wish.since = self.now();
        loop {
            let (attempt, ticket) = self.apply(|state, now| state.receive(url, wish, now));
            match attempt? {
                Attempt::Done(deliveries) => {
                    ticket.kept().await?;
                    return Ok(deliveries);
                }
                Attempt::Wait { number, woken, until } => {
                    Poll { engine: self, url, number, is_over: false }.wait(woken, until).await;
                }
            }
        }
    }

    /// The present, in milliseconds since the Unix epoch.
    fn now(&self) -> Millis {
        machine_now().saturating_add(self.0.ahead.load(Ordering::Relaxed)).min(LAST)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic under the lock is a defect that a test would find; the other queues go on.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among a queue's long polls, given up when the receiver goes away.
struct Poll<'a> {
    engine: &'a Engine,
    url: &'a str,
    number: u64,
    is_over: bool,
}

impl Poll<'_> {
    async fn wait(mut self, woken: oneshot::Receiver<()>, until: Millis) {
        // One more: a timer that ends within the millisecond before would find nothing yet.
        let span = Duration::from_millis(until.saturating_sub(self.engine.now()) + 1);
        let is_woken = tokio::time::timeout(span, woken).await.is_ok();
        if !is_woken {
            self.engine.lock().queue(self.url).map(|queue| queue.waiters.leave(self.number)).ok();
        }
        // Who looks again takes what it was woken for; nobody else need be.
        self.is_over = true;
    }
}

impl Drop for Poll<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.engine.lock().abandon(self.url, self.number);
        }
    }
}

fn machine_now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

#[cfg(test)]
mod tests;
