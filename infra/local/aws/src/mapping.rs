//! SQS event source mappings: pollers that receive, invoke, and delete what succeeded.
//!
//! There are as many pollers as the mapping may have invocations at a time, and each does one thing
//! after the other; only its deletes run beside its next receive. [`record`] makes messages into
//! Lambda's event, [`verdict`] reads from a function's answer which of them failed. As with Lambda,
//! nothing is done about those: they show again when their visibility timeout ends, or when the
//! function has said.

mod record;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{self, Instant};

use crate::Error;
use crate::lambda::{Function, Outcome, PAYLOAD_LIMIT};
use crate::logs::Level;
use crate::queues::{Sqs, SqsError};
use crate::template::{ACCOUNT, Mapping, REGION};

/// Long polls wait as long as SQS allows.
const WAIT_SECONDS: u64 = 20;
/// The most messages in one receive (SQS).
const RECEIVE_LIMIT: usize = 10;
/// How long a poller rests after SQS could not be reached.
const REST: Duration = Duration::from_millis(500);

/// One poller of a mapping.
#[derive(Debug, Clone)]
pub struct Poller {
    sqs: Sqs,
    url: String,
    arn: String,
    mapping: Mapping,
    function: Arc<Function>,
}

impl Poller {
    /// A poller that invokes `function` with messages of the mapping's queue.
    pub fn new(sqs: &Sqs, mapping: &Mapping, function: &Arc<Function>) -> Self {
        let arn = format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}", mapping.queue);
        let (url, mapping, function) = (sqs.url(&mapping.queue), mapping.clone(), function.clone());
        // Lambda polls with the function's own role.
        Self { sqs: sqs.calling_as(&function.name), url, arn, mapping, function }
    }

    /// Whether Lambda would accept the mapping: it asks the queue, and refuses one whose messages
    /// show again while they may still be worked on (`CreateEventSourceMapping`).
    pub async fn check(&self) -> Result<(), Error> {
        let refused = |reason: String| {
            Error::Mapping(self.mapping.queue.clone(), self.function.name.clone(), reason)
        };
        let request =
            json!({ "QueueUrl": self.url, "AttributeNames": ["VisibilityTimeout"] }).to_string();
        let answer = self
            .sqs
            .call("GetQueueAttributes", request)
            .await
            .map_err(|error| refused(error.to_string()))?;
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let visibility: Option<u64> =
            answer["Attributes"]["VisibilityTimeout"].as_str().and_then(|text| text.parse().ok());
        let (visibility, timeout) =
            (visibility.unwrap_or_default(), self.function.timeout().as_secs());
        if visibility < timeout {
            let reason = format!(
                "Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds"
            );
            return Err(refused(reason));
        }
        Ok(())
    }

    /// Polls until `stop` changes; then an invocation that runs is finished and settled.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let received = tokio::select! {
                received = self.gather() => received,
                _ = stop.changed() => return,
            };
            match received {
                Ok(batch) => self.process(&batch).await,
                Err(error) => {
                    self.function
                        .log
                        .say(Level::Error, &format!("{}: {error}", self.mapping.queue));
                    time::sleep(REST).await;
                }
            }
        }
    }

    /// Receives a batch: whatever is there, or with a window as much as arrives in it. Each element
    /// is the answer to one receive.
    async fn gather(&self) -> Result<Vec<Bytes>, SqsError> {
        let first = self.receive(self.mapping.batch_size, WAIT_SECONDS).await?;
        if self.mapping.window.is_zero() {
            return Ok(vec![first]);
        }
        let end = Instant::now() + self.mapping.window;
        let mut count = self::count(&first)?;
        let mut answers = vec![first];
        while count > 0 && count < self.mapping.batch_size {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            // Waited for to its end, which may be a second late: messages of a receive that is
            // given up are lost to everybody until their visibility timeout ends.
            let whole_seconds = left.as_secs() + 1;
            let answer = self
                .receive(self.mapping.batch_size - count, whole_seconds.min(WAIT_SECONDS))
                .await?;
            count += self::count(&answer)?;
            answers.push(answer);
        }
        Ok(answers)
    }

    async fn receive(&self, most: usize, wait_seconds: u64) -> Result<Bytes, SqsError> {
        let most = most.min(RECEIVE_LIMIT);
        let request = format!(
            r#"{{"QueueUrl":"{}","MaxNumberOfMessages":{most},"WaitTimeSeconds":{wait_seconds},"MessageSystemAttributeNames":["All"],"MessageAttributeNames":["All"]}}"#,
            self.url
        );
        self.sqs.call("ReceiveMessage", request).await
    }

    async fn process(&self, answers: &[Bytes]) {
        let mut messages = Vec::new();
        for answer in answers {
            match record::read(answer) {
                Ok(read) => messages.extend(read),
                Err(error) => self
                    .function
                    .log
                    .say(Level::Error, &format!("ReceiveMessage's answer: {error}")),
            }
        }
        for batch in record::split(&messages, PAYLOAD_LIMIT) {
            let outcome = self.function.invoke(record::event(batch, &self.arn).into()).await;
            let succeeded = self.succeeded(batch, &outcome);
            if succeeded.is_empty() {
                continue;
            }
            let requests = record::deletions(&succeeded, &self.url);
            let poller = self.clone();
            tokio::spawn(async move {
                for request in requests {
                    poller.delete(request).await;
                }
            });
        }
    }

    /// The messages that may be deleted.
    fn succeeded<'a, 'b>(
        &self,
        batch: &'b [record::Message<'a>],
        outcome: &Outcome,
    ) -> Vec<&'b record::Message<'a>> {
        match outcome {
            Ok(answer) if self.mapping.reports_failures => {
                let ids: Vec<&str> = batch.iter().map(|message| message.id).collect();
                match verdict::failures(answer, &ids) {
                    Ok(failed) => batch
                        .iter()
                        .zip(failed)
                        .filter(|(_, failed)| !failed)
                        .map(|(message, _)| message)
                        .collect(),
                    Err(reason) => {
                        let message = format!("the whole batch of {} fails: {reason}", batch.len());
                        self.function.log.say(Level::Error, &message);
                        Vec::new()
                    }
                }
            }
            Ok(_) => batch.iter().collect(),
            Err(error) => {
                let reason = String::from_utf8_lossy(&error.payload);
                self.function.log.say(
                    Level::Error,
                    &format!("the whole batch of {} fails: {reason}", batch.len()),
                );
                Vec::new()
            }
        }
    }

    async fn delete(&self, request: String) {
        let result = self.sqs.call("DeleteMessageBatch", request).await;
        let failed = match result {
            Ok(answer) => record::failed_deletions(&answer),
            Err(error) => Some(error.to_string()),
        };
        if let Some(reason) = failed {
            // They will be delivered again, as at-least-once allows.
            self.function.log.say(
                Level::Warn,
                &format!("{}: messages were not deleted: {reason}", self.mapping.queue),
            );
        }
    }
}

fn count(answer: &[u8]) -> Result<usize, SqsError> {
    record::read(answer)
        .map(|messages| messages.len())
        .map_err(|error| SqsError::Unreachable(error.to_string()))
}
