//! How much memory a process of a function has.
//!
//! The kernel keeps the most that a process ever had in physical memory (`VmHWM` in
//! `/proc/<pid>/status`, proc(5)), so a burst between two readings is not missed. It counts the
//! process's own pages and those of its binary and libraries that it touched, from its start on.
//!
//! Lambda counts the whole sandbox. Not counted here are its runtime interface, extensions, which
//! Postrider has none of, the kernel's part, such as socket buffers, and other processes that the
//! function starts. A function close to its limit here may therefore be above it in Lambda.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// The highest memory of one process, read from the kernel.
///
/// Where there is no `/proc`, as outside of Linux, it stays 0, and no limit is enforced.
#[derive(Debug)]
pub(super) struct Memory {
    /// Kept open: it stays this process's, even when its number is given to another.
    status: Option<File>,
    peak: AtomicU64,
}

impl Memory {
    /// The memory of a running process.
    pub(super) fn of(pid: u32) -> Self {
        let status = File::open(format!("/proc/{pid}/status")).ok();
        Self { status, peak: AtomicU64::new(0) }
    }

    /// The most bytes that the process had so far. After its end, as of the last reading.
    pub(super) fn peak(&self) -> u64 {
        // About 1,500 bytes; the line stands in the first half.
        let mut text = [0; 4096];
        let read = self.status.as_ref().and_then(|file| file.read_at(&mut text, 0).ok());
        let found = read.and_then(|length| high_water(&text[..length])).unwrap_or_default();
        found.max(self.peak.fetch_max(found, Ordering::Relaxed))
    }
}

/// The bytes in the line `VmHWM:     2276 kB`.
fn high_water(status: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests;
