//! Deduplication on FIFO queues: what was sent within the last five minutes.

use std::collections::{HashMap, VecDeque};

use crate::settings::Millis;

/// How long a deduplication id is remembered ("Exactly-once processing in Amazon SQS").
pub(crate) const MEMORY: Millis = 5 * 60 * 1000;

/// A message that was taken under a deduplication id; a repeat is answered with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) message_id: String,
    pub(crate) sequence: u64,
}

/// The deduplication ids of one queue.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    taken: HashMap<String, Taken>,
    /// Ids by the time they were taken, oldest first.
    ages: VecDeque<(Millis, String)>,
}

impl Seen {
    /// What was taken under this id, if it is still remembered.
    pub(crate) fn find(&mut self, id: &str, now: Millis) -> Option<&Taken> {
        while let Some((at, _)) = self.ages.front()
            && at + MEMORY <= now
        {
            if let Some((_, id)) = self.ages.pop_front() {
                self.taken.remove(&id);
            }
        }
        self.taken.get(id)
    }

    /// A message was taken under this id, which was not remembered.
    pub(crate) fn remember(&mut self, id: String, taken: Taken, at: Millis) {
        self.ages.push_back((at, id.clone()));
        self.taken.insert(id, taken);
    }
}

#[cfg(test)]
mod tests;
