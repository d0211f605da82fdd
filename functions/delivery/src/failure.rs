//! Failures of our own: the message stays in the queue and is tried again. A receiver's failure is none of these.

use std::fmt;

use shared::payload::Damaged;
use shared::queue::QueueError;
use shared::receiver::Unusable;
use shared::store::StoreError;

/// What failed.
#[derive(Debug)]
pub enum Failure {
    /// DynamoDB.
    Store(StoreError),
    /// SQS.
    Queue(QueueError),
    /// A payload does not unpack.
    Payload(Damaged),
    /// What a subscription's row says cannot be used.
    Subscription(Unusable),
    /// An operational event does not serialise.
    Unwritten,
    /// The event's row is not there yet.
    NoEvent,
    /// The row was written by others each time that it was to be.
    Contended,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Queue(error) => error.fmt(f),
            Self::Payload(error) => error.fmt(f),
            Self::Subscription(error) => error.fmt(f),
            Self::Unwritten => f.write_str("an operational event does not serialise"),
            Self::NoEvent => f.write_str("the event is not on record yet"),
            Self::Contended => f.write_str("the row was written by others again and again"),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<QueueError> for Failure {
    fn from(error: QueueError) -> Self {
        Self::Queue(error)
    }
}

impl From<Unusable> for Failure {
    fn from(error: Unusable) -> Self {
        Self::Subscription(error)
    }
}

impl From<Damaged> for Failure {
    fn from(error: Damaged) -> Self {
        Self::Payload(error)
    }
}
