//! One process of a function.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};
use tokio::sync::Notify;
use tokio::time;

use super::memory::Memory;
use super::{FunctionError, Outcome, Reply};

/// How often a process's memory is looked at while it runs an invocation. It bounds how long one
/// that grows goes on; a peak in between is seen by the next look.
const MEMORY_INTERVAL: Duration = Duration::from_millis(25);

/// One process of a function, and the invocation that it runs.
#[derive(Debug)]
pub(super) struct Instance {
    /// Its number within the function.
    pub(super) number: u64,
    /// Its process id.
    pub(super) pid: u32,
    /// Whether it has ever asked for an invocation: its init is over.
    started: AtomicBool,
    spawned: Instant,
    /// How long its init took.
    init: OnceLock<Duration>,
    running: Mutex<Option<(String, Reply)>>,
    kill: Notify,
    /// Whether it exceeded a limit: it is being ended, and takes no other invocation.
    doomed: AtomicBool,
    /// How much memory it has.
    pub(super) memory: Memory,
    /// Its `TMPDIR`, which no other process has.
    pub(super) temporary: PathBuf,
}

impl Instance {
    /// A process that was spawned at this time.
    pub(super) fn new(number: u64, pid: u32, spawned: Instant, temporary: PathBuf) -> Self {
        let (started, running, kill) = (AtomicBool::new(false), Mutex::new(None), Notify::new());
        let (init, memory) = (OnceLock::new(), Memory::of(pid));
        let doomed = AtomicBool::new(false);
        Self { number, pid, started, spawned, init, running, kill, doomed, memory, temporary }
    }

    /// Notes that the process asked for an invocation, and tells whether it did so before.
    pub(super) fn mark_started(&self) -> bool {
        let _ = self.init.set(self.spawned.elapsed());
        self.started.swap(true, Ordering::Relaxed)
    }

    /// From its spawning until it first asked for an invocation. None before that.
    pub(super) fn init(&self) -> Option<Duration> {
        self.init.get().copied()
    }

    pub(super) fn has_started(&self) -> bool {
        self.started.load(Ordering::Relaxed)
    }

    /// Notes the invocation that the process is about to get.
    pub(super) fn begin(&self, request_id: String, reply: Reply) {
        *self.running.lock().expect("no holder of this lock panics") = Some((request_id, reply));
    }

    /// Settles the invocation that the process runs. False when it runs no such invocation, as
    /// after its deadline.
    pub(super) fn settle(&self, request_id: &str, outcome: Outcome) -> bool {
        let mut running = self.running.lock().expect("no holder of this lock panics");
        if running.as_ref().is_none_or(|(id, _)| id != request_id) {
            return false;
        }
        // Nobody may be waiting any more: the caller went away.
        if let Some((_, reply)) = running.take() {
            let _ = reply.send(outcome);
        }
        true
    }

    /// Fails whatever the process runs, as one that has ended or that asks for more without having
    /// answered.
    pub(super) fn fail(&self, reason: &str) {
        let running = self.running.lock().expect("no holder of this lock panics").take();
        if let Some((request_id, reply)) = running {
            let _ = reply.send(Err(FunctionError::exited(&request_id, reason)));
        }
    }

    /// Whether the process runs this invocation.
    pub(super) fn runs(&self, request_id: &str) -> bool {
        let running = self.running.lock().expect("no holder of this lock panics");
        running.as_ref().is_some_and(|(id, _)| id == request_id)
    }

    pub(super) fn is_busy(&self) -> bool {
        self.running.lock().expect("no holder of this lock panics").is_some()
    }

    /// Waits until the process has had more than `limit` bytes of memory.
    pub(super) async fn outgrows(&self, limit: u64) {
        while self.memory.peak() <= limit {
            time::sleep(MEMORY_INTERVAL).await;
        }
    }

    /// Ends the process at once, as Lambda does after a deadline.
    pub(super) fn kill(&self) {
        self.kill.notify_one();
    }

    /// Ends the process because it exceeded a limit. False when it is being ended for one already.
    pub(super) fn doom(&self) -> bool {
        self.kill();
        !self.doomed.swap(true, Ordering::Relaxed)
    }

    pub(super) fn is_doomed(&self) -> bool {
        self.doomed.load(Ordering::Relaxed)
    }

    /// Waits for the process's end, or brings it about when it is killed.
    pub(super) async fn end(&self, mut child: Child) -> std::io::Result<ExitStatus> {
        tokio::select! {
            status = child.wait() => return status,
            () = self.kill.notified() => {}
        }
        child.kill().await?;
        child.wait().await
    }
}

/// Starts a process with exactly these variables, its output piped.
pub(super) fn spawn<'a>(
    binary: &Path,
    variables: impl Iterator<Item = (&'a str, &'a str)>,
    runtime_api: &str,
    temporary: &Path,
) -> std::io::Result<Child> {
    let mut command = Command::new(binary);
    command.env_clear().envs(variables).env("AWS_LAMBDA_RUNTIME_API", runtime_api);
    command.env("TMPDIR", temporary);
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    // A group of its own: Ctrl-C in the terminal reaches the stack alone, which lets running
    // invocations finish.
    command.process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command.spawn()
}
