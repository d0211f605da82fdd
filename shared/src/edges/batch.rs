//! A batch of SQS messages: all at once, each by itself. What one of them does never touches
//! another; and where receivers are at the other end, no subscription has more than its share of
//! it.

mod shares;

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use tokio::task::{self, JoinError, JoinSet};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, interval_at, timeout_at};
use tracing::field::display;

use crate::core::trace_context::TraceContext;
use crate::edges::clock;
use crate::edges::queue::messages::{Ids, Unreadable};
use crate::edges::queue::{FIFO_SUFFIX, Queue};
use shares::{SLOW, Shares, Step};

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

/// Handles every message of a batch concurrently and answers which of them to keep. One that panics
/// or takes longer than `limit` is kept, and the others go on.
pub async fn each<H, F>(batch: SqsEvent, limit: Duration, handle: H) -> SqsBatchResponse
where
    H: Fn(Message) -> F,
    F: Future<Output = Settle> + Send + 'static,
{
    let mut work = Work::new(limit);
    for message in batch.records.into_iter().filter_map(read) {
        work.start(&message, handle(message.clone()));
    }
    while work.next().await.is_some() {}
    work.response()
}

/// As [`each`], with no more than a share of the batch for each subscription: what waits for a slow
/// one is hidden in `queue` for a while. As long as some are slow, what is done is deleted from
/// `queue` at once, so that a crash repeats none of it.
pub async fn fairly<H, F>(
    batch: SqsEvent,
    limit: Duration,
    queue: &Queue,
    handle: H,
) -> SqsBatchResponse
where
    H: Fn(Message) -> F,
    F: Future<Output = Settle> + Send + 'static,
{
    let mut work = Work::new(limit);
    let mut shares = Shares::new(batch.records.into_iter().filter_map(read).collect());
    let mut ticks = interval_at(work.start + SLOW, SLOW);
    // Lambda deletes all that is done when the batch ends: what is not deleted by then need not be.
    let mut deletes = JoinSet::new();
    loop {
        for step in shares.next(work.start.elapsed()) {
            match step {
                Step::Start(message) => work.start(&message, handle(message.clone())),
                Step::GiveBack(message) => {
                    work.start(&message, give_back(queue.clone(), message.clone()));
                }
            }
        }
        tokio::select! {
            ended = work.next() => match ended {
                Some(id) => shares.ended(&id, work.start.elapsed()),
                None => return work.response(),
            },
            _ = ticks.tick() => {
                let done = std::mem::take(&mut work.done);
                if !done.is_empty() {
                    deletes.spawn(delete(queue.clone(), done));
                }
            }
        }
    }
}

/// The messages of a batch that are worked on, and what became of the others.
struct Work {
    start: Instant,
    limit: Duration,
    running: JoinSet<Result<Settle, Elapsed>>,
    messages: HashMap<task::Id, Message>,
    /// The handles of those that are done, and were not deleted yet.
    done: Vec<String>,
    kept: Vec<String>,
}

impl Work {
    fn new(limit: Duration) -> Self {
        let (running, messages) = (JoinSet::new(), HashMap::new());
        Self { start: Instant::now(), limit, running, messages, done: Vec::new(), kept: Vec::new() }
    }

    fn start(&mut self, message: &Message, work: impl Future<Output = Settle> + Send + 'static) {
        let task = self.running.spawn(timeout_at(self.start + self.limit, work));
        self.messages.insert(task.id(), message.clone());
    }

    /// The id of the next message that ends; `None` if none is worked on.
    async fn next(&mut self) -> Option<String> {
        let ended = self.running.join_next_with_id().await?;
        let (task, settle, unhandled) = match ended {
            Ok((task, Ok(settle))) => (task, settle, None),
            Ok((task, Err(_))) => {
                (task, Settle::Keep, Some(("a message was not handled in time", None)))
            }
            Err(error) => {
                (error.id(), Settle::Keep, Some(("handling a message panicked", Some(error))))
            }
        };
        let message = self.messages.remove(&task)?;
        if let Some((what, error)) = unhandled {
            tell_unhandled(&message, what, error.as_ref());
        }
        match settle {
            Settle::Delete => self.done.push(message.receipt_handle),
            Settle::Keep => self.kept.push(message.id.clone()),
        }
        Some(message.id)
    }

    fn response(self) -> SqsBatchResponse {
        let failure = |id| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            failure
        };
        let mut response = SqsBatchResponse::default();
        response.batch_item_failures = self.kept.into_iter().map(failure).collect();
        response
    }
}

async fn give_back(queue: Queue, message: Message) -> Settle {
    let Ids { tenant, subscription, event, .. } = Ids::of(&message.body);
    let seconds = shares::pause(message.receive_count, clock::random_share());
    let message_id = message.id;
    match queue.hide(&message.receipt_handle, seconds).await {
        Ok(()) => tracing::debug!(
            tenant,
            subscription,
            event,
            message_id,
            seconds,
            "it waits behind a slow receiver"
        ),
        // It comes back when its visibility timeout ends.
        Err(error) => {
            tracing::warn!(tenant, subscription, event, message_id, %error, "a message was not hidden");
        }
    }
    Settle::Keep
}

async fn delete(queue: Queue, done: Vec<String>) {
    if let Err(error) = queue.delete(done).await {
        tracing::warn!(%error, "what is done was not deleted before the rest of its batch");
    }
}

fn tell_unhandled(message: &Message, what: &str, error: Option<&JoinError>) {
    let Ids { tenant, subscription, event, trace } = Ids::of(&message.body);
    let (message_id, trace_id) =
        (&message.id, trace.as_ref().map(TraceContext::trace_id).map(display));
    let error = error.map(display);
    tracing::error!(tenant, subscription, event, trace_id, message_id, error, "{what}");
}

/// Settles a message that does not read. One of a later release stays in the queue: during a
/// deployment, and after a rollback, that release or the next one reads it. It comes back each time
/// the queue's visibility timeout ends, until SQS itself moves it to the dead-letter queue
/// (`maxReceiveCount`). Anything else goes there at once with the reason, and only then is it
/// deleted.
pub async fn settle_unread(dead_letters: &Queue, message: &Message, error: &Unreadable) -> Settle {
    if let Unreadable::Newer { version, newest } = error {
        let Ids { tenant, subscription, event, .. } = Ids::of(&message.body);
        tracing::warn!(
            tenant, subscription, event, message_id = %message.id, version, newest,
            "a later release wrote this message; it stays in the queue for it"
        );
        return Settle::Keep;
    }
    let reason = error.to_string();
    tracing::error!(message_id = %message.id, reason, "a message cannot be read; it goes to the dead-letter queue");
    match dead_letters.put_away(&message.body, &reason).await {
        Ok(()) => Settle::Delete,
        Err(error) => {
            tracing::error!(message_id = %message.id, %error, "a message could not be put away and stays");
            Settle::Keep
        }
    }
}

/// `None` for a record without an id, which no answer could name; Lambda sends none such.
fn read(record: SqsMessage) -> Option<Message> {
    let count =
        record.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
    Some(Message {
        id: record.message_id?,
        receipt_handle: record.receipt_handle.unwrap_or_default(),
        body: Arc::new(record.body.unwrap_or_default()),
        // Unknown counts as received before: that costs a read and risks nothing.
        receive_count: count.unwrap_or(2),
        fifo: record.event_source_arn.is_some_and(|arn| arn.ends_with(FIFO_SUFFIX)),
    })
}

#[cfg(test)]
mod tests;
