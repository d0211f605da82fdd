//! The limits that Lambda puts on a function, and how often each was exceeded.
//!
//! The figures are those of the AWS Lambda quotas,
//! <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>, unless a constant says
//! where else it is from. Memory, `/tmp` and the timeout are the function's own, from the template.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// The most bytes that a synchronous invocation's payload may have: 6 MB.
pub const PAYLOAD_LIMIT: usize = 6 * 1024 * 1024;

/// The most bytes that an answer may have: 6 MB and 100 bytes. Lambda names the figure when it
/// refuses one: "Exceeded maximum allowed payload size (6291556 bytes)".
pub const ANSWER_LIMIT: usize = PAYLOAD_LIMIT + 100;

/// The most bytes that an asynchronous invocation's payload may have: 1 MB.
pub const ASYNC_PAYLOAD_LIMIT: usize = 1024 * 1024;

/// The most bytes that all variables of a function's environment may have: 4 KB, measured on the
/// JSON object that holds them, as the refusal of `UpdateFunctionConfiguration` shows.
pub const ENVIRONMENT_LIMIT: usize = 4 * 1024;

/// Bytes in the MB of `MemorySize` and of `EphemeralStorage`.
const MB: u64 = 1024 * 1024;

/// The limits of one function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The most memory of a process, in bytes.
    pub(super) memory: u64,
    /// The most that a process may leave in its temporary directory, in bytes.
    pub(super) temporary: u64,
}

impl Limits {
    /// The limits that the template gives a function.
    pub(super) fn of(function: &crate::template::Function) -> Self {
        Self { memory: function.memory * MB, temporary: function.temporary * MB }
    }
}

/// How often each limit was exceeded.
#[derive(Debug, Default)]
pub(super) struct Exceeded {
    memory: AtomicU64,
    deadline: AtomicU64,
    answer: AtomicU64,
    payload: AtomicU64,
    temporary: AtomicU64,
}

/// A limit of Lambda's.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limit {
    /// `MemorySize`.
    Memory,
    /// `Timeout`.
    Deadline,
    /// [`ANSWER_LIMIT`].
    Answer,
    /// [`PAYLOAD_LIMIT`] or [`ASYNC_PAYLOAD_LIMIT`]: the request was refused.
    Payload,
    /// `EphemeralStorage`.
    Temporary,
}

/// How often each limit of a function was exceeded, in `/_stack`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ExceededCounts {
    /// Processes that were ended because they had more memory than `MemorySize`.
    pub memory: u64,
    /// Invocations that were not answered within `Timeout`.
    pub deadline: u64,
    /// Answers of more than [`ANSWER_LIMIT`].
    pub answer: u64,
    /// Requests that were refused for their size.
    pub payload: u64,
    /// Invocations after which the temporary directory held more than `EphemeralStorage`.
    pub temporary: u64,
}

impl Exceeded {
    pub(super) fn count(&self, limit: Limit) {
        let counter = match limit {
            Limit::Memory => &self.memory,
            Limit::Deadline => &self.deadline,
            Limit::Answer => &self.answer,
            Limit::Payload => &self.payload,
            Limit::Temporary => &self.temporary,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn counts(&self) -> ExceededCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ExceededCounts {
            memory: read(&self.memory),
            deadline: read(&self.deadline),
            answer: read(&self.answer),
            payload: read(&self.payload),
            temporary: read(&self.temporary),
        }
    }
}

/// The bytes of all files below a directory, by their lengths: a sparse file counts whole. What
/// cannot be read, such as a file that was just removed, counts nothing.
pub(super) fn size(directory: &Path) -> u64 {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => size(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

#[cfg(test)]
mod tests;
