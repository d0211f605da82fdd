//! Who of a batch is worked on when: a subscription has a share of it, so that its receiver is not
//! hit by all at once, and one that is slow holds the batch up once and not again and again.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::Message;
use crate::edges::queue::messages::Ids;

/// Messages of one subscription that are worked on at the same time.
const SHARE: usize = 5;
/// What takes longer is slow: what of its subscription still waits is given back to the queue.
pub const SLOW: Duration = Duration::from_secs(2);
/// A message that came more often than this is not given back any more: SQS gives up those that
/// come a hundred times, and that is for our own failures.
const RECEIVES: u32 = 20;

/// What is to be done with a message now.
#[derive(Debug, Clone)]
pub enum Step {
    /// Work on it.
    Start(Message),
    /// Hide it for a while.
    GiveBack(Message),
}

/// The messages of a batch that wait, and what is known of the others. Times are from the batch's
/// start.
#[derive(Debug, Default)]
pub struct Shares {
    waiting: Vec<(Option<String>, Message)>,
    running: HashMap<String, (String, Duration)>,
    slow: HashSet<String>,
}

impl Shares {
    /// All of them wait.
    pub fn new(messages: Vec<Message>) -> Self {
        // What is not more than a share needs no look into the bodies.
        let is_small = messages.len() <= SHARE;
        let subscription = |message: &Message| {
            let shares = !is_small && message.receive_count <= RECEIVES;
            shares.then(|| Ids::of(&message.body).subscription).flatten()
        };
        let waiting =
            messages.into_iter().map(|message| (subscription(&message), message)).collect();
        Self { waiting, ..Self::default() }
    }

    /// What is to be done now with those that wait.
    pub fn next(&mut self, now: Duration) -> Vec<Step> {
        let stuck = self.running.values().filter(|(_, since)| now >= *since + SLOW);
        self.slow.extend(stuck.map(|(subscription, _)| subscription.clone()));
        let mut steps = Vec::new();
        for (subscription, message) in std::mem::take(&mut self.waiting) {
            let Some(subscription) = subscription else {
                steps.push(Step::Start(message));
                continue;
            };
            if self.slow.contains(&subscription) {
                steps.push(Step::GiveBack(message));
            } else if self.running.values().filter(|(other, _)| *other == subscription).count()
                < SHARE
            {
                self.running.insert(message.id.clone(), (subscription, now));
                steps.push(Step::Start(message));
            } else {
                self.waiting.push((Some(subscription), message));
            }
        }
        steps
    }

    /// A message is worked on no more.
    pub fn ended(&mut self, id: &str, now: Duration) {
        if let Some((subscription, since)) = self.running.remove(id)
            && now >= since + SLOW
        {
            self.slow.insert(subscription);
        }
    }
}

/// Seconds for which a message is hidden that was given back: 2 to 6 at first, 16 to 48 from the
/// fourth time on. `share` is a random number in 0..1, so that they do not all come back at once.
pub fn pause(receive_count: u32, share: f64) -> i32 {
    let longest = 4 << receive_count.saturating_sub(1).min(3);
    #[expect(clippy::cast_possible_truncation, reason = "at most 48")]
    let seconds = (f64::from(longest) * (0.5 + share)) as i32;
    seconds
}

#[cfg(test)]
mod tests;
