//! A function: its processes, who waits for one, and when another is started.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use shared::edges::clock;
use tokio::sync::oneshot;
use tokio::time;

use super::instance::Instance;
use super::{Environment, FunctionError, Invocation, Outcome};
use crate::logs::{Level, Log};
use crate::random;
use crate::template::{ACCOUNT, REGION};

/// A Lambda function.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its logical id in the template.
    pub id: String,
    pub(super) arn: String,
    pub(crate) log: Log,
    timeout: Duration,
    pub(super) concurrency: usize,
    pub(super) binary: PathBuf,
    pub(super) environment: Environment,
    pub(super) runtime_api: String,
    pool: Mutex<Pool>,
    invocations: AtomicU64,
    errors: AtomicU64,
    billed_ms: AtomicU64,
}

/// What [`Function::new`] needs to know.
#[derive(Debug)]
pub struct Settings {
    /// The function's binary.
    pub binary: PathBuf,
    /// Its environment.
    pub environment: Environment,
    /// Processes at most.
    pub concurrency: usize,
    /// The Runtime API's address, such as `http://127.0.0.1:9001`.
    pub runtime_api: String,
    /// Where its output goes.
    pub log: Log,
}

#[derive(Debug, Default)]
pub(super) struct Pool {
    pub(super) instances: BTreeMap<u64, Arc<Instance>>,
    /// Processes that wait for an invocation, the one used last at the end: it is the warmest.
    pub(super) idle: Vec<Slot>,
    /// Invocations that wait for a process, oldest first.
    pub(super) waiting: VecDeque<oneshot::Sender<Result<Slot, FunctionError>>>,
    /// Processes that were started and did not ask for work yet.
    pub(super) starting: usize,
    pub(super) last_number: u64,
    pub(super) failed_starts: u32,
    pub(super) backing_off: bool,
    pub(super) stopping: bool,
}

/// A process that waits, and the way to hand it an invocation.
#[derive(Debug)]
pub(super) struct Slot {
    instance: Arc<Instance>,
    hand: oneshot::Sender<Invocation>,
}

/// A function in `/_stack`.
#[derive(Debug, Serialize)]
pub struct FunctionStatus {
    /// Its processes.
    pub pids: Vec<u32>,
    /// Those that run an invocation.
    pub busy: usize,
    /// Invocations so far.
    pub invocations: u64,
    /// Those that ended in an error.
    pub errors: u64,
    /// Processes started so far.
    pub starts: u64,
    /// Milliseconds from each invocation to its answer, rounded up as Lambda bills them.
    pub billed_ms: u64,
    /// Bytes that it logged.
    pub log_bytes: u64,
}

impl Function {
    /// A function without processes.
    pub fn new(description: &crate::template::Function, settings: Settings) -> Self {
        let name = description.name.clone();
        Self {
            id: description.id.clone(),
            arn: format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"),
            log: settings.log,
            timeout: description.timeout,
            concurrency: settings.concurrency,
            binary: settings.binary,
            environment: settings.environment,
            runtime_api: format!("{}/{name}", settings.runtime_api),
            pool: Mutex::default(),
            invocations: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            billed_ms: AtomicU64::new(0),
            name,
        }
    }

    /// Invokes the function and waits for its outcome, for as long as a process needs to become
    /// free and then at most for the function's timeout.
    pub async fn invoke(self: &Arc<Self>, payload: Bytes) -> Outcome {
        let outcome = self.run(payload).await;
        self.invocations.fetch_add(1, Ordering::Relaxed);
        if outcome.is_err() {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }

    async fn run(self: &Arc<Self>, payload: Bytes) -> Outcome {
        loop {
            let slot = self.acquire().await?;
            let request_id = random::uuid();
            let deadline = clock::now().after(self.timeout);
            let (reply, answer) = oneshot::channel();
            slot.instance.begin(request_id.clone(), reply);
            let invocation =
                Invocation { request_id: request_id.clone(), payload: payload.clone(), deadline };
            let begun = time::Instant::now();
            if slot.hand.send(invocation).is_err() {
                // It ended between its request and this answer: nothing ran, so another process
                // may.
                continue;
            }
            let outcome = match time::timeout(self.timeout, answer).await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_)) => Err(FunctionError::exited(&request_id, "the local stack stopped")),
                Err(_) => {
                    slot.instance.kill();
                    let seconds = self.timeout.as_secs_f64();
                    self.log.say(
                        Level::Error,
                        &format!(
                            "{request_id}: timed out after {seconds:.2} s; its process is ended"
                        ),
                    );
                    Err(FunctionError::timed_out(&request_id, seconds))
                }
            };
            self.billed_ms.fetch_add(whole_milliseconds(begun.elapsed()), Ordering::Relaxed);
            return outcome;
        }
    }

    /// A process that waits for work; starts one when none does and the concurrency allows it.
    async fn acquire(self: &Arc<Self>) -> Result<Slot, FunctionError> {
        let turn = {
            let mut pool = self.pool();
            while let Some(slot) = pool.idle.pop() {
                if !slot.hand.is_closed() {
                    return Ok(slot);
                }
            }
            let (turn, waiting) = oneshot::channel();
            pool.waiting.push_back(turn);
            self.start_if_needed(&mut pool);
            waiting
        };
        turn.await.unwrap_or_else(|_| Err(FunctionError::exited("-", "the local stack stopped")))
    }

    /// Waits, for a process, until there is an invocation for it. None when it should end.
    pub(super) async fn next(&self, number: u64) -> Option<Invocation> {
        let instance = self.instance(number)?;
        instance.fail("the function asked for its next invocation without answering this one");
        loop {
            let (hand, invocation) = oneshot::channel();
            if !self.offer(Slot { instance: instance.clone(), hand }) {
                return None;
            }
            // Dropped without an invocation: whoever it was for had gone away.
            if let Ok(invocation) = invocation.await {
                return Some(invocation);
            }
        }
    }

    fn offer(&self, mut slot: Slot) -> bool {
        let mut pool = self.pool();
        if !slot.instance.mark_started() {
            pool.starting = pool.starting.saturating_sub(1);
            pool.failed_starts = 0;
        }
        if pool.stopping {
            return false;
        }
        while let Some(turn) = pool.waiting.pop_front() {
            match turn.send(Ok(slot)) {
                // Its invocation went away while it waited: the next one's turn.
                Err(Ok(returned)) => slot = returned,
                Ok(()) | Err(Err(_)) => return true,
            }
        }
        pool.idle.push(slot);
        true
    }

    /// The longest that one invocation may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The program that its processes run.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// A process by its number.
    pub(super) fn instance(&self, number: u64) -> Option<Arc<Instance>> {
        self.pool().instances.get(&number).cloned()
    }

    /// How the function stands.
    pub fn status(&self) -> FunctionStatus {
        let pool = self.pool();
        FunctionStatus {
            pids: pool.instances.values().map(|instance| instance.pid).collect(),
            busy: pool.instances.values().filter(|instance| instance.is_busy()).count(),
            invocations: self.invocations.load(Ordering::Relaxed),
            errors: self.errors.load(Ordering::Relaxed),
            starts: pool.last_number,
            billed_ms: self.billed_ms.load(Ordering::Relaxed),
            log_bytes: self.log.written(),
        }
    }

    pub(super) fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().expect("no holder of this lock panics")
    }
}

/// Rounded up, as Lambda bills them.
fn whole_milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
