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
use super::limits::{self, Exceeded, ExceededCounts, Limit, Limits};
use super::{ANSWER_LIMIT, Environment, FunctionError, Invocation, Outcome};
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
    /// Where its processes have their temporary directories.
    pub(super) temporary: PathBuf,
    pub(super) limits: Limits,
    exceeded: Exceeded,
    /// The most memory, in bytes, that a process had that has ended.
    ended_peak: AtomicU64,
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
    /// A directory for the temporary files of all functions.
    pub temporary: PathBuf,
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
    /// The most memory that a process may have, in bytes: the template's `MemorySize`.
    pub memory_limit_bytes: u64,
    /// The most memory that a process had so far, in bytes, ended ones among them.
    pub peak_memory_bytes: u64,
    /// The same of each running process, by its id.
    pub peak_memory_by_pid: BTreeMap<u32, u64>,
    /// How often Lambda's limits were exceeded.
    pub exceeded: ExceededCounts,
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
            temporary: settings.temporary,
            limits: Limits::of(description),
            exceeded: Exceeded::default(),
            ended_peak: AtomicU64::new(0),
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
            let answered = tokio::select! {
                answered = time::timeout(self.timeout, answer) => answered,
                () = slot.instance.outgrows(self.limits.memory) => {
                    Ok(Ok(Err(self.end_for_memory(&slot.instance, &request_id))))
                }
            };
            let outcome = match answered {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_)) => Err(FunctionError::exited(&request_id, "the local stack stopped")),
                Err(_) => Err(self.end_for_time(&slot.instance, &request_id)),
            };
            self.billed_ms.fetch_add(whole_milliseconds(begun.elapsed()), Ordering::Relaxed);
            return outcome;
        }
    }

    fn end_for_time(&self, instance: &Instance, request_id: &str) -> FunctionError {
        let seconds = self.timeout.as_secs_f64();
        let message =
            format!("{request_id}: timed out after {seconds:.2} s (Timeout); its process is ended");
        self.doom(instance, Limit::Deadline, &message);
        FunctionError::timed_out(request_id, seconds)
    }

    fn end_for_memory(&self, instance: &Instance, request_id: &str) -> FunctionError {
        let message = format!(
            "{request_id}: {} is out of memory: its process {} has {:.1} MB, and the limit is {:.0} MB \
             (MemorySize); it is ended",
            self.name,
            instance.pid,
            megabytes(instance.memory.peak()),
            megabytes(self.limits.memory),
        );
        self.doom(instance, Limit::Memory, &message);
        FunctionError::out_of_memory(request_id)
    }

    fn doom(&self, instance: &Instance, limit: Limit, message: &str) {
        if instance.doom() {
            self.exceeded.count(limit);
            self.log.say(Level::Error, message);
        }
    }

    /// The outcome that an invocation has after its process answered it: an error when the process
    /// exceeded a limit meanwhile, and then the process is ended. To be asked before the process
    /// is told that its answer has arrived: until then it takes no other invocation.
    pub(super) fn checked(
        &self,
        instance: &Instance,
        request_id: &str,
        outcome: Outcome,
    ) -> Outcome {
        if !instance.runs(request_id) {
            return outcome;
        }
        if instance.memory.peak() > self.limits.memory {
            return Err(self.end_for_memory(instance, request_id));
        }
        let left = limits::size(&instance.temporary);
        if left > self.limits.temporary {
            let message = format!(
                "{request_id}: {} left {:.1} MB in its temporary directory, and the limit is {:.0} MB \
                 (EphemeralStorage); its process is ended",
                self.name,
                megabytes(left),
                megabytes(self.limits.temporary),
            );
            self.doom(instance, Limit::Temporary, &message);
            return Err(FunctionError::temporary_full(request_id));
        }
        outcome
    }

    /// Counts an answer that is too large, and says so in the log.
    pub(super) fn refuse_answer(&self, request_id: &str, bytes: usize) {
        self.exceeded.count(Limit::Answer);
        let message = format!(
            "{request_id}: the answer of {} has {bytes} bytes, and Lambda allows {ANSWER_LIMIT}",
            self.name
        );
        self.log.say(Level::Error, &message);
    }

    /// Counts a request that is too large. The caller is told, so the log is not.
    pub(crate) fn refuse_request(&self) {
        self.exceeded.count(Limit::Payload);
    }

    /// Keeps the peak of a process that has ended.
    pub(super) fn note_end(&self, instance: &Instance) {
        self.ended_peak.fetch_max(instance.memory.peak(), Ordering::Relaxed);
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
        if instance.is_doomed() {
            return None;
        }
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
        let peaks: BTreeMap<u32, u64> = pool
            .instances
            .values()
            .map(|instance| (instance.pid, instance.memory.peak()))
            .collect();
        let ended = self.ended_peak.load(Ordering::Relaxed);
        FunctionStatus {
            pids: pool.instances.values().map(|instance| instance.pid).collect(),
            busy: pool.instances.values().filter(|instance| instance.is_busy()).count(),
            invocations: self.invocations.load(Ordering::Relaxed),
            errors: self.errors.load(Ordering::Relaxed),
            starts: pool.last_number,
            billed_ms: self.billed_ms.load(Ordering::Relaxed),
            log_bytes: self.log.written(),
            memory_limit_bytes: self.limits.memory,
            peak_memory_bytes: peaks.values().copied().max().unwrap_or_default().max(ended),
            peak_memory_by_pid: peaks,
            exceeded: self.exceeded.counts(),
        }
    }

    pub(super) fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().expect("no holder of this lock panics")
    }
}

/// For messages only.
#[expect(clippy::cast_precision_loss, reason = "it is shown with one decimal")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1024 * 1024)
}

/// Rounded up, as Lambda bills them.
fn whole_milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
