//! Sending.

use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{State, name_in};
use crate::change::Change;
use crate::content::Content;
use crate::message::Message;
use crate::queue::Queue;
use crate::refusal::{Kind, Refusal};
use crate::seen::Taken;
use crate::settings::Millis;

/// A message to be sent: its content, checked, and the delay that its sender asked for, in seconds.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) content: Content,
    pub(crate) delay: Option<i64>,
}

/// A message that was sent, or on a FIFO queue the earlier one that this one repeats.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) message_id: String,
    pub(crate) content: Arc<Content>,
    /// On FIFO queues.
    pub(crate) sequence: Option<u64>,
}

impl State {
    /// Sends messages to the queue of this URL, each for itself.
    pub(crate) fn send(
        &mut self,
        url: &str,
        outgoing: Vec<Result<Outgoing, Refusal>>,
        now: Millis,
    ) -> Result<Vec<Result<Sent, Refusal>>, Refusal> {
        let queue = self.queues.get_mut(name_in(url)).ok_or_else(Refusal::no_queue)?;
        queue.advance(now, &mut self.changes);
        let mut sent = Vec::with_capacity(outgoing.len());
        for outgoing in outgoing {
            self.latest += 1;
            sent.push(outgoing.and_then(|outgoing| {
                send_one(queue, self.latest, outgoing, now, &mut self.changes)
            }));
        }
        queue.wake();
        Ok(sent)
    }
}

fn send_one(
    queue: &mut Queue,
    sequence: u64,
    outgoing: Outgoing,
    now: Millis,
    changes: &mut Vec<Change>,
) -> Result<Sent, Refusal> {
    let Outgoing { mut content, delay } = outgoing;
    let largest = queue.settings.largest;
    if content.size > largest {
        let message = format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {largest} bytes."
        );
        return Err(Refusal::new(Kind::InvalidParameterValue, message));
    }
    let delay = delay_of(queue, delay)?;
    if queue.settings.fifo {
        let key = deduplicate(queue, &mut content)?;
        if let Some(taken) = queue.seen.find(&key, now) {
            let (message_id, sequence) = (taken.message_id.clone(), Some(taken.sequence));
            return Ok(Sent { message_id, content: Arc::new(content), sequence });
        }
        let taken = Taken { message_id: content.id.clone(), sequence };
        changes.push(Change::Seen {
            queue: queue.number,
            id: key.clone(),
            message_id: content.id.clone(),
            sequence,
            at: now,
        });
        queue.seen.remember(key, taken, now);
    } else if content.deduplication.is_some() {
        let reason = "The request include parameter that is not valid for this queue type.";
        let id = content.deduplication.unwrap_or_default();
        return Err(Refusal::value(id, "MessageDeduplicationId", reason));
    }
    let content = Arc::new(content);
    let visible_at = now + delay;
    changes.push(Change::Sent {
        sequence,
        queue: queue.number,
        sent_at: now,
        visible_at,
        content: content.clone(),
    });
    queue.admit(sequence, Message::new(content.clone(), now), visible_at, now);
    Ok(Sent {
        message_id: content.id.clone(),
        content,
        sequence: queue.settings.fifo.then_some(sequence),
    })
}

/// How long the message is to be delayed; on a FIFO queue only the queue says.
fn delay_of(queue: &Queue, asked: Option<i64>) -> Result<Millis, Refusal> {
    match asked {
        None => Ok(queue.settings.delay),
        Some(0) if queue.settings.fifo => Ok(queue.settings.delay),
        Some(seconds) if queue.settings.fifo => Err(Refusal::value(
            seconds,
            "DelaySeconds",
            "The request include parameter that is not valid for this queue type.",
        )),
        Some(seconds) => match u64::try_from(seconds) {
            Ok(delay @ 0..=900) => Ok(delay * 1000),
            _ => Err(Refusal::value(
                seconds,
                "DelaySeconds",
                "DelaySeconds must be >= 0 and <= 900.",
            )),
        },
    }
}

/// Gives a FIFO message its deduplication id, and tells under which key it is remembered.
fn deduplicate(queue: &Queue, content: &mut Content) -> Result<String, Refusal> {
    let Some(group) = &content.group else {
        return Err(Refusal::missing("MessageGroupId"));
    };
    let id = match content.deduplication.take() {
        Some(id) => id,
        // SHA-256 as AWS takes it, in hexadecimal.
        None if queue.settings.content_based => {
            let digest = Sha256::digest(&content.body);
            format!("{:x}", Bytes::copy_from_slice(&digest))
        }
        None => {
            return Err(Refusal::new(
                Kind::InvalidParameterValue,
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            ));
        }
    };
    content.deduplication = Some(id.clone());
    // No id contains a space.
    Ok(if queue.settings.scoped_by_group { format!("{group} {id}") } else { id })
}
