//! DynamoDB's operations: read the request, run it, write the answer and what it consumed.

use dynoxide::types::{item_size, write_capacity_units};
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The operations that the local stack serves. Streams, tags and vectors are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    GetItem,
    BatchGetItem,
    TransactGetItems,
    Query,
    Scan,
    PutItem,
    UpdateItem,
    DeleteItem,
    BatchWriteItem,
    TransactWriteItems,
    ExecuteStatement,
    BatchExecuteStatement,
    ExecuteTransaction,
    CreateTable,
    DescribeTable,
    ListTables,
    UpdateTable,
    DeleteTable,
    UpdateTimeToLive,
    DescribeTimeToLive,
}

use Operation as Op;

/// An operation's answer, and the capacity units that it consumed.
pub(super) struct Answer {
    pub(super) body: String,
    pub(super) units: f64,
}

/// Why an operation failed, and the capacity units that it consumed nevertheless.
pub(super) struct Refusal {
    pub(super) error: DynoxideError,
    pub(super) units: f64,
}

impl From<DynoxideError> for Refusal {
    fn from(error: DynoxideError) -> Self {
        Self { error, units: 0.0 }
    }
}

/// Runs an operation that consumes capacity, always asking how much, and answers with that only
/// when it was asked.
macro_rules! counted {
    ($database:expr, $body:expr, $call:ident) => {{
        let request = read($body, |request| $database.$call(request).map(drop))?;
        counted!($database, $call, of request)
    }};
    ($database:expr, $call:ident, of $request:expr) => {{
        let mut request = $request;
        let asked = request.return_consumed_capacity.as_deref().is_some_and(|mode| mode != "NONE");
        if !asked {
            request.return_consumed_capacity = Some("TOTAL".to_owned());
        }
        let mut response = $database.$call(request).map_err(Refusal::from)?;
        let units = response.consumed_capacity.iter().map(Units::units).sum();
        if !asked {
            response.consumed_capacity = None;
        }
        write(&response, units)
    }};
}

/// As `counted`, for a write of one row, which costs as well when its condition does not hold:
/// always asks for the row that it did not hold of, and shows that only when it was asked.
macro_rules! conditional {
    ($database:expr, $body:expr, $call:ident) => {{
        let mut request = read($body, |request| $database.$call(request).map(drop))?;
        let asked = request.return_values_on_condition_check_failure.as_deref() == Some("ALL_OLD");
        request.return_values_on_condition_check_failure = Some("ALL_OLD".to_owned());
        let run = || counted!($database, $call, of request);
        run().map_err(|refusal: Refusal| unmet(refusal.error, asked))
    }};
}

/// Runs an operation that consumes none.
macro_rules! free {
    ($database:expr, $body:expr, $call:ident) => {{
        let request = read($body, |request| $database.$call(request).map(drop))?;
        write(&$database.$call(request)?, 0.0)
    }};
}

impl Operation {
    pub(super) const ALL: [Self; 20] = [
        Op::GetItem,
        Op::BatchGetItem,
        Op::TransactGetItems,
        Op::Query,
        Op::Scan,
        Op::PutItem,
        Op::UpdateItem,
        Op::DeleteItem,
        Op::BatchWriteItem,
        Op::TransactWriteItems,
        Op::ExecuteStatement,
        Op::BatchExecuteStatement,
        Op::ExecuteTransaction,
        Op::CreateTable,
        Op::DescribeTable,
        Op::ListTables,
        Op::UpdateTable,
        Op::DeleteTable,
        Op::UpdateTimeToLive,
        Op::DescribeTimeToLive,
    ];

