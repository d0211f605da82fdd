//! What was asked of the stand-ins for AWS, from the stack's `/_stack`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What `/_stack` says, as far as the bench needs it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Status {
    pub(super) pid: u32,
    pub(super) functions: BTreeMap<String, Function>,
    pub(super) queues: BTreeMap<String, Tally>,
    sqs: BTreeMap<String, Sqs>,
    dynamodb: DynamoDb,
    http: Http,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Function {
    pub(super) pids: Vec<u32>,
    invocations: u64,
    errors: u64,
}

/// A queue's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct Tally {
    visible: Option<u64>,
    in_flight: Option<u64>,
    delayed: Option<u64>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Sqs {
    requests: u64,
    messages: u64,
    billed: u64,
}

#[derive(Debug, Clone, Deserialize)]
struct DynamoDb {
    requests: BTreeMap<String, u64>,
    units: BTreeMap<String, f64>,
}

#[derive(Debug, Clone, Deserialize)]
struct Http {
    requests: u64,
}

/// What was asked between two looks.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Asked {
    /// HTTP requests at the API.
    pub(super) http_requests: u64,
    /// By action.
    pub(super) sqs: BTreeMap<String, SqsAsked>,
    /// By operation.
    pub(super) dynamodb: BTreeMap<String, DynamoDbAsked>,
    /// By function.
    pub(super) lambda: BTreeMap<String, LambdaAsked>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct SqsAsked {
    pub(super) requests: u64,
    pub(super) messages: u64,
    pub(super) billed: u64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct DynamoDbAsked {
    pub(super) requests: u64,
    pub(super) units: f64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct LambdaAsked {
    pub(super) invocations: u64,
    pub(super) errors: u64,
}

impl Status {
    /// Whether every queue is empty.
    pub(super) fn is_at_rest(&self) -> bool {
        let empty = Tally { visible: Some(0), in_flight: Some(0), delayed: Some(0) };
        self.queues.values().all(|tally| *tally == empty)
    }

    /// What was asked since `earlier`; what was not asked for is left out.
    pub(super) fn since(&self, earlier: &Self) -> Asked {
        let sqs = self.sqs.iter().map(|(action, now)| {
            let before = earlier.sqs.get(action).cloned().unwrap_or_default();
            let asked = SqsAsked {
                requests: now.requests - before.requests,
                messages: now.messages - before.messages,
                billed: now.billed - before.billed,
            };
            (action.clone(), asked)
        });
        let dynamodb = self.dynamodb.requests.iter().map(|(operation, requests)| {
            let before = earlier.dynamodb.requests.get(operation).copied().unwrap_or_default();
            let units = |status: &Self| status.dynamodb.units.get(operation).copied().unwrap_or_default();
            (operation.clone(), DynamoDbAsked { requests: requests - before, units: units(self) - units(earlier) })
        });
        let lambda = self.functions.iter().map(|(name, now)| {
            let before = earlier.functions.get(name).map_or((0, 0), |before| (before.invocations, before.errors));
            let asked = LambdaAsked { invocations: now.invocations - before.0, errors: now.errors - before.1 };
            (name.clone(), asked)
        });
        Asked {
            http_requests: self.http.requests - earlier.http.requests,
            sqs: sqs.filter(|(_, asked)| asked.requests > 0).collect(),
            dynamodb: dynamodb.filter(|(_, asked)| asked.requests > 0).collect(),
            lambda: lambda.filter(|(_, asked)| asked.invocations > 0).collect(),
        }
    }
}
