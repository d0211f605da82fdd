//! Queues themselves: made, altered, told of, tagged, emptied, deleted.

use super::{State, name_in};
use crate::change::Change;
use crate::queue::Queue;
use crate::refusal::{Kind, Refusal};
use crate::settings::{Millis, Settings, Texts, arn_of};

impl State {
    /// Makes a queue, or finds the one of that name if it has the attributes that are asked for.
    ///
    /// Unlike AWS, the name of a queue that was deleted can be used again at once, not only after
    /// 60 seconds.
    pub(crate) fn create(
        &mut self,
        name: &str,
        asked: &Texts,
        tags: Texts,
        now: Millis,
    ) -> Result<(), Refusal> {
        if let Some(queue) = self.queues.get(name) {
            return match asked
                .iter()
                .find(|(name, value)| queue.settings.texts.get(*name) != Some(*value))
            {
                None => Ok(()),
                Some((differing, _)) => Err(Refusal::new(
                    Kind::QueueNameExists,
                    format!(
                        "A queue already exists with the same name and a different value for attribute {differing}"
                    ),
                )),
            };
        }
        let stem = name.strip_suffix(".fifo").unwrap_or(name);
        let known = stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if stem.is_empty() || name.len() > 80 || !known {
            let message = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
            return Err(Refusal::new(Kind::InvalidParameterValue, message));
        }
        let settings = Settings::of_new(name, asked)?;
        self.check_redrive(&settings)?;
        let number = self.number();
        let queue = Queue::new(number, name.to_owned(), settings, tags, now);
        self.changes.push(record(&queue));
        self.queues.insert(name.to_owned(), queue);
        Ok(())
    }

    /// Deletes a queue with its messages. Its long polls find out at once.
    pub(crate) fn remove(&mut self, url: &str) -> Result<(), Refusal> {
        let queue = self.queues.remove(name_in(url)).ok_or_else(Refusal::no_queue)?;
        self.changes.push(Change::NoQueue { queue: queue.number });
        Ok(())
    }

    /// Names of queues in order, those after `after` that begin with `prefix`.
    pub(crate) fn names(&self, prefix: &str, after: &str) -> impl Iterator<Item = &String> {
        self.queues.keys().filter(move |name| name.starts_with(prefix) && name.as_str() > after)
    }

    /// All attributes of a queue as texts. Times in them are seconds since the Unix epoch.
    pub(crate) fn attributes(&mut self, url: &str, now: Millis) -> Result<Texts, Refusal> {
        let (queue, _) = self.current(url, now)?;
        let tally = queue.tally();
        let mut texts = queue.settings.texts.clone();
        for (name, value) in [
            ("ApproximateNumberOfMessages", tally.visible.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", tally.in_flight.to_string()),
            ("ApproximateNumberOfMessagesDelayed", tally.delayed.to_string()),
            ("CreatedTimestamp", (queue.created / 1000).to_string()),
            ("LastModifiedTimestamp", (queue.modified / 1000).to_string()),
            ("QueueArn", arn_of(&queue.name)),
        ] {
            texts.insert(name.to_owned(), value);
        }
        Ok(texts)
    }

    /// Sets attributes of a queue.
    pub(crate) fn set_attributes(
        &mut self,
        url: &str,
        asked: &Texts,
        now: Millis,
    ) -> Result<(), Refusal> {
        let settings = self.queue(url)?.settings.changed(asked)?;
        self.check_redrive(&settings)?;
        let queue = self.queues.get_mut(name_in(url)).ok_or_else(Refusal::no_queue)?;
        queue.settings = settings;
        queue.modified = now;
        self.changes.push(record(queue));
        Ok(())
    }

    /// Alters a queue's tags.
    pub(crate) fn retag(
        &mut self,
        url: &str,
        alter: impl FnOnce(&mut Texts),
    ) -> Result<(), Refusal> {
        let queue = self.queues.get_mut(name_in(url)).ok_or_else(Refusal::no_queue)?;
        alter(&mut queue.tags);
        self.changes.push(record(queue));
        Ok(())
    }

    /// Deletes all messages of a queue. Unlike AWS, it may be done more often than once in 60
    /// seconds.
    pub(crate) fn purge(&mut self, url: &str) -> Result<(), Refusal> {
        let queue = self.queues.get_mut(name_in(url)).ok_or_else(Refusal::no_queue)?;
        queue.clear();
        self.changes.push(Change::Purged { queue: queue.number });
        Ok(())
    }

    fn check_redrive(&self, settings: &Settings) -> Result<(), Refusal> {
        let Some(redrive) = &settings.redrive else {
            return Ok(());
        };
        let reason = match self.queues.get(&redrive.queue) {
            None => "Dead letter target does not exist.",
            Some(queue) if queue.settings.fifo != settings.fifo => {
                "Dead-letter queue must be same type of queue as the source."
            }
            Some(_) => return Ok(()),
        };
        let policy = settings.texts.get("RedrivePolicy").map_or("", String::as_str);
        Err(Refusal::value(policy, "RedrivePolicy", reason))
    }
}

fn record(queue: &Queue) -> Change {
    let json = |texts: &Texts| serde_json::to_string(texts).expect("texts are JSON");
    Change::Queue {
        queue: queue.number,
        name: queue.name.clone(),
        created: queue.created,
        modified: queue.modified,
        settings: json(&queue.settings.texts),
        tags: json(&queue.tags),
    }
}
