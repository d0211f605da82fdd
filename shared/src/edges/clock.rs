//! Time and chance, where they enter: everything else takes them as arguments.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::core::timestamp::Timestamp;
use crate::edges::env;

/// Milliseconds that this process is ahead of the machine's clock.
static AHEAD: AtomicU64 = AtomicU64::new(0);
/// `CLOCK_AHEAD_FILE`: the file that says it instead, which several processes read.
static AHEAD_FILE: LazyLock<Option<PathBuf>> =
    LazyLock::new(|| env::optional("CLOCK_AHEAD_FILE").map(PathBuf::from));

/// The present: the machine's clock, and what a local stack is ahead of it. By that it can let time
/// pass, for tests and demonstrations; a deployment never sets the variable, and its clock is the
/// machine's.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is where time enters")]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(0).after(since).after(Duration::from_millis(ahead()))
}

/// Sets how far this process is ahead of the machine's clock; a `CLOCK_AHEAD_FILE` goes before it.
pub fn run_ahead_by(ahead: Duration) {
    AHEAD.store(u64::try_from(ahead.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
}

fn ahead() -> u64 {
    let Some(file) = AHEAD_FILE.as_ref() else { return AHEAD.load(Ordering::Relaxed) };
    // Read anew each time: that it changes is what it is for. Without it, the machine's clock is
    // right.
    std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// Random bytes from the operating system, fit for keys.
///
/// # Panics
///
/// If the operating system has none, which Linux has from its first second on.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has random bytes");
    bytes
}

/// 128 random bits, for an id.
#[must_use]
pub fn random_bits() -> u128 {
    u128::from_ne_bytes(random())
}

/// A random share in 0..1, for jitter.
#[must_use]
pub fn random_share() -> f64 {
    f64::from(u32::from_ne_bytes(random())) / (f64::from(u32::MAX) + 1.0)
}
