//! Message move tasks: what is in a dead-letter queue goes back to where it came from, or
//! elsewhere.
//!
//! A task here is done when `StartMessageMoveTask` answers, at any number of messages: so there is
//! never one to cancel, and `MaxNumberOfMessagesPerSecond` is told but has no effect. Tasks are on
//! record until the process ends.

use std::sync::Arc;

use super::State;
use crate::change::Change;
use crate::content::{Content, Draft};
use crate::identifier;
use crate::message::Message;
use crate::refusal::{Kind, Refusal};
use crate::settings::{Millis, name_of_arn};

/// Most tasks that `ListMessageMoveTasks` tells of one queue.
const MOST_TASKS: usize = 10;

/// A task that is done.
#[derive(Clone, Debug)]
pub(crate) struct MoveTask {
    pub(crate) source: String,
    pub(crate) destination: Option<String>,
    pub(crate) per_second: Option<i64>,
    pub(crate) moved: u64,
    pub(crate) started: Millis,
}

impl State {
    /// Moves every visible message of the dead-letter queue `source`, and answers with the task's
    /// handle. As AWS documents, the messages are new ones then: with new ids and times, and no
    /// receives.
    pub(crate) fn move_messages(
        &mut self,
        source: &str,
        destination: Option<&str>,
        per_second: Option<i64>,
        now: Millis,
    ) -> Result<String, Refusal> {
        let name = self.named(source)?;
        if self.sources_of(&name).is_empty() {
            return Err(Refusal::new(
                Kind::InvalidParameterValue,
                "Source queue must be configured as a Dead Letter Queue.",
            ));
        }
        let destination_name = destination.map(|arn| self.named(arn)).transpose()?;
        let queue = self.queues.get_mut(&name).ok_or_else(no_resource)?;
        queue.advance(now, &mut self.changes);
        let mut moved = 0;
        for (sequence, message) in queue.drain() {
            let origin =
                destination_name.as_deref().or_else(|| name_of_arn(message.source.as_deref()?));
            // A message that was sent here directly, or whose source is gone, has nowhere to go and
            // stays.
            let target =
                origin.filter(|origin| self.queues.contains_key(*origin)).map(str::to_owned);
            if let Some(target) = target {
                self.renew(&target, sequence, &message.content, now);
                moved += 1;
            } else if let Some(queue) = self.queues.get_mut(&name) {
                queue.admit(sequence, message, 0, now);
            }
        }
        let (source, destination) = (source.to_owned(), destination.map(str::to_owned));
        self.tasks.push(MoveTask { source, destination, per_second, moved, started: now });
        Ok(identifier::fresh())
    }

    /// The latest tasks of a queue, newest first.
    pub(crate) fn move_tasks(&self, source: &str, most: usize) -> Result<Vec<MoveTask>, Refusal> {
        self.named(source)?;
        let tasks = self.tasks.iter().rev().filter(|task| task.source == source);
        Ok(tasks.take(most.min(MOST_TASKS)).cloned().collect())
    }

    /// Names of the queues whose redrive policy names this one.
    pub(crate) fn sources_of(&self, name: &str) -> Vec<String> {
        let names = |queue: &&crate::queue::Queue| {
            queue.settings.redrive.as_ref().is_some_and(|redrive| redrive.queue == name)
        };
        self.queues.values().filter(names).map(|queue| queue.name.clone()).collect()
    }

    fn named(&self, arn: &str) -> Result<String, Refusal> {
        name_of_arn(arn)
            .filter(|name| self.queues.contains_key(*name))
            .map(str::to_owned)
            .ok_or_else(no_resource)
    }

    fn renew(&mut self, target: &str, sequence: u64, content: &Arc<Content>, now: Millis) {
        let renewed = self.number();
        let Some(queue) = self.queues.get_mut(target) else {
            return;
        };
        let draft = Draft {
            body: content.body.clone(),
            attributes: content.attributes.clone(),
            group: content.group.as_deref().map(str::to_owned),
            deduplication: content.deduplication.clone(),
            trace: content.trace.clone(),
        };
        let content = Arc::new(Content::restored(identifier::fresh(), draft, content.size));
        self.changes.push(Change::Deleted { sequence });
        self.changes.push(Change::Sent {
            sequence: renewed,
            queue: queue.number,
            sent_at: now,
            visible_at: now,
            content: content.clone(),
        });
        queue.admit(renewed, Message::new(content, now), now, now);
        queue.wake();
    }
}

fn no_resource() -> Refusal {
    Refusal::new(
        Kind::ResourceNotFound,
        "The resource that you specified for the SourceArn parameter doesn't exist.",
    )
}
