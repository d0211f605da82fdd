//! What travels in the queues: versioned JSON, parsed one message at a time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::core::event::event_type::EventTypeName;
use crate::core::event::payload::Payload;
use crate::core::id::{EventId, ResendId, SubscriptionId, TenantId};
use crate::core::trace_context::TraceContext;
use crate::edges::queue::Outgoing;

/// The version that this code writes, and the only one that it reads.
pub const VERSION: u8 = 1;

/// A payload as messages write it.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Payload", rename_all = "snake_case")]
enum Written {
    /// The exact JSON text.
    Json(Box<RawValue>),
    /// Its zstd frame, in base64.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    Zstd(Vec<u8>),
    /// In the log, in this many chunks.
    Log { chunks: u32, zstd: bool },
}

/// In the events queue: an accepted event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EventMessage {
    /// [`VERSION`].
    pub v: u8,
    /// Whose.
    pub tenant: TenantId,
    /// Its id.
    pub event: EventId,
    /// Its type.
    pub event_type: EventTypeName,
    /// Its data.
    #[serde(with = "Written")]
    pub payload: Payload,
    /// The event that was published, where this is one of the parts that it was split into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<EventId>,
    /// The trace that its publisher has named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceContext>,
    /// Whether another message may have carried the same event: fan-out then reads before it sends.
    #[serde(default, skip_serializing_if = "is_false")]
    pub repeat: bool,
    /// Where fan-out goes on: the earlier subscriptions have their tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many subscriptions matched before the cursor.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub matched: u64,
}

/// In the deliveries queue: the task to attempt one delivery.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeliveryTask {
    /// [`VERSION`].
    pub v: u8,
    /// Whose.
    pub tenant: TenantId,
    /// To whom.
    pub subscription: SubscriptionId,
    /// The subscription's version when the task was made: delivery uses none older.
    pub version: u64,
    /// What.
    pub event: EventId,
    /// How many days the delivery is kept; absent for as long as the deployment keeps any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u16>,
    /// Its type and data; absent where the event's row has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// The trace that its publisher has named; absent where the event's row has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceContext>,
    /// Whether another message may have carried the same task: delivery then reads the row before
    /// it attempts.
    #[serde(default, skip_serializing_if = "is_false")]
    pub repeat: bool,
    /// The resend that was asked for; absent for the schedule's tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resend: Option<ResendId>,
    /// Whether it asks a failing receiver if it is back: of a delivery that is held.
    #[serde(default, skip_serializing_if = "is_false")]
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
            v: VERSION,
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
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Content {
    /// Its type.
    pub event_type: EventTypeName,
    /// Its data.
    #[serde(with = "Written")]
    pub payload: Payload,
}

/// What a message is about, for the log: read once something went wrong with it, whatever else its
/// body holds.
#[derive(Debug, Default, Deserialize)]
pub struct Ids {
    /// Whose.
    pub tenant: Option<String>,
    /// To whom; an event's message has none.
    pub subscription: Option<String>,
    /// What.
    pub event: Option<String>,
    /// In which trace.
    pub trace: Option<TraceContext>,
}

impl Ids {
    /// None of them, if the body is none of ours.
    #[must_use]
    pub fn of(body: &str) -> Self {
        serde_json::from_str(body).unwrap_or_default()
    }
}

/// A body that is not a message of this version: what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

impl From<&serde_json::Error> for Unreadable {
    fn from(error: &serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

/// A message that says its version.
pub trait Versioned {
    /// The version it was written in.
    fn version(&self) -> u8;
}

impl Versioned for EventMessage {
    fn version(&self) -> u8 {
        self.v
    }
}

impl Versioned for DeliveryTask {
    fn version(&self) -> u8 {
        self.v
    }
}

/// Reads the body of a message.
pub fn read<T: DeserializeOwned + Versioned>(body: &str) -> Result<T, Unreadable> {
    let message: T = serde_json::from_str(body).map_err(|error| Unreadable::from(&error))?;
    match message.version() {
        VERSION => Ok(message),
        other => Err(Unreadable(format!(
            "the message is of version {other}; version {VERSION} is wanted"
        ))),
    }
}

/// Writes the body of a message.
pub fn write(message: &impl Serialize) -> Result<String, Unreadable> {
    serde_json::to_string(message).map_err(|error| Unreadable::from(&error))
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

fn to_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
    BASE64.decode(text.as_bytes()).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests;
