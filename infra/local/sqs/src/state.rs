//! All queues, behind one lock: what each action does to them, given the time. Nothing here waits
//! or writes; the changes are left in `changes` for the journal.

mod moves;
mod receives;
mod registry;
mod sends;

use std::collections::BTreeMap;

use crate::change::Change;
use crate::queue::Queue;
use crate::refusal::Refusal;
use crate::settings::Millis;

pub(crate) use moves::MoveTask;
pub(crate) use receives::{Attempt, Wish};
pub(crate) use sends::{Outgoing, Sent};

/// The whole state.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Changes since they were last taken, in order.
    pub(crate) changes: Vec<Change>,
    queues: BTreeMap<String, Queue>,
    /// The latest number given to a message or a queue.
    latest: u64,
    tasks: Vec<MoveTask>,
}

impl State {
    /// No queues.
    ///
    /// Numbers start from the time, a thousand to the millisecond, and after the latest that is on
    /// record: so no handle of a message that was deleted before a restart ever names a new one.
    pub(crate) fn new(now: Millis, latest_on_record: u64) -> State {
        State { latest: latest_on_record.max(now.saturating_mul(1000)), ..State::default() }
    }

    /// Takes back a queue from the journal.
    pub(crate) fn restore(&mut self, queue: Queue) {
        self.queues.insert(queue.name.clone(), queue);
    }

    /// The queue of this name.
    pub(crate) fn find(&mut self, name: &str) -> Option<&mut Queue> {
        self.queues.get_mut(name)
    }

    /// The queue of this URL. As on AWS, only the URL's last segment matters once the account is
    /// known.
    pub(crate) fn queue(&mut self, url: &str) -> Result<&mut Queue, Refusal> {
        self.find(name_in(url)).ok_or_else(Refusal::no_queue)
    }

    /// All queues by name, as they are now.
    pub(crate) fn all(&mut self, now: Millis) -> impl Iterator<Item = &Queue> {
        for queue in self.queues.values_mut() {
            queue.advance(now, &mut self.changes);
        }
        self.queues.values()
    }

    /// Time has passed without anybody having waited for it: the long polls of every queue look
    /// again.
    pub(crate) fn wake_all(&mut self) {
        for queue in self.queues.values_mut() {
            queue.waiters.wake_all();
        }
    }

    /// The queue of this URL as it is now, and where its changes go.
    fn current(
        &mut self,
        url: &str,
        now: Millis,
    ) -> Result<(&mut Queue, &mut Vec<Change>), Refusal> {
        let queue = self.queues.get_mut(name_in(url)).ok_or_else(Refusal::no_queue)?;
        queue.advance(now, &mut self.changes);
        Ok((queue, &mut self.changes))
    }

    fn number(&mut self) -> u64 {
        self.latest += 1;
        self.latest
    }
}

/// The queue's name in its URL.
pub(crate) fn name_in(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
