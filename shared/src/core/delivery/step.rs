//! The next step of a delivery, decided from facts.
//!
//! [`step`] is asked again after each [`Step::Load`], with what was loaded, until it says what
//! becomes of the message. It asks for a fact only where the decision depends on it, so nothing is
//! read for nothing. The delivery function, the simulation of `docs/in-flight.md` and the property
//! tests drive it alike.

use std::time::Duration;

use crate::core::delivery::duty::hidden_seconds;
use crate::core::delivery::order::{self, Line};
use crate::core::delivery::reason::Reason;
use crate::core::delivery::retry::{self, Placement};
use crate::core::delivery::{Delivery, Dropped, Duty, Received};
use crate::core::id::EventId;
use crate::core::subscription::Status;
use crate::core::timestamp::Timestamp;

/// A slot this far ahead is now: clocks differ, and a wait would be a whole second.
const SOON: Duration = Duration::from_millis(100);
/// The message comes back after this if others took every slot that was tried for.
const NEXT_TRY_SECONDS: i32 = 1;

/// A fact that may not be known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T> {
    /// It was not looked up.
    Unknown,
    /// It was found to be so.
    Known(T),
}

/// The task as its message brings it.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// The message, and the attempt that it asks for.
    pub received: Received<'a>,
    /// The event to deliver.
    pub event: EventId,
    /// The queue that it came from.
    pub line: Line,
    /// How often the message was received, this time included.
    pub receive_count: u32,
    /// Whether another message may have brought the same task.
    pub repeat: bool,
    /// Whether it brings the event's type and data; otherwise the event's row has them.
    pub has_content: bool,
}

impl Task<'_> {
    /// Whether this is the first that is seen of the delivery: there is no row of it, and a
    /// subscription read a moment ago will do.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.receive_count == 1
            && !self.repeat
            && self.received.resend.is_none()
            && !self.has_waited()
    }

    fn keeps_place(&self) -> bool {
        self.line.keeps_place(self.event, self.received.now)
    }

    fn has_waited(&self) -> bool {
        self.line.has_waited(self.event, self.received.now)
    }
}

/// How the event stands on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventRow {
    /// With its payload.
    Kept,
    /// Its payload was erased.
    Erased,
    /// Its time on record is over.
    Expired,
    /// It has no row yet: fan-out writes it last.
    Missing,
}

/// How the subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether it gets deliveries.
    pub status: Status,
    /// Whether its breaker is open.
    pub is_failing: bool,
    /// Attempts a minute; 0 for no limit.
    pub rate_limit_per_minute: u32,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A slot under the subscription's rate limit, taken for this attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// When the attempt may be made.
    pub at: Timestamp,
    /// When the slot was taken.
    pub taken_at: Timestamp,
}

/// The data to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// It was found.
    There,
    /// It is no longer on record.
    Gone,
}

/// Everything that is known when a step is decided.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The task.
    pub task: Task<'a>,
    /// The delivery's row; `None` if there is none.
    pub row: Fact<Option<Delivery>>,
    /// The event's row.
    pub event: Fact<EventRow>,
    /// The subscription; `None` if it was deleted.
    pub subscription: Fact<Option<Standing>>,
    /// The slot that was taken; `None` if others took each that was tried for.
    pub slot: Fact<Option<Slot>>,
    /// The longest wait that is hidden.
    pub hide_limit: Fact<Duration>,
    /// The data.
    pub payload: Fact<Payload>,
}

impl<'a> Facts<'a> {
    /// The task alone: nothing was loaded.
    #[must_use]
    pub const fn of(task: Task<'a>) -> Self {
        Self {
            task,
            row: Fact::Unknown,
            event: Fact::Unknown,
            subscription: Fact::Unknown,
            slot: Fact::Unknown,
            hide_limit: Fact::Unknown,
            payload: Fact::Unknown,
        }
    }

    /// The delivery's row, as far as it was loaded.
    #[must_use]
    pub const fn known_row(&self) -> Option<&Delivery> {
        match &self.row {
            Fact::Known(row) => row.as_ref(),
            Fact::Unknown => None,
        }
    }
}

/// A fact to look up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// The delivery's row.
    Row,
    /// The event's row.
    Event,
    /// The subscription.
    Subscription,
    /// The longest wait that is hidden at present.
    HideLimit,
    /// The data.
    Payload,
}

/// The next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Look this up, and ask again.
    Load(Load),
    /// Take a slot under the subscription's rate limit, and ask again.
    TakeSlot,
    /// Make the attempt.
    Attempt,
    /// Hide the message.
    Hide {
        /// For so long.
        seconds: i32,
        /// The slot that the attempt has then, to be put on record; `None` to write nothing.
        slot: Option<Timestamp>,
    },
    /// Park the delivery until its slot, and delete the message.
    Park {
        /// The slot that the attempt has then.
        slot: Timestamp,
    },
    /// Hold the delivery.
    Hold(Reason),
    /// Cancel the delivery.
    Cancel(Reason),
    /// Give the delivery up.
    Exhaust(Reason),
    /// Delete the message and leave the delivery as it is.
    Drop(Dropped),
    /// Leave the message to its queue until fan-out has written the event's row.
    AwaitEvent,
}

