//! Receiving, and what follows a receive: deleting, hiding for longer or shorter.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{State, name_in};
use crate::change::Change;
use crate::message::{Delivery, Message};
use crate::queue::MOST_IN_FLIGHT;
use crate::receipt::Receipt;
use crate::refusal::{Kind, Refusal};
use crate::settings::{Millis, arn_of};

/// What a receiver wants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    /// Messages at most, 1 to 10.
    pub(crate) most: usize,
    /// How long they are hidden; else the queue says.
    pub(crate) timeout: Option<Millis>,
    /// How long to wait for the first one; else the queue says.
    pub(crate) wait: Option<Millis>,
    /// When the request came.
    pub(crate) since: Millis,
}

/// What came of one look at the queue.
#[derive(Debug)]
pub(crate) enum Attempt {
    /// Messages, or none and no time left to wait for any.
    Done(Vec<Delivery>),
    /// Look again when woken, or at `until`.
    Wait { number: u64, woken: oneshot::Receiver<()>, until: Millis },
}

impl State {
    /// Looks for messages; with none there and time left, joins the queue's long polls.
    ///
    /// Messages that were received as often as the redrive policy allows go to the dead-letter
    /// queue instead, as they are, if that queue exists.
    pub(crate) fn receive(
        &mut self,
        url: &str,
        wish: Wish,
        now: Millis,
    ) -> Result<Attempt, Refusal> {
        let name = name_in(url);
        let redrive = self.queues.get(name).ok_or_else(Refusal::no_queue)?.settings.redrive.clone();
        let redrive = redrive.filter(|redrive| self.queues.contains_key(&redrive.queue));
        let (queue, changes) = self.current(url, now)?;
        let deadline = wish.since + wish.wait.unwrap_or(queue.settings.wait);
        let is_full = queue.tally().in_flight >= MOST_IN_FLIGHT;
        // "If you reach this quota while using short polling, SQS returns OverLimit; with long
        // polling, no error."
        if is_full && !queue.settings.fifo && deadline <= wish.since {
            return Err(Refusal::new(Kind::OverLimit, "Too many messages are in flight."));
        }
        let timeout = wish.timeout.unwrap_or(queue.settings.visibility);
        let limit = redrive.as_ref().map(|redrive| redrive.receives);
        let (deliveries, dead) = queue.take(wish.most, timeout, limit, now, changes);
        let attempt = if deliveries.is_empty() && now < deadline {
            let until = queue.next_due().map_or(deadline, |due| due.min(deadline));
            let (number, woken) = queue.waiters.join(wish.most, until);
            Attempt::Wait { number, woken, until }
        } else {
            Attempt::Done(deliveries)
        };
        if let Some(redrive) = redrive
            && !dead.is_empty()
        {
            let source: Arc<str> = Arc::from(arn_of(name));
            self.bury(&redrive.queue, &source, dead, now);
        }
        Ok(attempt)
    }

    /// A long poll has ended or its receiver has gone. If it had been woken, its messages are
    /// another's.
    pub(crate) fn abandon(&mut self, url: &str, number: u64) {
        if let Ok(queue) = self.queue(url)
            && !queue.waiters.leave(number)
        {
            queue.wake();
        }
    }

    /// Deletes messages, each for itself.
    pub(crate) fn delete(
        &mut self,
        url: &str,
        receipts: Vec<Result<Receipt, Refusal>>,
        now: Millis,
    ) -> Result<Vec<Result<(), Refusal>>, Refusal> {
        let (queue, changes) = self.current(url, now)?;
        let deleted = receipts
            .into_iter()
            .map(|receipt| receipt.and_then(|receipt| queue.delete(receipt, changes)))
            .collect();
        // A FIFO group may be free now, or a full queue no longer full.
        queue.wake();
        Ok(deleted)
    }

    /// Changes the visibility of messages, each for itself.
    pub(crate) fn hide(
        &mut self,
        url: &str,
        wishes: Vec<Result<(Receipt, Millis), Refusal>>,
        now: Millis,
    ) -> Result<Vec<Result<(), Refusal>>, Refusal> {
        let (queue, changes) = self.current(url, now)?;
        let hidden = wishes
            .into_iter()
            .map(|wish| {
                wish.and_then(|(receipt, timeout)| queue.hide(receipt, timeout, now, changes))
            })
            .collect();
        queue.wake();
        Ok(hidden)
    }

    /// Moves messages to the dead-letter queue. They keep their ids, times and counts.
    fn bury(&mut self, name: &str, source: &Arc<str>, dead: Vec<(u64, Message)>, now: Millis) {
        let Some(queue) = self.queues.get_mut(name) else {
            return;
        };
        for (sequence, mut message) in dead {
            message.source = Some(source.clone());
            self.changes.push(Change::Moved {
                sequence,
                queue: queue.number,
                source: source.clone(),
            });
            queue.admit(sequence, message, 0, now);
        }
        queue.wake();
    }
}
