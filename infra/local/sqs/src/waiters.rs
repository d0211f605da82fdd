//! Long polls that found nothing, in the order in which they came.

use std::collections::BTreeMap;

use tokio::sync::oneshot;

use crate::settings::Millis;

#[derive(Debug)]
struct Waiter {
    /// Messages it takes at most.
    most: usize,
    /// When it looks again by itself.
    until: Millis,
    wake: oneshot::Sender<()>,
}

/// The long polls of one queue. A wake says "look again": it hands nothing over, so nothing is lost
/// when the receiver has just gone away.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    next: u64,
    waiting: BTreeMap<u64, Waiter>,
}

impl Waiters {
    /// A long poll waits for up to `most` messages, and looks again at `until` by itself.
    pub(crate) fn join(&mut self, most: usize, until: Millis) -> (u64, oneshot::Receiver<()>) {
        let (wake, woken) = oneshot::channel();
        self.next += 1;
        self.waiting.insert(self.next, Waiter { most, until, wake });
        (self.next, woken)
    }

    /// A long poll waits no longer; false when it had been woken.
    pub(crate) fn leave(&mut self, number: u64) -> bool {
        self.waiting.remove(&number).is_some()
    }

    /// Wakes as many long polls as it takes to receive so many messages.
    pub(crate) fn wake(&mut self, mut messages: usize) {
        while messages > 0 {
            let Some((_, waiter)) = self.waiting.pop_first() else {
                return;
            };
            if waiter.wake.send(()).is_ok() {
                messages = messages.saturating_sub(waiter.most);
            }
        }
    }

    /// Wakes all long polls: the time has changed.
    pub(crate) fn wake_all(&mut self) {
        for waiter in std::mem::take(&mut self.waiting).into_values() {
            // One that is gone needs no wake.
            let _ = waiter.wake.send(());
        }
    }

    /// A message will show at `due`: wakes the long polls that would look later, so that they set
    /// their clocks anew.
    pub(crate) fn wake_later_than(&mut self, due: Millis) {
        for (_, waiter) in self.waiting.extract_if(.., |_, waiter| waiter.until > due) {
            // One that is gone needs no wake.
            let _ = waiter.wake.send(());
        }
    }
}

#[cfg(test)]
mod tests;