/// Decides the next step. Of the facts that it asks for, it asks for each once.
#[must_use]
pub fn step(facts: &Facts<'_>) -> Step {
    // In this order. Each says what its facts ask for, or leaves it to those behind it.
    let rules = [by_row, by_event, by_subscription, by_waiting, by_slot, by_payload];
    rules.iter().find_map(|rule| rule(facts)).unwrap_or(Step::Attempt)
}

fn by_row(facts: &Facts<'_>) -> Option<Step> {
    // A first receive of a first task has no row: reading it would cost a unit for nothing.
    if facts.row == Fact::Unknown && !facts.task.is_first() {
        return Some(Step::Load(Load::Row));
    }
    match facts.known_row().map(|row| row.duty(&facts.task.received)) {
        Some(Duty::Attempt) => None,
        Some(Duty::Hide(seconds)) => Some(Step::Hide { seconds, slot: None }),
        Some(Duty::Drop(why)) => Some(Step::Drop(why)),
        // Parked, released and resent tasks come without content, and are made from a row.
        None => (!facts.task.has_content).then_some(Step::Drop(Dropped::NoRow)),
    }
}

fn by_event(facts: &Facts<'_>) -> Option<Step> {
    let needed = !facts.task.has_content;
    match facts.event {
        Fact::Unknown => needed.then_some(Step::Load(Load::Event)),
        Fact::Known(EventRow::Erased) => Some(Step::Cancel(Reason::Erased(None))),
        Fact::Known(EventRow::Missing) => needed.then_some(Step::AwaitEvent),
        Fact::Known(EventRow::Kept | EventRow::Expired) => None,
    }
}

fn by_subscription(facts: &Facts<'_>) -> Option<Step> {
    let (task, received) = (&facts.task, &facts.task.received);
    let standing = match facts.subscription {
        Fact::Unknown => return Some(Step::Load(Load::Subscription)),
        Fact::Known(Some(standing)) => standing,
        // It waited for its turn, maybe until after all of its tenant was erased: nothing of it is
        // put on record.
        Fact::Known(None) if task.line == Line::Fifo && facts.known_row().is_none() => {
            return Some(Step::Drop(Dropped::Deleted));
        }
        Fact::Known(None) => return Some(Step::Cancel(Reason::Deleted)),
    };
    match (standing.status, standing.is_failing) {
        _ if received.resend.is_some() => None,
        // In order there is one attempt at a time, by the schedule: each is a probe by itself.
        (Status::Active, failing) if failing == received.probe || task.keeps_place() => None,
        // Nobody is to be probed any more: what is held stays so until it is released.
        _ if received.probe => Some(Step::Drop(Dropped::NotProbed)),
        (Status::Active, _) => Some(Step::Hold(Reason::Failing)),
        (Status::Paused, _) if task.keeps_place() => {
            let wait = order::paused_for(standing.updated_at, received.now);
            Some(Step::Hide { seconds: retry::whole_seconds(wait), slot: None })
        }
        (Status::Paused, _) => Some(Step::Hold(Reason::Paused)),
        (Status::Disabled, _) => Some(Step::Cancel(Reason::Disabled)),
    }
}

/// A message that waited behind others may bring a payload that was erased since.
fn by_waiting(facts: &Facts<'_>) -> Option<Step> {
    let unknown = facts.event == Fact::Unknown;
    (unknown && facts.task.has_waited()).then_some(Step::Load(Load::Event))
}

fn by_slot(facts: &Facts<'_>) -> Option<Step> {
    let received = &facts.task.received;
    let Fact::Known(Some(Standing { rate_limit_per_minute: 1.., .. })) = facts.subscription else {
        return None;
    };
    if facts.known_row().is_some_and(|row| row.has_slot(received)) {
        return None;
    }
    match facts.slot {
        Fact::Unknown => Some(Step::TakeSlot),
        Fact::Known(Some(slot)) if slot.at <= slot.taken_at.after(SOON) => None,
        // The next one will have its slot.
        Fact::Known(_) if received.probe => Some(Step::Drop(Dropped::ProbeWouldWait)),
        Fact::Known(Some(slot)) => Some(wait_for(slot.at, facts)),
        Fact::Known(None) => Some(Step::Hide { seconds: NEXT_TRY_SECONDS, slot: None }),
    }
}

/// A resend waits hidden, however long: whoever asked for it sees it in the queue.
fn wait_for(slot: Timestamp, facts: &Facts<'_>) -> Step {
    let (task, now) = (&facts.task, facts.task.received.now);
    if task.received.resend.is_some() {
        return Step::Hide { seconds: hidden_seconds(now, slot), slot: Some(slot) };
    }
    let hide_limit = match facts.hide_limit {
        _ if task.keeps_place() => Duration::MAX,
        Fact::Unknown => return Step::Load(Load::HideLimit),
        Fact::Known(limit) => limit,
    };
    match retry::place(now, slot, hide_limit) {
        Placement::Hide(seconds) => Step::Hide { seconds, slot: Some(slot) },
        Placement::Park => Step::Park { slot },
    }
}

fn by_payload(facts: &Facts<'_>) -> Option<Step> {
    let expired = !facts.task.has_content && facts.event == Fact::Known(EventRow::Expired);
    match facts.payload {
        _ if expired => Some(Step::Exhaust(Reason::NoEvent)),
        Fact::Unknown => Some(Step::Load(Load::Payload)),
        Fact::Known(Payload::Gone) => Some(Step::Exhaust(Reason::NoEvent)),
        Fact::Known(Payload::There) => None,
    }
}

#[cfg(test)]
mod tests;
