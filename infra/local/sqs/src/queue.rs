//! One queue: its messages, which of them wait, and when the others show. Every operation that
//! depends on the time is given it, and none looks at all messages.

mod settle;

use std::collections::{BTreeSet, HashMap};

use crate::change::Change;
use crate::lines::Lines;
use crate::message::{Delivery, Message, Place, Tally};
use crate::seen::Seen;
use crate::settings::{Millis, Settings, Texts};
use crate::waiters::Waiters;

/// Most messages in flight in one queue (SQS message quotas; both kinds of queue).
pub(crate) const MOST_IN_FLIGHT: usize = 120_000;

/// A queue.
#[derive(Debug)]
pub(crate) struct Queue {
    /// Its number in the journal and in receipt handles; never used again.
    pub(crate) number: u64,
    pub(crate) name: String,
    pub(crate) created: Millis,
    pub(crate) modified: Millis,
    pub(crate) settings: Settings,
    pub(crate) tags: Texts,
    pub(crate) waiters: Waiters,
    pub(crate) seen: Seen,
    messages: HashMap<u64, Message>,
    lines: Lines,
    /// Messages in flight or delayed, by the time they show.
    hidden: BTreeSet<(Millis, u64)>,
    /// All messages, by the time they were sent.
    ages: BTreeSet<(Millis, u64)>,
    in_flight: usize,
    /// The latest rank given out on a standard queue, where order is that of becoming visible.
    rank: u64,
}

impl Queue {
    /// An empty queue.
    pub(crate) fn new(
        number: u64,
        name: String,
        settings: Settings,
        tags: Texts,
        now: Millis,
    ) -> Queue {
        let lines = Lines::new(settings.fifo);
        Queue {
            number,
            name,
            created: now,
            modified: now,
            settings,
            tags,
            waiters: Waiters::default(),
            seen: Seen::default(),
            messages: HashMap::new(),
            lines,
            hidden: BTreeSet::new(),
            ages: BTreeSet::new(),
            in_flight: 0,
            rank: 0,
        }
    }

    /// How many messages are where, as of the latest [`Queue::advance`].
    pub(crate) fn tally(&self) -> Tally {
        let delayed = self.hidden.len() - self.in_flight;
        Tally { visible: self.lines.waiting(), in_flight: self.in_flight, delayed }
    }

    /// When the next message shows that is in flight or delayed.
    pub(crate) fn next_due(&self) -> Option<Millis> {
        self.hidden.first().map(|(due, _)| *due)
    }

    /// Takes a message in, which shows at `visible_at`.
    pub(crate) fn admit(
        &mut self,
        sequence: u64,
        mut message: Message,
        visible_at: Millis,
        now: Millis,
    ) {
        self.ages.insert((message.sent_at, sequence));
        if visible_at > now {
            message.place = if message.received_at > 0 {
                Place::InFlight(visible_at)
            } else {
                Place::Delayed(visible_at)
            };
            if message.received_at > 0 {
                self.in_flight += 1;
                self.lines.hold(&message.content.group);
            }
            self.messages.insert(sequence, message);
            self.show_at(visible_at, sequence);
        } else {
            self.messages.insert(sequence, message);
            self.queue_up(sequence);
        }
    }

    /// Lets show what is due and forgets what is too old. Every operation on messages begins with
    /// this.
    pub(crate) fn advance(&mut self, now: Millis, changes: &mut Vec<Change>) {
        while let Some((due, sequence)) =
            self.hidden.first().copied().filter(|(due, _)| *due <= now)
        {
            self.hidden.remove(&(due, sequence));
            self.land(sequence);
            self.queue_up(sequence);
        }
        while let Some((_, sequence)) =
            self.ages.first().copied().filter(|(sent, _)| sent + self.settings.retention <= now)
        {
            self.remove(sequence);
            changes.push(Change::Deleted { sequence });
        }
    }

