//! DynamoDB: dynoxide's engine behind a front of our own, which counts.
//!
//! dynoxide brings a server, but one that cannot be counted from outside, and that parses each
//! request three times to word its refusals of malformed ones as AWS does. The AWS SDKs send none
//! of those.

mod counts;
mod operation;
mod tables;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use dynoxide::{Database, DynoxideError, ImportOptions, Item};
use http::StatusCode;
use serde_json::json;

pub use counts::{Counts, OperationCounts};

use crate::Error;
use crate::random;
use crate::template::Table;

/// The largest request that DynamoDB takes (Service quotas: 16 MB, `BatchWriteItem`).
const BODY_LIMIT: usize = 16 * 1024 * 1024;
/// What DynamoDB adds to each row's bytes before it bills their storage (Developer guide, "DynamoDB
/// item sizes").
const ROW_OVERHEAD: u64 = 100;
/// How often expired items are removed. DynamoDB promises a few days.
const SWEEP_PERIOD: Duration = Duration::from_mins(1);

/// The tables, and the counts of what was asked of them.
#[derive(Clone)]
pub struct DynamoDb {
    database: Database,
    counts: Arc<Counts>,
}

impl DynamoDb {
    /// Opens the database in a file, or one in memory, and makes the tables that are not there yet.
    pub fn open(path: Option<&Path>, tables: &[Table]) -> Result<Self, Error> {
        let failed = |error: DynoxideError| Error::DynamoDb(error.to_string());
        let database = match path {
            None => Database::memory(),
            Some(path) => Database::new(&path.to_string_lossy()),
        };
        let database = database.map_err(failed)?;
        // The way to synchronous=NORMAL through dynoxide's API. With its write-ahead log a killed
        // process loses nothing; only a power cut may take the last moments, and not the file's
        // consistency.
        database.disable_bulk_loading().map_err(failed)?;
        for table in tables {
            tables::ensure(&database, table)?;
        }
        Ok(Self { database, counts: Arc::default() })
    }

    /// What was asked so far.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The row with this key as it is, uncounted.
    pub fn row(&self, table: &str, partition: &str, sort: &str) -> Result<Option<Item>, Error> {
        let key = json!({ "partition": { "S": partition }, "sort": { "S": sort } });
        let request = serde_json::from_value(
            json!({ "TableName": table, "Key": key, "ConsistentRead": true }),
        );
        let request = request.map_err(|error| Error::DynamoDb(error.to_string()))?;
        let found =
            self.database.get_item(request).map_err(|error| Error::DynamoDb(error.to_string()))?;
        Ok(found.item)
    }

    /// Bytes that a table's rows are billed for.
    pub fn stored(&self, table: &str) -> Result<u64, Error> {
        let stats =
            self.database.table_stats().map_err(|error| Error::DynamoDb(error.to_string()))?;
        let own = stats.into_iter().find(|stats| stats.table_name == table);
        Ok(own.map_or(0, |stats| {
            stats.size_bytes + ROW_OVERHEAD * u64::try_from(stats.item_count).unwrap_or_default()
        }))
    }

    /// Puts rows as they are, uncounted: all of them, in one transaction.
    pub fn fill(&self, table: &str, rows: Vec<Item>) -> Result<(), Error> {
        let options = ImportOptions { record_streams: false, set_cached_at: false };
        let filled = self.database.import_items(table, rows, options);
        filled.map(drop).map_err(|error| Error::DynamoDb(error.to_string()))
    }

    /// Serves the DynamoDB JSON protocol.
    pub fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    /// Removes expired items from time to time, for ever.
    pub async fn sweep(self) {
        loop {
            tokio::time::sleep(SWEEP_PERIOD).await;
            // A failure is the database's, and the next request reports it better.
            let _ = self.database.sweep_ttl();
        }
    }
}

async fn answer(State(dynamodb): State<DynamoDb>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.strip_prefix("DynamoDB_20120810."));
    let Some(operation) = operation.and_then(operation::Operation::named) else {
        let unknown = r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#;
        return response(StatusCode::BAD_REQUEST, unknown.to_owned());
    };
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        let large = r#"{"__type":"com.amazon.coral.service#SerializationException","message":"The request is too large"}"#;
        return response(StatusCode::PAYLOAD_TOO_LARGE, large.to_owned());
    };
    match operation.run(&dynamodb.database, &body) {
        Ok(answer) => {
            dynamodb.counts.succeeded(operation, answer.units);
            response(StatusCode::OK, answer.body)
        }
        Err(operation::Refusal { error, units }) => {
            dynamodb.counts.failed(operation, units);
            let status =
                StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST);
            response(status, error.to_json())
        }
    }
}

fn response(status: StatusCode, body: String) -> Response {
    // No x-amz-crc32: the SDKs check it when it is there, and loopback needs no checksum.
    Response::builder()
        .status(status)
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amzn-requestid", random::hex())
        .body(Body::from(body))
        .unwrap_or_default()
}
