//! Why a delivery stands as it does. Rows keep the code; the words are made where they are shown.

use std::fmt;

use crate::core::body::xml::Unrenderable;
use crate::core::delivery::attempt::Ending;

/// What ended a delivery, or holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Held: its subscription is paused.
    Paused,
    /// Held: the breaker of its subscription is open.
    Failing,
    /// Cancelled: somebody asked for it.
    OnRequest,
    /// Cancelled: its subscription is disabled.
    Disabled,
    /// Cancelled: its subscription was deleted.
    Deleted,
    /// Exhausted: the event's record ended before the schedule did.
    NoEvent,
    /// Exhausted: the data cannot be written in the subscription's format.
    Unrenderable(Unrenderable),
    /// Exhausted: the address is one that deliveries must not reach.
    Blocked,
    /// Exhausted: the answer ended the subscription.
    Ended(Ending),
    /// Exhausted: every attempt of the schedule failed.
    ScheduleOver,
    /// Exhausted: it was on record for a resend alone, and that failed.
    ResendFailed,
    /// Exhausted: a test push is made once.
    Test,
    /// Its payload was erased: while it waited, or after it had ended for another reason.
    Erased(Option<Box<Reason>>),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Paused => "the subscription is paused",
            Self::Failing => "the receiver is failing, and probed until it answers",
            Self::OnRequest => "it was cancelled on request",
            Self::Disabled => "the subscription is disabled",
            Self::Deleted => "the subscription was deleted",
            Self::NoEvent => "the event is no longer on record",
            Self::Unrenderable(why) => return why.fmt(f),
            Self::Blocked => "the address is blocked, and stays so",
            Self::Ended(ending) => return ending.fmt(f),
            Self::ScheduleOver => "every attempt of the schedule was made",
            Self::ResendFailed => "the resend failed, and there is no schedule",
            Self::Test => "a test push is made once",
            Self::Erased(None) => "the payload was erased",
            Self::Erased(Some(before)) => return write!(f, "{before}; the payload was erased"),
        })
    }
}

#[cfg(test)]
mod tests;
