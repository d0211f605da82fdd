//! Failures of our own: the message stays in the queue and is tried again. A receiver's failure is none of these.

use std::fmt;

use shared::payload::Damaged;
use shared::queue::QueueError;
use shared::sealing::SealingError;
use shared::store::StoreError;

/// What failed.
#[derive(Debug)]
pub enum Failure {
    /// DynamoDB.
    Store(StoreError),
    /// SQS.
    Queue(QueueError),
    /// A secret does not open.
    Sealing(SealingError),
    /// A payload does not unpack.
    Payload(Damaged),
    /// What a secret or the headers of a subscription say cannot be used.
    Subscription(&'static str),
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
            Self::Sealing(error) => error.fmt(f),
            Self::Payload(error) => error.fmt(f),
            Self::Subscription(what) => write!(f, "a subscription's {what} cannot be used"),
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

impl From<SealingError> for Failure {
    fn from(error: SealingError) -> Self {
        Self::Sealing(error)
    }
}

impl From<Damaged> for Failure {
    fn from(error: Damaged) -> Self {
        Self::Payload(error)
    }
}
