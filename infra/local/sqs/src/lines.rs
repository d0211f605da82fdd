//! Which waiting message is received next.
//!
//! Every message group has its own line of waiting messages; messages without a group share one. On
//! a standard queue the next message comes from the line with the fewest messages in flight, and
//! among equals from the one that was served longest ago. So a group that keeps many receivers
//! busy, or holds many hidden, yields to quiet groups, and a long backlog takes turns with short
//! ones; with nobody else waiting it gets everything. That is the promise of fair queues ("Amazon
//! SQS fair queues" in the developer guide), by a stricter rule than AWS states.
//!
//! On a FIFO queue a line with messages in flight is blocked, and a receive takes from one line as
//! many as it can.
//!
//! Every operation costs the logarithm of the number of lines, whatever the number of messages.

use std::collections::{BTreeMap, HashMap};

use crate::content::Group;

/// One group's messages.
#[derive(Debug, Default)]
struct Line {
    /// Waiting messages by rank.
    waiting: BTreeMap<u64, u64>,
    in_flight: u32,
    /// The turn at which this line was served last, or came.
    served: u64,
}

/// The lines of one queue.
#[derive(Debug)]
pub(crate) struct Lines {
    fifo: bool,
    groups: HashMap<Group, Line>,
    /// The lines with waiting messages, by messages in flight and turn: the next one first.
    order: BTreeMap<(u32, u64), Group>,
    turn: u64,
    waiting: usize,
}

impl Lines {
    /// No lines.
    pub(crate) fn new(fifo: bool) -> Lines {
        Lines { fifo, groups: HashMap::new(), order: BTreeMap::new(), turn: 0, waiting: 0 }
    }

    /// How many messages wait, blocked ones included.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting
    }

    /// How many messages a receive could take at most: none when every line is blocked.
    pub(crate) fn takeable(&self) -> usize {
        match self.order.first_key_value() {
            Some(((in_flight, _), _)) if self.fifo && *in_flight > 0 => 0,
            _ => self.waiting,
        }
    }

    /// A message waits, in the order of `rank` within its group.
    pub(crate) fn add(&mut self, group: &Group, rank: u64, message: u64) {
        self.waiting += 1;
        self.change(group, |line| {
            line.waiting.insert(rank, message);
        });
    }

    /// A waiting message is gone.
    pub(crate) fn remove(&mut self, group: &Group, rank: u64) {
        self.change(group, |line| {
            line.waiting.remove(&rank);
        });
        self.waiting -= 1;
    }

    /// A message that was not waiting is in flight (when a queue is loaded).
    pub(crate) fn hold(&mut self, group: &Group) {
        self.change(group, |line| line.in_flight += 1);
    }

    /// A message is no longer in flight: it was deleted, or waits again.
    pub(crate) fn release(&mut self, group: &Group) {
        self.change(group, |line| line.in_flight -= 1);
    }

    /// Takes up to `most` messages, which are in flight from now on.
    pub(crate) fn take(&mut self, most: usize) -> Vec<u64> {
        let mut taken = Vec::new();
        while taken.len() < most {
            let Some(next) = self.order.first_entry() else {
                break;
            };
            if self.fifo && next.key().0 > 0 {
                break;
            }
            let group = next.remove();
            let line = self.groups.get_mut(&group).expect("an ordered line exists");
            // A FIFO line is served to the end of the receive, since it is blocked from here on.
            let share = if self.fifo { most - taken.len() } else { 1 };
            for _ in 0..share {
                let Some((_, message)) = line.waiting.pop_first() else {
                    break;
                };
                line.in_flight += 1;
                self.waiting -= 1;
                taken.push(message);
            }
            self.turn += 1;
            line.served = self.turn;
            if !line.waiting.is_empty() {
                self.order.insert((line.in_flight, line.served), group);
            }
        }
        taken
    }

    /// Changes a line and keeps its place in the order; a line with nothing waiting or in flight is
    /// forgotten.
    fn change(&mut self, group: &Group, apply: impl FnOnce(&mut Line)) {
        if !self.groups.contains_key(group) {
            self.turn += 1;
            self.groups.insert(group.clone(), Line { served: self.turn, ..Line::default() });
        }
        let line = self.groups.get_mut(group).expect("the line was just seen");
        let before = (!line.waiting.is_empty()).then_some((line.in_flight, line.served));
        apply(line);
        let after = (!line.waiting.is_empty()).then_some((line.in_flight, line.served));
        if after.is_none() && line.in_flight == 0 {
            self.groups.remove(group);
        }
        if before != after {
            let ordered = before.and_then(|key| self.order.remove(&key));
            if let Some(key) = after {
                self.order.insert(key, ordered.unwrap_or_else(|| group.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests;
