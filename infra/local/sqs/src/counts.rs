//! What was asked, by action, in the units in which AWS bills.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::action::Action;

/// Payload bytes of one billed request (Amazon SQS pricing: "each 64 KB chunk of a payload is
/// billed as 1 request").
const CHUNK: usize = 65_536;

/// What was asked of one action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Requests, refused ones included.
    pub requests: u64,
    /// Those of them without a message, in them or in their answers: a poll that found nothing, a
    /// question.
    pub empty: u64,
    /// Messages or batch entries in them, or in their answers.
    pub messages: u64,
    /// Billed requests: one for every 64 KiB begun of the messages that a request carries, and at
    /// least one.
    pub billed: u64,
}

/// Counts by action name; actions that nobody asked for are left out.
pub type Counts = BTreeMap<&'static str, Count>;

#[derive(Debug, Default)]
struct Counter {
    requests: AtomicU64,
    empty: AtomicU64,
    messages: AtomicU64,
    billed: AtomicU64,
}

/// The counters since start.
#[derive(Debug)]
pub(crate) struct Counters {
    actions: Vec<Counter>,
    queues: Mutex<BTreeMap<String, u64>>,
}

impl Counters {
    pub(crate) fn new() -> Counters {
        Counters {
            actions: Action::ALL.iter().map(|_| Counter::default()).collect(),
            queues: Mutex::default(),
        }
    }

    /// A request carried so many messages with so many bytes.
    pub(crate) fn add(&self, action: Action, messages: usize, bytes: usize) {
        let counter = &self.actions[action as usize];
        counter.requests.fetch_add(1, Ordering::Relaxed);
        counter.empty.fetch_add(u64::from(messages == 0), Ordering::Relaxed);
        counter.messages.fetch_add(messages as u64, Ordering::Relaxed);
        counter.billed.fetch_add(billed(bytes), Ordering::Relaxed);
    }

    /// A request to this queue carried messages with so many bytes.
    pub(crate) fn add_to(&self, queue: &str, bytes: usize) {
        let mut queues = self.queues.lock().expect("no holder of this lock panics");
        match queues.get_mut(queue) {
            Some(count) => *count += billed(bytes),
            None => drop(queues.insert(queue.to_owned(), billed(bytes))),
        }
    }

    /// Billed requests that carried a message, by the queue's name.
    pub(crate) fn by_queue(&self) -> BTreeMap<String, u64> {
        self.queues.lock().expect("no holder of this lock panics").clone()
    }

    pub(crate) fn read(&self) -> Counts {
        let counts = Action::ALL.iter().zip(&self.actions).map(|(action, counter)| {
            let read = |value: &AtomicU64| value.load(Ordering::Relaxed);
            let count = Count {
                requests: read(&counter.requests),
                empty: read(&counter.empty),
                messages: read(&counter.messages),
                billed: read(&counter.billed),
            };
            (action.name(), count)
        });
        counts.filter(|(_, count)| count.requests > 0).collect()
    }

    pub(crate) fn reset(&self) {
        self.queues.lock().expect("no holder of this lock panics").clear();
        for counter in &self.actions {
            for value in [&counter.requests, &counter.empty, &counter.messages, &counter.billed] {
                value.store(0, Ordering::Relaxed);
            }
        }
    }
}

fn billed(bytes: usize) -> u64 {
    bytes.div_ceil(CHUNK).max(1) as u64
}

#[cfg(test)]
mod tests;
