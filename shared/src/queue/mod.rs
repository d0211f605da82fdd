//! SQS: sending, hiding, and putting away what nobody can read.

pub mod messages;

use std::fmt;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use futures_util::stream::{StreamExt, TryStreamExt, iter};

use crate::aws::detail;

/// Entries of one batch call, and bytes of it in all (AWS's limits).
const BATCH_ENTRIES: usize = 10;
const BATCH_BYTES: usize = 1 << 20;
/// Batch calls of one send that run at once.
const CONCURRENT_CALLS: usize = 16;
/// How often the entries that SQS did not take are sent again.
const ROUNDS: usize = 3;

/// One queue.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    url: String,
}

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Its body.
    pub body: String,
    /// The group that it shares the queue's fairness with.
    pub group: Option<String>,
    /// Seconds until it is seen, 0–900.
    pub delay_seconds: i32,
}

/// SQS failed or refused.
#[derive(Debug)]
pub struct QueueError {
    operation: &'static str,
    detail: String,
}

impl QueueError {
    fn new<E, R>(operation: &'static str, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: fmt::Debug + Send + Sync + 'static,
    {
        Self { operation, detail: detail(&error) }
    }
}

impl fmt::Display for QueueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SQS {}: {}", self.operation, self.detail)
    }
}

impl std::error::Error for QueueError {}

impl Queue {
    /// The queue of this URL.
    #[must_use]
    pub const fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// Sends one message and returns its id. Once it returns, SQS has it.
    pub async fn send(&self, message: Outgoing) -> Result<String, QueueError> {
        let call = self.client.send_message().queue_url(&self.url).message_body(message.body);
        let call = call.set_message_group_id(message.group);
        let call = if message.delay_seconds > 0 { call.delay_seconds(message.delay_seconds) } else { call };
        let sent = call.send().await.map_err(|error| QueueError::new("SendMessage", error))?;
        sent.message_id.ok_or(QueueError { operation: "SendMessage", detail: "no message id came back".to_owned() })
    }

    /// Sends any number of messages in as few calls as there can be, and returns their ids in order. Entries that SQS
    /// did not take are sent again; an error says that some were not taken, while others may have been.
    pub async fn send_all(&self, messages: Vec<Outgoing>) -> Result<Vec<String>, QueueError> {
        let calls = iter(batches(messages)).map(|batch| self.send_batch(batch)).buffered(CONCURRENT_CALLS);
        Ok(calls.try_collect::<Vec<_>>().await?.concat())
    }

    async fn send_batch(&self, batch: Vec<Outgoing>) -> Result<Vec<String>, QueueError> {
        let mut ids = vec![None; batch.len()];
        let mut refused = String::new();
        for _ in 0..ROUNDS {
            let mut call = self.client.send_message_batch().queue_url(&self.url);
            for (position, message) in batch.iter().enumerate().filter(|(position, _)| ids[*position].is_none()) {
                call = call.entries(entry(position, message)?);
            }
            let answer = call.send().await.map_err(|error| QueueError::new("SendMessageBatch", error))?;
            for sent in answer.successful {
                if let Some(id) = sent.id.parse::<usize>().ok().and_then(|position| ids.get_mut(position)) {
                    *id = Some(sent.message_id);
                }
            }
            if ids.iter().all(Option::is_some) {
                return Ok(ids.into_iter().flatten().collect());
            }
            refused = answer.failed.iter().map(|entry| entry.code.as_str()).collect::<Vec<_>>().join(", ");
        }
        Err(QueueError { operation: "SendMessageBatch", detail: format!("entries were not taken: {refused}") })
    }

    /// Hides a received message for so many seconds from now (0–43,200, the total since its receive within 12 hours).
    pub async fn hide(&self, receipt_handle: &str, seconds: i32) -> Result<(), QueueError> {
        let call = self.client.change_message_visibility().queue_url(&self.url).receipt_handle(receipt_handle);
        let answer = call.visibility_timeout(seconds).send().await;
        answer.map(|_| ()).map_err(|error| QueueError::new("ChangeMessageVisibility", error))
    }

    /// Puts a body that nobody can read into this (dead-letter) queue, with the reason as an attribute.
    pub async fn put_away(&self, body: &str, reason: &str) -> Result<(), QueueError> {
        let reason = MessageAttributeValue::builder().data_type("String").string_value(reason).build();
        let reason = reason.map_err(|error| QueueError { operation: "SendMessage", detail: error.to_string() })?;
        let call = self.client.send_message().queue_url(&self.url).message_body(body);
        let answer = call.message_attributes("reason", reason).send().await;
        answer.map(|_| ()).map_err(|error| QueueError::new("SendMessage", error))
    }
}

fn entry(position: usize, message: &Outgoing) -> Result<SendMessageBatchRequestEntry, QueueError> {
    let entry = SendMessageBatchRequestEntry::builder().id(position.to_string()).message_body(&message.body);
    let entry = entry.set_message_group_id(message.group.clone());
    let entry = if message.delay_seconds > 0 { entry.delay_seconds(message.delay_seconds) } else { entry };
    entry.build().map_err(|error| QueueError { operation: "SendMessageBatch", detail: error.to_string() })
}

/// Cuts messages, in order, into batches that SQS takes.
fn batches(messages: Vec<Outgoing>) -> Vec<Vec<Outgoing>> {
    let mut batches: Vec<Vec<Outgoing>> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH_ENTRIES && bytes + message.body.len() <= BATCH_BYTES => {
                bytes += message.body.len();
                batch.push(message);
            }
            _ => {
                bytes = message.body.len();
                batches.push(vec![message]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn batches_keep_order_and_limits(sizes in prop::collection::vec(1usize..400_000, 0..40)) {
            let message = |size: &usize| Outgoing { body: "x".repeat(*size), group: None, delay_seconds: 0 };
            let cut = batches(sizes.iter().map(message).collect());
            for batch in &cut {
                prop_assert!((1..=BATCH_ENTRIES).contains(&batch.len()));
                prop_assert!(batch.iter().map(|m| m.body.len()).sum::<usize>() <= BATCH_BYTES);
            }
            let order: Vec<_> = cut.iter().flatten().map(|m| m.body.len()).collect();
            prop_assert_eq!(order, sizes);
        }
    }
}
