//! A batch of SQS messages: all at once, each by itself. What one of them does never touches another.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use tokio::task::{JoinError, JoinSet};
use tracing::field::display;

use crate::queue::Queue;
use crate::queue::messages::Ids;
use crate::trace_context::TraceContext;

/// One received message.
#[derive(Debug, Clone)]
pub struct Message {
    /// SQS's id, the same at every receive.
    pub id: String,
    /// The handle of this receive.
    pub receipt_handle: String,
    /// Its body, shared with whoever tells that it was not handled.
    pub body: Arc<String>,
    /// How often it was received, this time included.
    pub receive_count: u32,
    /// Whether it is from a FIFO queue: what comes behind it in its group waits for it.
    pub fifo: bool,
}

/// What is to become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settle {
    /// It is done: delete it.
    Delete,
    /// It is not: leave it in the queue, to be seen when its visibility timeout ends.
    Keep,
}

/// Handles every message of a batch concurrently and answers which of them to keep. One that panics or takes longer
/// than `limit` is kept, and the others go on.
pub async fn each<H, F>(batch: SqsEvent, limit: Duration, handle: H) -> SqsBatchResponse
where
    H: Fn(Message) -> F,
    F: Future<Output = Settle> + Send + 'static,
{
    let mut running = JoinSet::new();
    let mut waiting = std::collections::HashMap::new();
    for record in batch.records {
        let Some(message) = read(record) else { continue };
        let (id, body) = (message.id.clone(), Arc::clone(&message.body));
        let task = running.spawn(tokio::time::timeout(limit, handle(message)));
        waiting.insert(task.id(), (id, body));
    }
    let mut kept = Vec::new();
    while let Some(ended) = running.join_next_with_id().await {
        let (task, settle) = match ended {
            Ok((task, Ok(settle))) => (task, settle),
            Ok((task, Err(_))) => {
                tell_unhandled(waiting.get(&task), "a message was not handled in time", None);
                (task, Settle::Keep)
            }
            Err(error) => {
                tell_unhandled(waiting.get(&error.id()), "handling a message panicked", Some(&error));
                (error.id(), Settle::Keep)
            }
        };
        if settle == Settle::Keep
            && let Some((id, _)) = waiting.remove(&task)
        {
            kept.push(id);
        }
    }
    let failure = |id| {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id;
        failure
    };
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = kept.into_iter().map(failure).collect();
    response
}

fn tell_unhandled(message: Option<&(String, Arc<String>)>, what: &str, error: Option<&JoinError>) {
    let Some((message_id, body)) = message else { return };
    let Ids { tenant, subscription, event, trace } = Ids::of(body);
    let trace_id = trace.as_ref().map(TraceContext::trace_id).map(display);
    let error = error.map(display);
    tracing::error!(tenant, subscription, event, trace_id, message_id, error, "{what}");
}

/// Puts a message that nobody can read into the dead-letter queue, with the reason, and only then lets it be deleted.
pub async fn put_away(dead_letters: &Queue, message: &Message, reason: &str) -> Settle {
    tracing::error!(message_id = %message.id, reason, "a message cannot be read; it goes to the dead-letter queue");
    match dead_letters.put_away(&message.body, reason).await {
        Ok(()) => Settle::Delete,
        Err(error) => {
            tracing::error!(message_id = %message.id, %error, "a message could not be put away and stays");
            Settle::Keep
        }
    }
}

/// `None` for a record without an id, which no answer could name; Lambda sends none such.
fn read(record: SqsMessage) -> Option<Message> {
    let count = record.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
    Some(Message {
        id: record.message_id?,
        receipt_handle: record.receipt_handle.unwrap_or_default(),
        body: Arc::new(record.body.unwrap_or_default()),
        // Unknown counts as received before: that costs a read and risks nothing.
        receive_count: count.unwrap_or(2),
        fifo: record.event_source_arn.is_some_and(|arn| arn.ends_with(".fifo")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(bodies: &[&str]) -> SqsEvent {
        let records = bodies.iter().map(|body| format!(r#"{{"messageId":"id-{body}","body":"{body}"}}"#));
        let json = format!(r#"{{"Records":[{}]}}"#, records.collect::<Vec<_>>().join(","));
        serde_json::from_str(&json).expect("a batch")
    }

    #[tokio::test]
    async fn a_panic_and_a_hang_keep_their_own_messages_only() {
        let handle = |message: Message| async move {
            match message.body.as_str() {
                "panic" => panic!("on purpose"),
                "hang" => std::future::pending().await,
                "keep" => Settle::Keep,
                _ => Settle::Delete,
            }
        };
        let bodies = ["a", "panic", "hang", "keep", "b"];
        let response = each(batch(&bodies), Duration::from_millis(50), handle).await;
        let mut kept: Vec<_> = response.batch_item_failures.iter().map(|kept| kept.item_identifier.as_str()).collect();
        kept.sort_unstable();
        assert_eq!(kept, ["id-hang", "id-keep", "id-panic"]);
    }
}
