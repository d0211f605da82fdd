//! Failures of our own while a message is worked on: it stays in its queue and is tried again. What a receiver or a
//! publisher does wrong is none of these.

use std::fmt;

use crate::queue::QueueError;
use crate::queue::messages::Unreadable;
use crate::store::StoreError;

/// What failed.
#[derive(Debug)]
pub enum Failure {
    /// DynamoDB.
    Store(StoreError),
    /// SQS.
    Queue(QueueError),
    /// A message of ours does not serialise.
    Message(Unreadable),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Queue(error) => error.fmt(f),
            Self::Message(error) => error.fmt(f),
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
