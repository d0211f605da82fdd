//! Metrics: what an invocation did, gathered and written as one line of its log, from which
//! CloudWatch takes them (the embedded metric format:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).
//!
//! One dimension, the deployment: a metric costs by the month for every value that its dimensions
//! have, so that no tenant, subscription or event may be one. Nothing waits for the line, and a
//! crash loses it and nothing else.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::core::timestamp::Timestamp;

const NAMESPACE: &str = "Postrider";
const DIMENSION: &str = "deployment";
/// Values of a metric in one line at most.
const MAX_VALUES: usize = 100;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Count {
    /// Attempts that the receiver accepted.
    AttemptsSucceeded,
    /// Attempts that it answered otherwise.
    AttemptsRejected,
    /// Attempts without an answer in time.
    AttemptsTimedOut,
    /// Attempts without any answer.
    AttemptsUnreachable,
    /// Attempts that were not made: the address is blocked.
    AttemptsBlocked,
    /// Deliveries put on hold: their subscription is paused.
    Held,
    /// Waits too long for the queue: the scheduler brings the delivery back.
    Parked,
    /// Deliveries given up.
    Exhausted,
    /// Subscriptions that began to fail.
    Failing,
    /// Failing subscriptions that accepted again.
    Recovered,
    /// Subscriptions disabled by what their receiver answered.
    SubscriptionsDisabled,
}

impl Count {
    const fn name(self) -> &'static str {
        match self {
            Self::AttemptsSucceeded => "attempts_succeeded",
            Self::AttemptsRejected => "attempts_rejected",
            Self::AttemptsTimedOut => "attempts_timed_out",
            Self::AttemptsUnreachable => "attempts_unreachable",
            Self::AttemptsBlocked => "attempts_blocked",
            Self::Held => "held",
            Self::Parked => "parked",
            Self::Exhausted => "exhausted",
            Self::Failing => "failing",
            Self::Recovered => "recovered",
            Self::SubscriptionsDisabled => "subscriptions_disabled",
        }
    }
}

/// What is timed, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Time {
    /// From acceptance to the start of the first attempt.
    PublishToFirstAttempt,
    /// From acceptance to the end of the attempt that was accepted.
    PublishToDelivered,
}

impl Time {
    const fn name(self) -> &'static str {
        match self {
            Self::PublishToFirstAttempt => "publish_to_first_attempt",
            Self::PublishToDelivered => "publish_to_delivered",
        }
    }
}

/// What the present invocation did. A process of Lambda has one invocation at a time; what works in
/// it at once shares this.
#[derive(Debug)]
pub struct Metrics {
    deployment: String,
    gathered: Mutex<Gathered>,
}

#[derive(Debug, Default)]
struct Gathered {
    counts: BTreeMap<Count, u64>,
    times: BTreeMap<Time, Vec<u64>>,
}

impl Metrics {
    /// Of the deployment of this name.
    #[must_use]
    pub fn new(deployment: String) -> Self {
        Self { deployment, gathered: Mutex::default() }
    }

    /// Counts one.
    pub fn count(&self, what: Count) {
        *self.gathered().counts.entry(what).or_default() += 1;
    }

    /// Notes how long something took.
    pub fn time(&self, what: Time, took: Duration) {
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.gathered().times.entry(what).or_default().push(millis);
    }

    /// Writes what was gathered, at the end of an invocation, and starts anew; nothing if there is
    /// nothing.
    pub fn write(&self, now: Timestamp) {
        let lines = self.take(now);
        if !lines.is_empty() {
            // In one write, so that lines stay whole. There is nobody to tell if standard output is
            // gone.
            let _ = std::io::stdout().lock().write_all(lines.as_bytes());
        }
    }

    fn take(&self, now: Timestamp) -> String {
        let Gathered { mut counts, mut times } = std::mem::take(&mut *self.gathered());
        let mut lines = String::new();
        loop {
            let (mut metrics, mut values) = (Vec::new(), BTreeMap::new());
            for (what, count) in std::mem::take(&mut counts) {
                metrics.push(Metric { name: what.name(), unit: "Count" });
                values.insert(what.name(), Values::One(count));
            }
            for (what, left) in times.iter_mut().filter(|(_, left)| !left.is_empty()) {
                let rest = left.split_off(left.len().min(MAX_VALUES));
                metrics.push(Metric { name: what.name(), unit: "Milliseconds" });
                values.insert(what.name(), Values::Many(std::mem::replace(left, rest)));
            }
            if metrics.is_empty() {
                return lines;
            }
            let directive = Directive { namespace: NAMESPACE, dimensions: [[DIMENSION]], metrics };
            let metadata = Metadata { timestamp: now.as_millis(), directives: [directive] };
            let line = Line { metadata, deployment: &self.deployment, values };
            // Text and numbers always serialize.
            lines.push_str(&serde_json::to_string(&line).unwrap_or_default());
            lines.push('\n');
        }
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "_aws")]
    metadata: Metadata,
    deployment: &'a str,
    #[serde(flatten)]
    values: BTreeMap<&'static str, Values>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    /// Milliseconds since the epoch.
    timestamp: i64,
    #[serde(rename = "CloudWatchMetrics")]
    directives: [Directive; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: [[&'static str; 1]; 1],
    metrics: Vec<Metric>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Values {
    One(u64),
    Many(Vec<u64>),
}

#[cfg(test)]
mod tests;
