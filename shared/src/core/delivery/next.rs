//! Where the next automatic attempt of a delivery comes from.

use crate::core::timestamp::Timestamp;

/// Who makes the next attempt, and when. One of them at a time, so that none is made twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// An SQS message makes it.
    Carried {
        /// SQS's id of the message.
        by: String,
        /// Not before then; `None` for as soon as the message is received.
        at: Option<Timestamp>,
    },
    /// The scheduler sends a message for it.
    Parked {
        /// Not before then.
        at: Timestamp,
    },
    /// It waits for its subscription, which lets it out: held.
    InLine,
    /// No message is on record for it: it is settled, was never attempted, or is on record for a
    /// resend alone.
    Nobody,
}

impl Next {
    /// When it is made, as far as that is known.
    #[must_use]
    pub const fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Carried { at, .. } => *at,
            Self::Parked { at } => Some(*at),
            Self::InLine | Self::Nobody => None,
        }
    }

    /// SQS's id of the message that makes it.
    #[must_use]
    pub fn carrier(&self) -> Option<&str> {
        match self {
            Self::Carried { by, .. } => Some(by),
            Self::Parked { .. } | Self::InLine | Self::Nobody => None,
        }
    }

    /// From when the scheduler sends a message for it.
    #[must_use]
    pub const fn due_at(&self) -> Option<Timestamp> {
        match self {
            Self::Parked { at } => Some(*at),
            Self::Carried { .. } | Self::InLine | Self::Nobody => None,
        }
    }
}
