//! A received message, and what the row says to do with it.

use std::time::Duration;

use crate::core::delivery::attempt::Trigger;
use crate::core::delivery::next::Next;
use crate::core::delivery::retry;
use crate::core::delivery::{Delivery, Status};
use crate::core::id::ResendId;
use crate::core::timestamp::Timestamp;

/// How late a message is that is waited for no more.
pub(super) const OVERDUE: Duration = Duration::from_hours(1);

/// The message that a delivery was received with.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// SQS's id of the message.
    pub message_id: &'a str,
    /// The resend that the message is for; `None` for the schedule's.
    pub resend: Option<ResendId>,
    /// Whether it is a probe: to be attempted although its subscription is failing, and held on if
    /// that is in vain.
    pub probe: bool,
    /// The present.
    pub now: Timestamp,
}

impl Received<'_> {
    /// Why the attempt is made that the message asks for.
    #[must_use]
    pub const fn trigger(&self) -> Trigger {
        match (self.resend, self.probe) {
            (Some(_), _) => Trigger::Resend,
            (None, true) => Trigger::Probe,
            (None, false) => Trigger::Event,
        }
    }
}

/// Why a message is deleted and its delivery left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// The row: the resend that it is for was made, or cancelled.
    ResendMade,
    /// The row: it is a probe, and the delivery is not held.
    NotHeld,
    /// The row: the delivery is settled.
    Settled,
    /// The row: the scheduler sends another message in time.
    Parked,
    /// The row: another message makes the next attempt.
    CarriedByAnother,
    /// There is no row, and the message was made from one.
    NoRow,
    /// The subscription was deleted while the message waited for its turn.
    Deleted,
    /// It is a probe, and its subscription is to be probed no more.
    NotProbed,
    /// It is a probe, and would have to wait under the rate limit.
    ProbeWouldWait,
}

impl Dropped {
    /// The reason in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResendMade => "the resend was made",
            Self::NotHeld => "it is not held any more",
            Self::Settled => "the delivery is settled",
            Self::Parked => "the delivery is parked",
            Self::CarriedByAnother => "another message carries it",
            Self::NoRow => "the delivery is no longer on record",
            Self::Deleted => "the subscription was deleted",
            Self::NotProbed => "the receiver is not probed any more",
            Self::ProbeWouldWait => "the probe would have to wait for its slot",
        }
    }

    /// Whether the row alone decides it: the attempt is on record, and whoever made it may have
    /// died before the consequences were drawn.
    #[must_use]
    pub const fn is_on_record(self) -> bool {
        match self {
            Self::ResendMade
            | Self::NotHeld
            | Self::Settled
            | Self::Parked
            | Self::CarriedByAnother => true,
            Self::NoRow | Self::Deleted | Self::NotProbed | Self::ProbeWouldWait => false,
        }
    }
}

/// What to do with a received message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Make the attempt.
    Attempt,
    /// Hide the message for this many seconds: it came early.
    Hide(i32),
    /// Delete the message: what it asks for is done, or another message does it.
    Drop(Dropped),
}

impl Delivery {
    /// Decides what a received message asks for, given the row as it stands.
    #[must_use]
    pub fn duty(&self, received: &Received<'_>) -> Duty {
        if received.resend.is_some() {
            return match self.resend_slot_at {
                _ if self.resend != received.resend => Duty::Drop(Dropped::ResendMade),
                Some(slot) if slot > received.now => Duty::Hide(hidden_seconds(received.now, slot)),
                _ => Duty::Attempt,
            };
        }
        let now = received.now;
        match &self.next {
            _ if received.probe && self.status != Status::Held => Duty::Drop(Dropped::NotHeld),
            _ if self.status.is_settled() => Duty::Drop(Dropped::Settled),
            Next::Parked { at } if *at > now => Duty::Drop(Dropped::Parked),
            Next::Carried { by, .. } if by != received.message_id && !self.is_overdue(now) => {
                Duty::Drop(Dropped::CarriedByAnother)
            }
            Next::Carried { at: Some(at), .. } if *at > now => Duty::Hide(hidden_seconds(now, *at)),
            Next::Carried { .. } | Next::Parked { .. } | Next::InLine | Next::Nobody => {
                Duty::Attempt
            }
        }
    }

    /// Whether the message that carries the next attempt is long in coming: it may be among the
    /// dead letters. One that was sent from there has another id, and takes its place.
    fn is_overdue(&self, now: Timestamp) -> bool {
        self.next.at().unwrap_or(self.updated_at).after(OVERDUE) <= now
    }
}

/// SQS hides a message for 12 hours at most, counted from its receive; a minute is left for what
/// happens since.
const LONGEST_HIDE_SECONDS: i32 = 12 * 3600 - 60;

pub(super) fn hidden_seconds(now: Timestamp, until: Timestamp) -> i32 {
    retry::whole_seconds(now.until(until)).min(LONGEST_HIDE_SECONDS)
}