    /// Receives up to `most` messages and hides them for `timeout`. With a limit of receives, those
    /// that have reached it come back second, for the dead-letter queue, and are in this queue no
    /// longer.
    pub(crate) fn take(
        &mut self,
        most: usize,
        timeout: Millis,
        limit: Option<u32>,
        now: Millis,
        changes: &mut Vec<Change>,
    ) -> (Vec<Delivery>, Vec<(u64, Message)>) {
        let (mut deliveries, mut dead) = (Vec::new(), Vec::new());
        let most = most.min(MOST_IN_FLIGHT.saturating_sub(self.in_flight));
        while deliveries.len() < most {
            let taken = self.lines.take(most - deliveries.len());
            if taken.is_empty() {
                break;
            }
            for sequence in taken {
                let message = self.messages.get_mut(&sequence).expect("a message in line exists");
                self.in_flight += 1;
                let due = now + timeout;
                message.place = Place::InFlight(due);
                if limit.is_some_and(|limit| message.receives >= limit) {
                    dead.extend(self.remove(sequence).map(|message| (sequence, message)));
                    continue;
                }
                deliveries.push(message.receive(self.number, self.settings.fifo, sequence, now));
                changes.push(message.hiding(sequence, due));
                self.show_at(due, sequence);
            }
        }
        (deliveries, dead)
    }

    /// Forgets all messages.
    pub(crate) fn clear(&mut self) {
        self.messages.clear();
        self.lines = Lines::new(self.settings.fifo);
        self.hidden.clear();
        self.ages.clear();
        self.in_flight = 0;
    }

    /// Takes all waiting messages out, in the order in which they would be received.
    pub(crate) fn drain(&mut self) -> Vec<(u64, Message)> {
        let mut drained = Vec::new();
        loop {
            let taken = self.lines.take(1);
            let Some(sequence) = taken.first().copied() else {
                return drained;
            };
            let message = self.messages.get_mut(&sequence).expect("a message in line exists");
            self.in_flight += 1;
            message.place = Place::InFlight(0);
            drained.extend(self.remove(sequence).map(|message| (sequence, message)));
        }
    }

    /// Wakes the long polls for whom messages wait.
    pub(crate) fn wake(&mut self) {
        let free = MOST_IN_FLIGHT.saturating_sub(self.in_flight);
        self.waiters.wake(self.lines.takeable().min(free));
    }

    /// A message is hidden until `due`; long polls that sleep past that must know.
    fn show_at(&mut self, due: Millis, sequence: u64) {
        if self.next_due().is_none_or(|next| due < next) {
            self.waiters.wake_later_than(due);
        }
        self.hidden.insert((due, sequence));
    }

    /// A message that was in flight is no longer.
    fn land(&mut self, sequence: u64) {
        let message = &self.messages[&sequence];
        if matches!(message.place, Place::InFlight(_)) {
            self.in_flight -= 1;
            self.lines.release(&message.content.group);
        }
    }

    /// A message gets in line: on a FIFO queue where it was before, else at the end, so that one
    /// that keeps coming back does not stand in the way of the others.
    fn queue_up(&mut self, sequence: u64) {
        self.rank += 1;
        let rank = if self.settings.fifo { sequence } else { self.rank };
        let message = self.messages.get_mut(&sequence).expect("a message that gets in line exists");
        message.place = Place::Waiting(rank);
        self.lines.add(&message.content.group, rank, sequence);
    }

    /// Takes a message out, wherever it is.
    fn remove(&mut self, sequence: u64) -> Option<Message> {
        let message = self.messages.remove(&sequence)?;
        self.ages.remove(&(message.sent_at, sequence));
        match message.place {
            Place::Waiting(rank) => self.lines.remove(&message.content.group, rank),
            Place::Delayed(due) => {
                self.hidden.remove(&(due, sequence));
            }
            Place::InFlight(due) => {
                self.hidden.remove(&(due, sequence));
                self.in_flight -= 1;
                self.lines.release(&message.content.group);
            }
        }
        Some(message)
    }
}

#[cfg(test)]
mod tests;