    /// The operation of this name in the protocol.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Op::GetItem => "GetItem",
            Op::BatchGetItem => "BatchGetItem",
            Op::TransactGetItems => "TransactGetItems",
            Op::Query => "Query",
            Op::Scan => "Scan",
            Op::PutItem => "PutItem",
            Op::UpdateItem => "UpdateItem",
            Op::DeleteItem => "DeleteItem",
            Op::BatchWriteItem => "BatchWriteItem",
            Op::TransactWriteItems => "TransactWriteItems",
            Op::ExecuteStatement => "ExecuteStatement",
            Op::BatchExecuteStatement => "BatchExecuteStatement",
            Op::ExecuteTransaction => "ExecuteTransaction",
            Op::CreateTable => "CreateTable",
            Op::DescribeTable => "DescribeTable",
            Op::ListTables => "ListTables",
            Op::UpdateTable => "UpdateTable",
            Op::DeleteTable => "DeleteTable",
            Op::UpdateTimeToLive => "UpdateTimeToLive",
            Op::DescribeTimeToLive => "DescribeTimeToLive",
        }
    }

    /// Whether what it consumes are read units.
    pub(super) fn reads(self) -> bool {
        matches!(self, Op::GetItem | Op::BatchGetItem | Op::TransactGetItems | Op::Query | Op::Scan)
    }

    /// Runs it.
    pub(super) fn run(self, database: &Database, body: &[u8]) -> Result<Answer, Refusal> {
        match self {
            Op::GetItem => counted!(database, body, get_item),
            Op::BatchGetItem => counted!(database, body, batch_get_item),
            Op::TransactGetItems => counted!(database, body, transact_get_items),
            Op::Query => counted!(database, body, query),
            Op::Scan => counted!(database, body, scan),
            Op::PutItem => conditional!(database, body, put_item),
            Op::UpdateItem => conditional!(database, body, update_item),
            Op::DeleteItem => conditional!(database, body, delete_item),
            Op::BatchWriteItem => counted!(database, body, batch_write_item),
            Op::TransactWriteItems => counted!(database, body, transact_write_items),
            Op::ExecuteStatement => counted!(database, body, execute_statement),
            Op::BatchExecuteStatement => counted!(database, body, batch_execute_statement),
            Op::ExecuteTransaction => counted!(database, body, execute_transaction),
            Op::CreateTable => free!(database, body, create_table),
            Op::DescribeTable => free!(database, body, describe_table),
            Op::ListTables => free!(database, body, list_tables),
            Op::UpdateTable => free!(database, body, update_table),
            Op::DeleteTable => free!(database, body, delete_table),
            Op::UpdateTimeToLive => free!(database, body, update_time_to_live),
            Op::DescribeTimeToLive => free!(database, body, describe_time_to_live),
        }
    }
}

/// Capacity as one table's or as several tables'.
trait Units {
    fn units(&self) -> f64;
}

impl Units for dynoxide::types::ConsumedCapacity {
    fn units(&self) -> f64 {
        self.capacity_units
    }
}

impl Units for Vec<dynoxide::types::ConsumedCapacity> {
    fn units(&self) -> f64 {
        self.iter().map(Units::units).sum()
    }
}

/// A condition that does not hold costs as much as to write the row that is there, and one unit
/// where none is.
fn unmet(error: DynoxideError, shown: bool) -> Refusal {
    let DynoxideError::ConditionalCheckFailedException(message, row) = error else {
        return error.into();
    };
    let units = write_capacity_units(row.as_ref().map_or(0, item_size));
    Refusal {
        error: DynoxideError::ConditionalCheckFailedException(message, row.filter(|_| shown)),
        units,
    }
}

/// Reads a request. The second argument is never called: it says, by its type, which request is
/// meant.
fn read<T: DeserializeOwned>(
    body: &[u8],
    _: impl FnOnce(T) -> Result<(), DynoxideError>,
) -> Result<T, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| refusal(&error.to_string()))
}

fn write(response: &impl Serialize, units: f64) -> Result<Answer, Refusal> {
    let body = serde_json::to_string(response)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))?;
    Ok(Answer { body, units })
}

/// DynamoDB's error for a request that cannot be read. dynoxide marks the kind at the head of
/// serde's message.
fn refusal(message: &str) -> DynoxideError {
    let unplaced = message.split(" at line ").next().unwrap_or(message);
    for marker in ["VALIDATION_AS_READ:", "VALIDATION_REQUEST:", "VALIDATION:"] {
        if let Some(rest) = unplaced.strip_prefix(marker) {
            return DynoxideError::ValidationException(rest.to_owned());
        }
    }
    for marker in ["SERIALIZATION_AS_READ:", "SERIALIZATION:"] {
        if let Some(rest) = unplaced.strip_prefix(marker) {
            return DynoxideError::SerializationException(rest.to_owned());
        }
    }
    let invalid = [
        "missing field",
        "unknown variant",
        "invalid type: null",
        "Supplied AttributeValue",
        "empty AttributeValue",
    ];
    if invalid.iter().any(|words| unplaced.contains(words)) {
        return DynoxideError::ValidationException(unplaced.to_owned());
    }
    DynoxideError::SerializationException(unplaced.to_owned())
}

#[cfg(test)]
mod tests;
