//! Metrics: what an invocation did, gathered and written as one line of its log, from which CloudWatch takes them (the
//! embedded metric format:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).
//!
//! One dimension, the deployment: a metric costs by the month for every value that its dimensions have, so that no
//! tenant, subscription or event may be one. Nothing waits for the line, and a crash loses it and nothing else.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::timestamp::Timestamp;

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

/// What the present invocation did. A process of Lambda has one invocation at a time; what works in it at once shares
/// this.
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

    /// Writes what was gathered, at the end of an invocation, and starts anew; nothing if there is nothing.
    pub fn write(&self, now: Timestamp) {
        let lines = self.take(now);
        if !lines.is_empty() {
            // In one write, so that lines stay whole. There is nobody to tell if standard output is gone.
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
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_123);

    fn delivered(metrics: &Metrics, first: u64, delivered: u64) {
        metrics.count(Count::AttemptsSucceeded);
        metrics.time(Time::PublishToFirstAttempt, Duration::from_millis(first));
        metrics.time(Time::PublishToDelivered, Duration::from_millis(delivered));
    }

    #[test]
    fn an_invocation_is_one_line_of_the_embedded_metric_format() {
        let metrics = Metrics::new("postrider".to_owned());
        delivered(&metrics, 12, 40);
        delivered(&metrics, 7, 9);
        metrics.count(Count::Held);
        let expected = concat!(
            r#"{"_aws":{"Timestamp":1790000000123,"CloudWatchMetrics":[{"Namespace":"Postrider","#,
            r#""Dimensions":[["deployment"]],"Metrics":[{"Name":"attempts_succeeded","Unit":"Count"},"#,
            r#"{"Name":"held","Unit":"Count"},{"Name":"publish_to_first_attempt","Unit":"Milliseconds"},"#,
            r#"{"Name":"publish_to_delivered","Unit":"Milliseconds"}]}]},"deployment":"postrider","#,
            r#""attempts_succeeded":2,"held":1,"publish_to_delivered":[40,9],"publish_to_first_attempt":[12,7]}"#,
            "\n"
        );
        assert_eq!(metrics.take(NOW), expected);
        assert_eq!(metrics.take(NOW), "", "what was written is not written again, and nothing makes no line");
    }

    #[test]
    fn every_metric_has_a_name_of_its_own_and_fits_into_the_line() {
        let metrics = Metrics::new("d".to_owned());
        let counts = [
            Count::AttemptsSucceeded,
            Count::AttemptsRejected,
            Count::AttemptsTimedOut,
            Count::AttemptsUnreachable,
            Count::AttemptsBlocked,
            Count::Held,
            Count::Parked,
            Count::Exhausted,
            Count::Failing,
            Count::Recovered,
            Count::SubscriptionsDisabled,
        ];
        for what in counts {
            metrics.count(what);
        }
        for what in [Time::PublishToFirstAttempt, Time::PublishToDelivered] {
            metrics.time(what, Duration::ZERO);
        }
        let line: serde_json::Value = serde_json::from_str(&metrics.take(NOW)).unwrap();
        let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
        assert_eq!((metrics.len(), line.as_object().unwrap().len()), (13, 15));
        for metric in metrics {
            let value = &line[metric["Name"].as_str().unwrap()];
            let expected = if metric["Unit"] == "Count" { serde_json::json!(1) } else { serde_json::json!([0]) };
            assert_eq!(value, &expected, "{metric}");
        }
    }

    #[test]
    fn more_values_than_a_line_takes_go_on_in_the_next_and_counts_are_not_repeated() {
        let metrics = Metrics::new("d".to_owned());
        (0..250).for_each(|n| delivered(&metrics, n, n));
        let text = metrics.take(NOW);
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let of = |name: &str| -> Vec<usize> {
            lines.iter().filter_map(|line| line[name].as_array()).map(Vec::len).collect()
        };
        assert_eq!(
            (of("publish_to_first_attempt"), of("publish_to_delivered")),
            (vec![100, 100, 50], vec![100, 100, 50])
        );
        let counts: Vec<_> = lines.iter().map(|line| line["attempts_succeeded"].as_u64()).collect();
        assert_eq!(counts, [Some(250), None, None]);
        assert_eq!(lines[2]["publish_to_delivered"][49], 249);
    }

    /// At half a dollar a GB of log, a million deliveries cost 0.02 dollars by tens, and 0.20 one by one.
    #[test]
    fn the_line_of_deliveries_that_succeed_is_short() {
        for (deliveries, most) in [(1, 400), (10, 480)] {
            let metrics = Metrics::new("postrider".to_owned());
            (0..deliveries).for_each(|_| delivered(&metrics, 123, 145));
            let bytes = metrics.take(NOW).len();
            assert!(bytes <= most, "{bytes} bytes");
        }
    }
}
