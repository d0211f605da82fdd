//! Batch calls across callers: the messages of one Lambda batch are handled each by itself, and
//! what they send goes out together. Ten events with a subscription each cost one call instead of
//! ten.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use futures_util::stream::{StreamExt, iter};
use tokio::sync::oneshot;

use super::{Outgoing, QueueError};

/// Entries of one batch call, and bytes of it in all (AWS's limits).
const BATCH_ENTRIES: usize = 10;
const BATCH_BYTES: usize = 1 << 20;
/// Batch calls of one flush that run at once.
const CONCURRENT_CALLS: usize = 16;
/// How often the entries that SQS did not take are sent again.
const ROUNDS: usize = 3;

/// Messages on their way to one queue.
#[derive(Debug, Clone)]
pub struct Gather(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    client: Client,
    url: String,
    waiting: Mutex<Vec<Waiting>>,
}

/// A message and who waits to hear of it.
#[derive(Debug)]
struct Waiting {
    message: Outgoing,
    answer: oneshot::Sender<Result<String, QueueError>>,
}

impl Gather {
    pub fn new(client: Client, url: String) -> Self {
        Self(Arc::new(Shared { client, url, waiting: Mutex::default() }))
    }

    /// Sends a message with whatever else is sent in the same turn, and returns its id.
    pub async fn send(&self, message: Outgoing) -> Result<String, QueueError> {
        let (answer, answered) = oneshot::channel();
        let first = {
            let mut waiting = self.waiting();
            waiting.push(Waiting { message, answer });
            waiting.len() == 1
        };
        if first {
            tokio::spawn(self.clone().flush());
        }
        let lost = QueueError {
            operation: "SendMessageBatch",
            detail: "the call was given up".to_owned(),
        };
        answered.await.unwrap_or(Err(lost))
    }

    async fn flush(self) {
        // Everybody who is ready in this turn adds to the same calls; nobody waits for a timer.
        tokio::task::yield_now().await;
        let waiting = std::mem::take(&mut *self.waiting());
        let calls = batches(waiting, |waiting| waiting.message.body.len());
        iter(calls).for_each_concurrent(CONCURRENT_CALLS, |batch| self.send_batch(batch)).await;
    }

    async fn send_batch(&self, batch: Vec<Waiting>) {
        let mut left: Vec<_> = batch.into_iter().map(Some).collect();
        let mut error = QueueError {
            operation: "SendMessageBatch",
            detail: "entries were not taken".to_owned(),
        };
        for _ in 0..ROUNDS {
            let numbered = left
                .iter()
                .enumerate()
                .filter_map(|(position, waiting)| Some((position, waiting.as_ref()?)));
            let entries = numbered
                .filter_map(|(position, waiting)| entry(position, &waiting.message))
                .collect();
            let call = self
                .0
                .client
                .send_message_batch()
                .queue_url(&self.0.url)
                .set_entries(Some(entries));
            let answer = match call.send().await {
                Ok(answer) => answer,
                Err(failed) => {
                    error = QueueError::new("SendMessageBatch", &failed);
                    break;
                }
            };
            for sent in answer.successful {
                let position = sent.id.parse::<usize>().ok();
                if let Some(waiting) =
                    position.and_then(|position| left.get_mut(position)).and_then(Option::take)
                {
                    let _ = waiting.answer.send(Ok(sent.message_id));
                }
            }
            if left.iter().all(Option::is_none) {
                return;
            }
            error.detail = answer
                .failed
                .iter()
                .map(|entry| entry.code.as_str())
                .collect::<Vec<_>>()
                .join(", ");
        }
        for waiting in left.into_iter().flatten() {
            let _ = waiting.answer.send(Err(error.clone()));
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `None` if the entry lacks an id or a body, which it has.
fn entry(position: usize, message: &Outgoing) -> Option<SendMessageBatchRequestEntry> {
    let entry = SendMessageBatchRequestEntry::builder()
        .id(position.to_string())
        .message_body(&message.body);
    let entry = entry
        .set_message_group_id(message.group.clone())
        .set_message_deduplication_id(message.once.clone());
    let entry =
        if message.delay_seconds > 0 { entry.delay_seconds(message.delay_seconds) } else { entry };
    entry.build().ok()
}

/// Cuts messages, in order, into batches that SQS takes.
fn batches<T>(messages: Vec<T>, len: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut batches: Vec<Vec<T>> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        let more = len(&message);
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH_ENTRIES && bytes + more <= BATCH_BYTES => {
                bytes += more;
                batch.push(message);
            }
            _ => {
                bytes = more;
                batches.push(vec![message]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests;
