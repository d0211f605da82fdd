//! A function's processes: when one is started, what its end means, and how all are stopped.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::process::Child;
use tokio::time;

use super::function::Pool;
use super::instance::{self, Instance};
use super::{Function, FunctionError};
use crate::logs::Level;

/// The first wait after a process that died before it asked for work; it doubles up to
/// [`LONGEST_BACKOFF`].
const FIRST_BACKOFF: Duration = Duration::from_millis(200);
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);

impl Function {
    /// Starts the first process, so that the first invocation finds it warm.
    pub fn warm(self: &Arc<Self>) -> std::io::Result<()> {
        self.start(&mut self.pool())
    }

    /// Whether a process has asked for work, or has failed to: there is nothing to wait for any
    /// more.
    pub fn is_settled(&self) -> bool {
        let pool = self.pool();
        pool.failed_starts > 0 || pool.instances.values().any(|instance| instance.has_started())
    }

    /// Whether its first process ended before it asked for work, and no other has asked since.
    pub fn failed_to_start(&self) -> bool {
        let pool = self.pool();
        pool.failed_starts > 0 && !pool.instances.values().any(|instance| instance.has_started())
    }

    /// Ends its processes; another one is started.
    pub fn replace(&self) {
        for instance in self.pool().instances.values() {
            instance.kill();
        }
    }

    /// Ends the process at this place among them, as a crash would. Whether there is one.
    pub fn crash(&self, place: usize) -> bool {
        let pool = self.pool();
        let instance = pool.instances.values().nth(place);
        instance.inspect(|instance| instance.kill()).is_some()
    }

    /// The latest process that has asked for work: its number, its id, and how long its init took.
    pub fn latest(&self) -> Option<(u64, u32, Duration)> {
        let pool = self.pool();
        let instance = pool.instances.values().rfind(|instance| instance.has_started())?;
        Some((instance.number, instance.pid, instance.init()?))
    }

    pub(super) fn start_if_needed(self: &Arc<Self>, pool: &mut Pool) {
        let room = pool.instances.len() < self.concurrency;
        if !room || pool.starting >= pool.waiting.len() || pool.backing_off || pool.stopping {
            return;
        }
        if let Err(error) = self.start(pool) {
            self.log
                .say(Level::Error, &format!("{} cannot be run: {error}", self.binary.display()));
            self.start_failed(pool);
        }
    }

    fn start(self: &Arc<Self>, pool: &mut Pool) -> std::io::Result<()> {
        let number = pool.last_number + 1;
        let runtime_api = format!("{}/{number}", self.runtime_api);
        let temporary = self.temporary.join(format!("{}-{number}", self.name));
        fs::create_dir_all(&temporary)?;
        let spawned = Instant::now();
        let variables = self.environment.variables();
        let child = instance::spawn(&self.binary, variables, &runtime_api, &temporary)?;
        let pid = child.id().unwrap_or_default();
        let instance = Arc::new(Instance::new(number, pid, spawned, temporary));
        pool.last_number = number;
        pool.starting += 1;
        pool.instances.insert(number, instance.clone());
        tokio::spawn(self.clone().watch(instance, child));
        Ok(())
    }

    /// Follows a process to its end, and sees to what its end leaves behind.
    async fn watch(self: Arc<Self>, instance: Arc<Instance>, mut child: Child) {
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let copying = async {
            let out = async {
                if let Some(pipe) = stdout {
                    self.log.copy(pipe, Level::Info).await;
                }
            };
            let err = async {
                if let Some(pipe) = stderr {
                    self.log.copy(pipe, Level::Error).await;
                }
            };
            tokio::join!(out, err);
        };
        let (status, ()) = tokio::join!(instance.end(child), copying);
        let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        // Nothing can be done about a failure: the next start of the stack removes what is left.
        let _ = fs::remove_dir_all(&instance.temporary);
        self.note_end(&instance);
        let mut pool = self.pool();
        pool.instances.remove(&instance.number);
        instance.fail(&status);
        if pool.stopping {
            return;
        }
        if instance.has_started() {
            self.log.say(Level::Warn, &format!("process {} ended: {status}", instance.pid));
            self.start_if_needed(&mut pool);
            if pool.instances.is_empty() && !pool.backing_off && self.start(&mut pool).is_err() {
                self.start_failed(&mut pool);
            }
        } else {
            pool.starting = pool.starting.saturating_sub(1);
            self.log.say(
                Level::Error,
                &format!("process {} ended before it asked for work: {status}", instance.pid),
            );
            self.start_failed(&mut pool);
        }
    }

    /// Fails who waits, unless another process will serve them, and tries again after a while.
    fn start_failed(self: &Arc<Self>, pool: &mut Pool) {
        if pool.instances.is_empty() {
            for turn in pool.waiting.drain(..) {
                let _ = turn.send(Err(FunctionError::exited(
                    "-",
                    "the function's process cannot be started",
                )));
            }
        }
        if pool.backing_off {
            return;
        }
        pool.backing_off = true;
        pool.failed_starts = pool.failed_starts.saturating_add(1);
        let wait = FIRST_BACKOFF
            .saturating_mul(1 << (pool.failed_starts - 1).min(10))
            .min(LONGEST_BACKOFF);
        let function = self.clone();
        tokio::spawn(async move {
            time::sleep(wait).await;
            let mut pool = function.pool();
            pool.backing_off = false;
            if pool.stopping || !pool.instances.is_empty() {
                function.start_if_needed(&mut pool);
            } else if let Err(error) = function.start(&mut pool) {
                function.log.say(
                    Level::Error,
                    &format!("{} cannot be run: {error}", function.binary.display()),
                );
                function.start_failed(&mut pool);
            }
        });
    }

    /// Takes no more work, lets running invocations finish within `grace`, and ends every process.
    pub async fn stop(&self, grace: Duration) {
        {
            let mut pool = self.pool();
            pool.stopping = true;
            pool.idle.clear();
            pool.waiting.clear();
        }
        let deadline = time::Instant::now() + grace;
        while self.status().busy > 0 && time::Instant::now() < deadline {
            time::sleep(Duration::from_millis(10)).await;
        }
        for instance in self.pool().instances.values() {
            instance.kill();
        }
        while !self.pool().instances.is_empty()
            && time::Instant::now() < deadline + Duration::from_secs(1)
        {
            time::sleep(Duration::from_millis(2)).await;
        }
    }
}
