//! A world's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use shared::core::timestamp::Timestamp;
use shared::edges::clock;

/// The machine's clock, and how far one world is ahead of it. Clones show the same time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock(Arc<AtomicI64>);

impl Clock {
    pub(crate) fn now(&self) -> Timestamp {
        clock::now().after(self.ahead())
    }

    pub(crate) fn ahead(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.load(Ordering::Relaxed)).unwrap_or_default())
    }

    /// Sets how far it is ahead, to the millisecond.
    pub(crate) fn run_ahead_by(&self, ahead: Duration) {
        self.0.store(i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}
