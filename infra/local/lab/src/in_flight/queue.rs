//! An SQS queue as far as it decides who waits: what is seen, what is in flight, and whose turn it
//! is.

use std::collections::{BTreeSet, VecDeque};

/// A standard queue with so many messages in flight hands out none.
pub const CEILING: usize = 120_000;

/// A message that asks for an attempt.
#[derive(Debug, Clone, Copy)]
pub struct Message {
    /// Its id.
    pub id: u64,
    /// The subscription, which is its group.
    pub group: usize,
    /// The event's number.
    pub event: u32,
    /// Whether it is a probe.
    pub probe: bool,
    /// Whether it was received before, or made from a row.
    pub again: bool,
    /// Whether it brings the event's data; one that was made from a row brings none.
    pub has_content: bool,
    /// When it could be received last, in milliseconds.
    pub seen_at: i64,
}

/// A fair queue: of the groups that wait, the one with the fewest messages in flight comes first,
/// and of these the oldest.
#[derive(Debug)]
pub struct Queue {
    waiting: Vec<VecDeque<Message>>,
    in_flight_of: Vec<usize>,
    turns: BTreeSet<(usize, i64, usize)>,
    in_flight: usize,
}

impl Queue {
    pub fn new(groups: usize) -> Self {
        Self {
            waiting: vec![VecDeque::new(); groups],
            in_flight_of: vec![0; groups],
            turns: BTreeSet::new(),
            in_flight: 0,
        }
    }

    /// Messages received and neither deleted nor seen again.
    pub const fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// A new message can be received.
    pub fn send(&mut self, message: Message) {
        self.change(message.group, |queue| queue.waiting[message.group].push_back(message));
    }

    /// The wait of a hidden message is over.
    pub fn show(&mut self, message: Message) {
        self.delete(message);
        self.send(message);
    }

    /// A received message goes.
    pub fn delete(&mut self, message: Message) {
        self.in_flight -= 1;
        self.change(message.group, |queue| queue.in_flight_of[message.group] -= 1);
    }

    /// The next message, if any can be received.
    pub fn receive(&mut self) -> Option<Message> {
        if self.in_flight >= CEILING {
            return None;
        }
        let (_, _, group) = *self.turns.first()?;
        self.in_flight += 1;
        let mut received = None;
        self.change(group, |queue| {
            received = queue.waiting[group].pop_front();
            queue.in_flight_of[group] += 1;
        });
        received
    }

    /// Whether none can be received.
    pub fn is_silent(&self) -> bool {
        self.turns.is_empty() || self.in_flight >= CEILING
    }

    fn change(&mut self, group: usize, change: impl FnOnce(&mut Self)) {
        if let Some(turn) = self.turn(group) {
            self.turns.remove(&turn);
        }
        change(self);
        if let Some(turn) = self.turn(group) {
            self.turns.insert(turn);
        }
    }

    fn turn(&self, group: usize) -> Option<(usize, i64, usize)> {
        self.waiting[group].front().map(|oldest| (self.in_flight_of[group], oldest.seen_at, group))
    }
}

#[cfg(test)]
mod tests;
