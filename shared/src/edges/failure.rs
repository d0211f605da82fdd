//! Failures of our own while a message is worked on: it stays in its queue and is tried again. What
//! a receiver or a publisher does wrong is none of these.

use std::fmt;

use crate::core::event::payload::Damaged;
use crate::core::subscription::Unusable;
use crate::edges::queue::QueueError;
use crate::edges::queue::messages::Unreadable;
use crate::edges::store::StoreError;

/// What failed.
#[derive(Debug)]
pub enum Failure {
    /// DynamoDB.
    Store(StoreError),
    /// SQS.
    Queue(QueueError),
    /// A message of ours does not serialise.
    Message(Unreadable),
    /// A payload does not unpack.
    Payload(Damaged),
    /// What a subscription's row says cannot be used.
    Subscription(Unusable),
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
            Self::Message(error) => error.fmt(f),
            Self::Payload(error) => error.fmt(f),
            Self::Subscription(error) => error.fmt(f),
            Self::NoEvent => f.write_str("the event is not on record yet"),
            Self::Contended => f.write_str("the row was written by others again and again"),
        }
    }
}

impl std::error::Error for Failure {}

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

impl From<Unreadable> for Failure {
    fn from(error: Unreadable) -> Self {
        Self::Message(error)
    }
}

impl From<Damaged> for Failure {
    fn from(error: Damaged) -> Self {
        Self::Payload(error)
    }
}

impl From<Unusable> for Failure {
    fn from(error: Unusable) -> Self {
        Self::Subscription(error)
    }
}
