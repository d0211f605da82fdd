//! What travels in the queues: versioned JSON, read one message at a time.
//!
//! A message's own types are what the functions work with; each version has shapes of its own, such
//! as [`v1`], which say what the JSON looks like. A release writes one version, and reads it and
//! the one before: both are in a queue while a release is rolled out. For a new version add its
//! shapes beside [`v1`], an arm in [`Message::read`], and a recorded message to the tests.

mod v1;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::core::event::event_type::EventTypeName;
use crate::core::event::payload::Payload;
use crate::core::id::{EventId, ResendId, SubscriptionId, TenantId};
use crate::core::trace_context::TraceContext;
use crate::edges::queue::Outgoing;

/// In the events queue: an accepted event.
#[derive(Debug, Clone)]
pub struct EventMessage {
    /// Whose.
    pub tenant: TenantId,
    /// Its id.
    pub event: EventId,
    /// Its type.
    pub event_type: EventTypeName,
    /// Its data.
    pub payload: Payload,
    /// The event that was published, where this is one of the parts that it was split into.
    pub parent: Option<EventId>,
    /// The trace that its publisher has named.
    pub trace: Option<TraceContext>,
    /// Whether another message may have carried the same event: fan-out then reads before it sends.
    pub repeat: bool,
    /// Where fan-out goes on: the earlier subscriptions have their tasks.
    pub cursor: Option<String>,
    /// How many subscriptions matched before the cursor.
    pub matched: u64,
}

/// In the deliveries queue: the task to attempt one delivery.
#[derive(Debug, Clone)]
pub struct DeliveryTask {
    /// Whose.
    pub tenant: TenantId,
    /// To whom.
    pub subscription: SubscriptionId,
    /// The subscription's version when the task was made: delivery uses none older.
    pub version: u64,
    /// What.
    pub event: EventId,
    /// How many days the delivery is kept; absent for as long as the deployment keeps any.
    pub retention_days: Option<u16>,
    /// Its type and data; absent where the event's row has them.
    pub content: Option<Content>,
    /// The trace that its publisher has named; absent where the event's row has it.
    pub trace: Option<TraceContext>,
    /// Whether another message may have carried the same task: delivery then reads the row before
    /// it attempts.
    pub repeat: bool,
    /// The resend that was asked for; absent for the schedule's tasks.
    pub resend: Option<ResendId>,
    /// Whether it asks a failing receiver if it is back: of a delivery that is held.
    pub probe: bool,
}

impl DeliveryTask {
    /// A task for a delivery that has a row: its subscription and event are read anew.
    #[must_use]
    pub const fn of_row(
        tenant: TenantId,
        subscription: SubscriptionId,
        event: EventId,
        resend: Option<ResendId>,
    ) -> Self {
        Self {
            tenant,
            subscription,
            version: 0,
            event,
            retention_days: None,
            content: None,
            trace: None,
            repeat: true,
            resend,
            probe: false,
        }
    }

    /// As it goes into the queue, to be seen after `delay_seconds`.
    pub fn outgoing(&self, delay_seconds: i32) -> Result<Outgoing, Unreadable> {
        Ok(Outgoing {
            body: write(self)?,
            group: Some(self.subscription.to_string()),
            once: None,
            delay_seconds,
        })
    }
}

/// What an event is about.
#[derive(Debug, Clone)]
pub struct Content {
    /// Its type.
    pub event_type: EventTypeName,
    /// Its data.
    pub payload: Payload,
}

/// What a message is about, for the log: read once something went wrong with it, whatever else its
/// body holds. Every version has these members.
#[derive(Debug, Default, Deserialize)]
pub struct Ids {
    /// Whose.
    pub tenant: Option<String>,
    /// To whom; an event's message has none.
    pub subscription: Option<String>,
    /// What.
    pub event: Option<String>,
    /// In which trace.
    #[serde(default, deserialize_with = "v1::trace")]
    pub trace: Option<TraceContext>,
}

impl Ids {
    /// None of them, if the body is none of ours.
    #[must_use]
    pub fn of(body: &str) -> Self {
        serde_json::from_str(body).unwrap_or_default()
    }
}

/// Why a body is no message for this release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A later release wrote it, in a version that this one does not know. It is as it should be,
    /// and that release reads it.
    #[error("the message is of version {version}, and this release reads none after {newest}")]
    Newer {
        /// The version that it says.
        version: u64,
        /// The newest version that this release reads.
        newest: u64,
    },
    /// It is no message: what is wrong with it.
    #[error("{0}")]
    Body(String),
}

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        Self::Body(error.to_string())
    }
}

/// A message of a queue, in the versions that this release knows.
pub trait Message: Clone {
    /// The version that this release writes, the newest that it reads.
    const VERSION: u64;
    /// The shape of that version.
    type Written: Serialize + From<Self>;

    /// Reads a body of `version`: of [`Self::VERSION`] or of the one before. `None` for any other.
    fn read(version: u64, body: &str) -> Option<serde_json::Result<Self>>;
}

impl Message for EventMessage {
    const VERSION: u64 = 1;
    type Written = v1::EventMessage;

    fn read(version: u64, body: &str) -> Option<serde_json::Result<Self>> {
        match version {
            1 => Some(shape::<v1::EventMessage, _>(body)),
            _ => None,
        }
    }
}

impl Message for DeliveryTask {
    const VERSION: u64 = 1;
    type Written = v1::DeliveryTask;

    fn read(version: u64, body: &str) -> Option<serde_json::Result<Self>> {
        match version {
            1 => Some(shape::<v1::DeliveryTask, _>(body)),
            _ => None,
        }
    }
}

fn shape<S: DeserializeOwned, M: From<S>>(body: &str) -> serde_json::Result<M> {
    serde_json::from_str::<S>(body).map(M::from)
}

/// Reads the body of a message.
pub fn read<M: Message>(body: &str) -> Result<M, Unreadable> {
    #[derive(Deserialize)]
    struct Head {
        v: u64,
    }
    let Head { v: version } = serde_json::from_str(body)?;
    match M::read(version, body) {
        Some(read) => Ok(read?),
        None if version > M::VERSION => Err(Unreadable::Newer { version, newest: M::VERSION }),
        None => Err(Unreadable::Body(format!(
            "the message is of version {version}, which is no longer read"
        ))),
    }
}

/// Writes the body of a message.
pub fn write<M: Message>(message: &M) -> Result<String, Unreadable> {
    Ok(serde_json::to_string(&M::Written::from(message.clone()))?)
}

#[cfg(test)]
mod tests;
