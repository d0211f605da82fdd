//! SQS: sending, hiding, and putting away what nobody can read.

mod gather;
pub mod messages;

use std::fmt;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, MessageAttributeValue, QueueAttributeName,
};
use futures_util::future::try_join_all;

use crate::edges::aws::detail;
use gather::Gather;

/// How the names of FIFO queues end.
pub const FIFO_SUFFIX: &str = ".fifo";

/// One queue.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    url: String,
    gather: Gather,
}

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Its body.
    pub body: String,
    /// The group that it shares the queue's fairness with; in a FIFO queue, the group in which it
    /// keeps its place.
    pub group: Option<String>,
    /// For a FIFO queue, which wants it: of messages of a group that have the same, one is taken in
    /// five minutes.
    pub once: Option<String>,
    /// Seconds until it is seen, 0–900; 0 in a FIFO queue.
    pub delay_seconds: i32,
}

/// SQS failed or refused.
#[derive(Debug, Clone, thiserror::Error)]
#[error("SQS {operation}: {detail}")]
pub struct QueueError {
    operation: &'static str,
    detail: String,
}

impl QueueError {
    fn new<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: fmt::Debug + Send + Sync + 'static,
    {
        Self { operation, detail: detail(error) }
    }
}

impl Queue {
    /// The queue of this URL.
    #[must_use]
    pub fn new(client: Client, url: String) -> Self {
        Self { gather: Gather::new(client.clone(), url.clone()), client, url }
    }

    /// Whether it keeps the order of each group's messages.
    #[must_use]
    pub fn is_fifo(&self) -> bool {
        self.url.ends_with(FIFO_SUFFIX)
    }

    /// Sends one message and returns its id. Once it returns, SQS has it.
    pub async fn send(&self, message: Outgoing) -> Result<String, QueueError> {
        let call = self.client.send_message().queue_url(&self.url).message_body(message.body);
        let call =
            call.set_message_group_id(message.group).set_message_deduplication_id(message.once);
        let call = if message.delay_seconds > 0 {
            call.delay_seconds(message.delay_seconds)
        } else {
            call
        };
        let sent = call.send().await.map_err(|error| QueueError::new("SendMessage", &error))?;
        sent.message_id.ok_or(QueueError {
            operation: "SendMessage",
            detail: "no message id came back".to_owned(),
        })
    }

    /// Sends messages one after the other, each once SQS has those before it: of a batch it may
    /// take a later one and not an earlier one.
    pub async fn send_in_order(&self, messages: Vec<Outgoing>) -> Result<(), QueueError> {
        for message in messages {
            self.send(message).await?;
        }
        Ok(())
    }

    /// Sends any number of messages and returns their ids in order. What concurrent callers send in
    /// the same turn goes out in the same calls. Entries that SQS did not take are sent again; an
    /// error says that some of this caller's were not taken, while others may have been.
    pub async fn send_all(&self, messages: Vec<Outgoing>) -> Result<Vec<String>, QueueError> {
        try_join_all(messages.into_iter().map(|message| self.gather.send(message))).await
    }

    /// How many messages are received and neither deleted nor seen again, about.
    pub async fn in_flight(&self) -> Result<u64, QueueError> {
        let wanted = QueueAttributeName::ApproximateNumberOfMessagesNotVisible;
        let call =
            self.client.get_queue_attributes().queue_url(&self.url).attribute_names(wanted.clone());
        let found =
            call.send().await.map_err(|error| QueueError::new("GetQueueAttributes", &error))?;
        let count = found.attributes.as_ref().and_then(|found| found.get(&wanted)?.parse().ok());
        count.ok_or(QueueError {
            operation: "GetQueueAttributes",
            detail: "no count came back".to_owned(),
        })
    }

    /// Hides a received message for so many seconds from now (0–43,200, the total since its receive
    /// within 12 hours).
    pub async fn hide(&self, receipt_handle: &str, seconds: i32) -> Result<(), QueueError> {
        let call = self
            .client
            .change_message_visibility()
            .queue_url(&self.url)
            .receipt_handle(receipt_handle);
        let answer = call.visibility_timeout(seconds).send().await;
        answer.map(|_| ()).map_err(|error| QueueError::new("ChangeMessageVisibility", &error))
    }

    /// Deletes up to ten received messages by the handles of their receives.
    pub async fn delete(&self, receipt_handles: Vec<String>) -> Result<(), QueueError> {
        let failed = |detail: String| QueueError { operation: "DeleteMessageBatch", detail };
        let mut call = self.client.delete_message_batch().queue_url(&self.url);
        for (position, handle) in receipt_handles.into_iter().enumerate() {
            let entry = DeleteMessageBatchRequestEntry::builder()
                .id(position.to_string())
                .receipt_handle(handle);
            call = call.entries(entry.build().map_err(|error| failed(error.to_string()))?);
        }
        let answer =
            call.send().await.map_err(|error| QueueError::new("DeleteMessageBatch", &error))?;
        match answer.failed.first() {
            Some(first) => {
                Err(failed(format!("{} entries, the first: {}", answer.failed.len(), first.code)))
            }
            None => Ok(()),
        }
    }

    /// Puts a body that nobody can read into this (dead-letter) queue, with the reason as an
    /// attribute.
    pub async fn put_away(&self, body: &str, reason: &str) -> Result<(), QueueError> {
        let reason =
            MessageAttributeValue::builder().data_type("String").string_value(reason).build();
        let reason = reason
            .map_err(|error| QueueError { operation: "SendMessage", detail: error.to_string() })?;
        let call = self.client.send_message().queue_url(&self.url).message_body(body);
        let answer = call.message_attributes("reason", reason).send().await;
        answer.map(|_| ()).map_err(|error| QueueError::new("SendMessage", &error))
    }
}
