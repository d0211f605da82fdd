//! What was asked of the stand-ins for AWS, from the stack's `/_stack`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What `/_stack` says, as far as it is measured by.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Status {
    pub(crate) pid: u32,
    pub(crate) functions: BTreeMap<String, Function>,
    pub(crate) queues: BTreeMap<String, Tally>,
    sqs: BTreeMap<String, Sqs>,
    sqs_by_queue: BTreeMap<String, u64>,
    dynamodb: DynamoDb,
    http: Http,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Function {
    pub(crate) pids: Vec<u32>,
    pub(crate) busy: usize,
    invocations: u64,
    errors: u64,
    billed_ms: u64,
    log_bytes: u64,
}

/// A queue's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct Tally {
    visible: Option<u64>,
    in_flight: Option<u64>,
    delayed: Option<u64>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Sqs {
    requests: u64,
    empty: u64,
    messages: u64,
    billed: u64,
}

#[derive(Debug, Clone, Deserialize)]
struct DynamoDb {
    requests: BTreeMap<String, u64>,
    units: BTreeMap<String, f64>,
    read_units: f64,
    write_units: f64,
}

#[derive(Debug, Clone, Deserialize)]
struct Http {
    requests: u64,
    answered_bytes: u64,
}

/// What was asked between two looks.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Asked {
    /// HTTP requests at the API.
    pub(crate) http_requests: u64,
    /// Bytes of their answers.
    pub(crate) answered_bytes: u64,
    /// By action.
    pub(crate) sqs: BTreeMap<String, SqsAsked>,
    /// Billed requests to SQS with a message, by queue.
    pub(crate) sqs_by_queue: BTreeMap<String, u64>,
    /// By operation.
    pub(crate) dynamodb: BTreeMap<String, DynamoDbAsked>,
    /// Of DynamoDB, by all operations together.
    pub(crate) read_units: f64,
    pub(crate) write_units: f64,
    /// By function.
    pub(crate) lambda: BTreeMap<String, LambdaAsked>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct SqsAsked {
    pub(crate) requests: u64,
    /// Those without a message, such as a poll that found nothing.
    pub(crate) empty: u64,
    pub(crate) messages: u64,
    pub(crate) billed: u64,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct DynamoDbAsked {
    pub(crate) requests: u64,
    pub(crate) units: f64,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct LambdaAsked {
    pub(crate) invocations: u64,
    pub(crate) errors: u64,
    /// From the invocation to its answer, each rounded up to a whole millisecond.
    pub(crate) billed_ms: u64,
    /// Bytes of log lines.
    pub(crate) log_bytes: u64,
}

impl Status {
    /// Whether every queue is empty.
    pub(crate) fn is_at_rest(&self) -> bool {
        let empty = Tally { visible: Some(0), in_flight: Some(0), delayed: Some(0) };
        self.queues.values().all(|tally| *tally == empty)
    }

    /// How many messages are in the queues.
    pub(crate) fn left(&self) -> u64 {
        let all = |tally: &Tally| {
            [tally.visible, tally.in_flight, tally.delayed].into_iter().flatten().sum::<u64>()
        };
        self.queues.values().map(all).sum()
    }

    /// Whether nothing is in any queue but so many messages that are hidden, and no function works.
    pub(crate) fn waits_for_retries(&self, hidden: u64) -> bool {
        let sum = |figure: fn(&Tally) -> Option<u64>| {
            self.queues.values().map(|tally| figure(tally).unwrap_or(1)).sum()
        };
        let [visible, in_flight, delayed]: [u64; 3] =
            [sum(|tally| tally.visible), sum(|tally| tally.in_flight), sum(|tally| tally.delayed)];
        let idle = self.functions.values().all(|function| function.busy == 0);
        (visible, in_flight, delayed) == (0, hidden, 0) && idle
    }

    /// What was asked since `earlier`; what was not asked for is left out.
    pub(crate) fn since(&self, earlier: &Self) -> Asked {
        let sqs = self.sqs.iter().map(|(action, now)| {
            let before = earlier.sqs.get(action).cloned().unwrap_or_default();
            let asked = SqsAsked {
                requests: now.requests - before.requests,
                empty: now.empty - before.empty,
                messages: now.messages - before.messages,
                billed: now.billed - before.billed,
            };
            (action.clone(), asked)
        });
        let by_queue = self.sqs_by_queue.iter().map(|(queue, now)| {
            (queue.clone(), now - earlier.sqs_by_queue.get(queue).copied().unwrap_or_default())
        });
        let dynamodb = self.dynamodb.requests.iter().map(|(operation, requests)| {
            let before = earlier.dynamodb.requests.get(operation).copied().unwrap_or_default();
            let units =
                |status: &Self| status.dynamodb.units.get(operation).copied().unwrap_or_default();
            (
                operation.clone(),
                DynamoDbAsked { requests: requests - before, units: units(self) - units(earlier) },
            )
        });
        let lambda = self.functions.iter().map(|(name, now)| {
            let before =
                |figure: fn(&Function) -> u64| earlier.functions.get(name).map_or(0, figure);
            let asked = LambdaAsked {
                invocations: now.invocations - before(|function| function.invocations),
                errors: now.errors - before(|function| function.errors),
                billed_ms: now.billed_ms - before(|function| function.billed_ms),
                log_bytes: now.log_bytes - before(|function| function.log_bytes),
            };
            (name.clone(), asked)
        });
        Asked {
            http_requests: self.http.requests - earlier.http.requests,
            answered_bytes: self.http.answered_bytes - earlier.http.answered_bytes,
            sqs: sqs.filter(|(_, asked)| asked.requests > 0).collect(),
            sqs_by_queue: by_queue.collect(),
            dynamodb: dynamodb.filter(|(_, asked)| asked.requests > 0).collect(),
            read_units: self.dynamodb.read_units - earlier.dynamodb.read_units,
            write_units: self.dynamodb.write_units - earlier.dynamodb.write_units,
            lambda: lambda.filter(|(_, asked)| asked.invocations > 0).collect(),
        }
    }
}
