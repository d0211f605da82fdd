//! What was counted while the workloads ran: `infra/cost/counts.json`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::asked::Asked;

/// The queue whose messages have a `MessageGroupId`.
const FAIR_QUEUE: &str = "DeliveriesQueue";

/// All that was counted, and under which conditions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Counts {
    /// The day.
    pub(super) date: String,
    /// The machine's CPU.
    pub(super) machine: String,
    pub(super) conditions: Conditions,
    /// One run of the scheduler that finds nothing to do.
    pub(super) tick: Counted,
    pub(super) workloads: Vec<Workload>,
}

/// What is assumed where this machine is not AWS.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Conditions {
    /// Milliseconds that a receiver takes to answer.
    pub receiver_ms: u32,
    /// Milliseconds that each request to SQS and DynamoDB takes.
    pub aws_ms: u32,
}

/// One workload in one kind of traffic, counted for each delivery.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Workload {
    pub(super) name: String,
    pub(super) traffic: Traffic,
    /// Deliveries of the run.
    pub(super) deliveries: u32,
    #[serde(flatten)]
    pub(super) counted: Counted,
}

/// How much comes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Traffic {
    /// One request a minute: nothing is batched, every cache is stale.
    Quiet,
    /// The queues are never empty: batches are full, caches hold.
    Busy,
}

/// What is billed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Counted {
    pub(super) http_requests: f64,
    pub(super) functions: BTreeMap<String, Invoked>,
    /// Billed requests that carried a message.
    pub(super) sqs_requests: f64,
    /// Those of them to the fair queue.
    pub(super) sqs_fair_requests: f64,
    pub(super) read_units: f64,
    pub(super) write_units: f64,
    pub(super) log_bytes: f64,
    /// Requests to receivers and answers of the API, heads included.
    pub(super) sent_bytes: f64,
    /// What the record grew by.
    pub(super) stored_bytes: f64,
}

/// Of one function.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Invoked {
    pub(super) invocations: f64,
    /// Milliseconds from the invocation to its answer on this machine, under the conditions.
    pub(super) wall_ms: f64,
    /// Milliseconds of CPU therein.
    pub(super) cpu_ms: f64,
}

impl Counted {
    /// Of what was asked, and the CPU that each function used; `received` and `stored` are bytes.
    pub(super) fn of(
        asked: &Asked,
        cpu: &BTreeMap<String, Duration>,
        received: u64,
        stored: u64,
    ) -> Self {
        let functions = asked.lambda.iter().map(|(name, lambda)| {
            let cpu_ms = cpu.get(name).map_or(0.0, |time| time.as_secs_f64() * 1_000.0);
            let invoked = Invoked {
                invocations: float(lambda.invocations),
                wall_ms: float(lambda.billed_ms),
                cpu_ms,
            };
            (name.clone(), invoked)
        });
        Self {
            http_requests: float(asked.http_requests),
            functions: functions.collect(),
            sqs_requests: float(asked.sqs_by_queue.values().sum()),
            sqs_fair_requests: float(
                asked.sqs_by_queue.get(FAIR_QUEUE).copied().unwrap_or_default(),
            ),
            read_units: asked.read_units,
            write_units: asked.write_units,
            log_bytes: float(asked.lambda.values().map(|lambda| lambda.log_bytes).sum()),
            sent_bytes: float(received + asked.answered_bytes),
            stored_bytes: float(stored),
        }
    }

    /// Of one of `parts` that cost the same, to four decimals.
    pub(super) fn per(&self, parts: u32) -> Self {
        let parts = f64::from(parts.max(1));
        self.with(&Self::default(), |own, _| (own / parts * 1e4).round() / 1e4)
    }

    /// Of this many.
    pub(super) fn times(&self, count: f64) -> Self {
        self.with(&Self::default(), |own, _| own * count)
    }

    /// Without what was not meant; never less than nothing.
    pub(super) fn without(&self, other: &Self) -> Self {
        self.with(other, |own, other| (own - other).max(0.0))
    }

    /// How many deliveries an invocation of the delivery function has, where this is one delivery.
    pub(super) fn deliveries_an_invocation(&self) -> f64 {
        self.functions.get("delivery").map_or(0.0, |delivery| 1.0 / delivery.invocations)
    }

    fn with(&self, other: &Self, change: impl Fn(f64, f64) -> f64) -> Self {
        let functions = self.functions.iter().map(|(name, own)| {
            let other = other.functions.get(name).copied().unwrap_or_default();
            let invoked = Invoked {
                invocations: change(own.invocations, other.invocations),
                wall_ms: change(own.wall_ms, other.wall_ms),
                cpu_ms: change(own.cpu_ms, other.cpu_ms),
            };
            (name.clone(), invoked)
        });
        Self {
            http_requests: change(self.http_requests, other.http_requests),
            functions: functions.filter(|(_, invoked)| *invoked != Invoked::default()).collect(),
            sqs_requests: change(self.sqs_requests, other.sqs_requests),
            sqs_fair_requests: change(self.sqs_fair_requests, other.sqs_fair_requests),
            read_units: change(self.read_units, other.read_units),
            write_units: change(self.write_units, other.write_units),
            log_bytes: change(self.log_bytes, other.log_bytes),
            sent_bytes: change(self.sent_bytes, other.sent_bytes),
            stored_bytes: change(self.stored_bytes, other.stored_bytes),
        }
    }
}

fn float(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests;
