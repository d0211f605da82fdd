//! The template, read as the deployment reads it: what to run, and how it is wired.
//!
//! [`Document`] is the file; [`parameters`](Document::parameters) gives its parameters values;
//! [`Scope`] knows which conditions hold under these, and resolves `!Ref`, `!GetAtt`, `!Sub`,
//! `!Join` and `!If`; [`System`] is the result, with nothing left to resolve. What this runner does
//! not understand and what matters is an error, never passed over in silence.

mod api;
mod conditions;
mod document;
mod events;
mod functions;
mod names;
mod parameters;
mod rights;
mod scope;
mod stores;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

pub use api::{RouteKey, Segment};
pub use document::{Document, Resource};
pub use scope::Scope;

/// The region that the local stack says it is in.
pub const REGION: &str = "us-east-1";
/// The account that the local stack says it is.
pub const ACCOUNT: &str = "000000000000";

/// How the names of FIFO queues end.
pub const FIFO_SUFFIX: &str = ".fifo";

/// What the template describes.
#[derive(Debug)]
pub struct System {
    /// The DynamoDB tables.
    pub tables: Vec<Table>,
    /// The SQS queues, dead-letter queues before the queues that name them.
    pub queues: Vec<Queue>,
    /// The secrets.
    pub secrets: Vec<Secret>,
    /// The Lambda functions.
    pub functions: Vec<Function>,
    /// The HTTP API's routes.
    pub routes: Vec<Route>,
}

/// A DynamoDB table.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The `CreateTable` request.
    pub definition: serde_json::Value,
    /// The attribute that holds an item's time to live, in seconds since 1970.
    pub expires: Option<String>,
}

/// An SQS queue.
#[derive(Debug)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Its attributes, as `CreateQueue` takes them.
    pub attributes: BTreeMap<String, String>,
}

/// A secret of Secrets Manager.
#[derive(Debug)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// How many letters and digits are made for it.
    pub length: usize,
}

/// A Lambda function.
#[derive(Debug)]
pub struct Function {
    /// Its name: the last segment of `CodeUri`, which is also its package and its binary.
    pub name: String,
    /// Its logical id in the template.
    pub id: String,
    /// The longest that one invocation may take.
    pub timeout: Duration,
    /// The most memory that a process of it may have, in MB.
    pub memory: u64,
    /// The most that a process may keep in `/tmp`, in MB.
    pub temporary: u64,
    /// Its own environment variables.
    pub variables: BTreeMap<String, String>,
    /// The logical id of its role.
    pub role: String,
    /// What its role lets it ask of DynamoDB and SQS.
    pub rights: BTreeSet<Right>,
    /// The queues that invoke it.
    pub mappings: Vec<Mapping>,
    /// How often the schedule invokes it.
    pub schedule: Option<Duration>,
}

/// An action that may be asked for on a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// Such as `dynamodb:GetItem`.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.action, self.resource)
    }
}

/// An SQS event source mapping.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The queue's name.
    pub queue: String,
    /// The most messages in one invocation.
    pub batch_size: usize,
    /// How long to gather a batch. Zero: invoke as soon as something is there.
    pub window: Duration,
    /// Whether the function's answer names the messages that failed.
    pub reports_failures: bool,
    /// Concurrent invocations at most.
    pub concurrency: usize,
}

/// A route of the HTTP API.
#[derive(Debug)]
pub struct Route {
    /// What it matches.
    pub key: RouteKey,
    /// The name of the function that answers.
    pub function: String,
}

impl System {
    /// Reads everything that the stack runs out of a document.
    pub fn describe(document: &Document, scope: &Scope) -> Result<Self, Error> {
        document.check_types()?;
        let system = Self {
            tables: stores::tables(document, scope)?,
            queues: stores::queues(document, scope)?,
            secrets: stores::secrets(document, scope)?,
            functions: functions::functions(document, scope)?,
            routes: api::routes(document, scope)?,
        };
        if system.functions.is_empty() {
            return Err(Error::new("Resources", "it describes no function"));
        }
        Ok(system)
    }
}

/// What is wrong with the template or its parameters.
#[derive(Debug, thiserror::Error)]
#[error("template: {place}: {reason}")]
pub struct Error {
    place: String,
    reason: String,
}

impl Error {
    pub(crate) fn new(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: place.into(), reason: reason.into() }
    }
}

#[cfg(test)]
mod tests;
