//! The record in DynamoDB: two tables, every key pattern in [`keys`], every access behind a method
//! that says what it is for. A condition that does not hold is an outcome, not an error.

pub mod api_keys;
mod breakers;
pub mod deliveries;
pub mod erasures;
pub mod event_types;
pub mod events;
pub mod flows;
pub mod held;
pub mod idempotency;
mod item;
mod keys;
mod merged;
pub mod paces;
mod releases;
pub mod resends;
mod rounds;
mod rows;
pub mod statistics;
mod stored;
pub mod subscriptions;
mod table;
pub mod tenants;
pub mod wanted;

use std::time::Duration;

use aws_sdk_dynamodb::Client;

use crate::core::id::EventId;
use crate::core::timestamp::Timestamp;
pub use keys::SHARDS;
pub use rounds::rounds;
use table::Table;

/// What the platform and its tenants set: tenants, key hashes, event types, subscriptions.
#[derive(Debug, Clone)]
pub struct ConfigStore {
    table: Table,
}

impl ConfigStore {
    /// Over the config table of this name.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { table: Table::new(client, table) }
    }
}

/// What happened: events, deliveries and their attempts, for as long as the retention says.
#[derive(Debug, Clone)]
pub struct LogStore {
    table: Table,
    retention: Duration,
}

impl LogStore {
    /// Over the log table of this name, keeping each row for `retention` from its event's time.
    #[must_use]
    pub fn new(client: Client, table: String, retention: Duration) -> Self {
        Self { table: Table::new(client, table), retention }
    }

    /// In Unix seconds, as DynamoDB wants it: what is said, or the deployment's retention from the
    /// event's time.
    fn expiry(&self, event: EventId, said: Option<Timestamp>) -> i64 {
        said.unwrap_or_else(|| event.timestamp().after(self.retention)).as_unix_seconds()
    }
}

/// What a conditional write of a row came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// The row stands as it was given.
    Saved,
    /// Somebody else wrote it in between: load it again and decide anew.
    Lost,
}

/// What a create came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It is new.
    Created,
    /// It was there, and is as it was.
    AlreadyThere,
}

/// The store failed: DynamoDB did not answer, refused, or gave back a row that does not read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB failed or refused, after the SDK's own retries.
    #[error("DynamoDB {operation}: {detail}")]
    Dynamo {
        /// The operation, such as `PutItem`.
        operation: &'static str,
        /// DynamoDB's or the SDK's words.
        detail: String,
        /// Whether the same call may succeed later.
        retryable: bool,
    },
    /// A row lacks an attribute or holds one that does not read.
    #[error("a row does not read: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Dynamo { retryable: true, .. })
    }
}
