//! Decides which messages an accepted request becomes. Pure.

use serde_json::value::RawValue;
use shared::core::event::event_type::EventTypeName;
use shared::core::event::payload::{MAX_INLINE_BYTES, Packed};
use shared::core::event::split;
use shared::core::id::EventId;
use shared::edges::queue::Outgoing;
use shared::edges::queue::messages::{EventMessage, Unreadable, write};

use crate::identity::Made;
use crate::request::Published;

/// A repeated request sends its event again, for the first may have died before its send; this long
/// after, when the first has been fanned out if it did not, so that the repeat is dropped.
const REPEAT_DELAY_SECONDS: i32 = 5;

/// One event that is to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    pub id: EventId,
    /// The published event, where this is a part of it.
    pub parent: Option<EventId>,
    pub event_type: &'a EventTypeName,
    pub data: &'a RawValue,
    /// Another request may have sent it before.
    pub is_repeat: bool,
}

/// Plans a request's events, each as itself or as its parts, in the order of the request. `made` has
/// one entry for each event.
pub fn events<'a>(published: &'a Published, made: &'a [Made]) -> impl Iterator<Item = Planned<'a>> {
    published.events.iter().zip(made).flat_map(|(event, made)| {
        let planned = |id, parent, data| Planned {
            id,
            parent,
            event_type: &event.r#type,
            data,
            is_repeat: made.is_repeat,
        };
        let whole = event.parts.is_empty().then(|| planned(made.id, None, &*event.data));
        let parts = event.parts.iter().enumerate();
        let parts = parts.map(move |(number, data)| {
            planned(split::child(made.id, number), Some(made.id), &**data)
        });
        whole.into_iter().chain(parts)
    })
}

/// The place of an event's data while its message is in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the message.
    Message,
    /// In the log: the message would be too large.
    Log,
}

/// Decides where packed data travels.
#[must_use]
pub fn place(packed: &Packed) -> Place {
    if packed.message_len() > MAX_INLINE_BYTES { Place::Log } else { Place::Message }
}

/// The kind of queue that a tenant's events go into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// In any order.
    Plain,
    /// FIFO, one group for each tenant.
    InOrder,
}

/// How messages are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// Each once SQS has the one before it.
    OneByOne,
    /// In batches.
    Together,
}

/// Decides how so many messages of a request are sent. A single one is not gathered with others: it
/// would wait for them.
#[must_use]
pub const fn sending(lane: Lane, messages: usize) -> Sending {
    match lane {
        Lane::Plain if messages > 1 => Sending::Together,
        Lane::Plain | Lane::InOrder => Sending::OneByOne,
    }
}

/// A message as it is sent.
pub fn outgoing(lane: Lane, message: &EventMessage) -> Result<Outgoing, Unreadable> {
    let body = write(message)?;
    Ok(match lane {
        // SQS drops a repeat within five minutes by itself, and puts a later one behind the first:
        // neither has to wait.
        Lane::InOrder => Outgoing {
            body,
            group: Some(message.tenant.to_string()),
            once: Some(message.event.to_string()),
            delay_seconds: 0,
        },
        Lane::Plain => {
            let delay_seconds = if message.repeat { REPEAT_DELAY_SECONDS } else { 0 };
            Outgoing { body, group: None, once: None, delay_seconds }
        }
    })
}

#[cfg(test)]
mod tests;
