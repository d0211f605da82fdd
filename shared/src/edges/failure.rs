//! Failures of our own while a message is worked on: it stays in its queue and is tried again. What
//! a receiver or a publisher does wrong is none of these.

use crate::core::event::payload::Damaged;
use crate::core::subscription::Unusable;
use crate::edges::queue::QueueError;
use crate::edges::queue::messages::Unreadable;
use crate::edges::store::StoreError;

/// What failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// DynamoDB.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// SQS.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A message of ours does not serialise.
    #[error(transparent)]
    Message(#[from] Unreadable),
    /// A payload does not unpack.
    #[error(transparent)]
    Payload(#[from] Damaged),
    /// What a subscription's row says cannot be used.
    #[error(transparent)]
    Subscription(#[from] Unusable),
    /// The event's row is not there yet.
    #[error("the event is not on record yet")]
    NoEvent,
    /// The row was written by others each time that it was to be.
    #[error("the row was written by others again and again")]
    Contended,
}

#[cfg(test)]
mod tests;
