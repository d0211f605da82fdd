//! What is in the tables, by DynamoDB's own protocol: to see that nothing is left that the API does
//! not show, and to write what no function would.

use http::Method;
use serde_json::{Value, json};

use crate::http::Http;

/// Items that `BatchWriteItem` takes.
const MOST_OF_A_BATCH: usize = 25;

/// The stack's `DynamoDB`.
#[derive(Debug, Clone)]
pub struct Tables {
    http: Http,
    endpoint: String,
}

impl Tables {
    /// The `DynamoDB` at an endpoint.
    #[must_use]
    pub fn new(http: Http, endpoint: &str) -> Self {
        Self { http, endpoint: endpoint.to_owned() }
    }

    /// Writes a row as it is, over what stands there.
    pub async fn put(&self, table: &str, row: &Value) {
        let headers = [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", "DynamoDB_20120810.PutItem"),
        ];
        let put = json!({ "TableName": table, "Item": row }).to_string();
        let _ = self
            .http
            .send(Method::POST, &self.endpoint, &headers, put)
            .await
            .expect("DynamoDB answers")
            .with(200);
    }

    /// Writes rows as they are, over what stands there, many in a request.
    pub async fn put_all(&self, table: &str, rows: &[Value]) {
        let headers = [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", "DynamoDB_20120810.BatchWriteItem"),
        ];
        for some in rows.chunks(MOST_OF_A_BATCH) {
            let puts: Vec<_> =
                some.iter().map(|row| json!({ "PutRequest": { "Item": row } })).collect();
            let batch = json!({ "RequestItems": { table: puts } }).to_string();
            let answer = self.http.send(Method::POST, &self.endpoint, &headers, batch).await;
            let answer: Value = answer.expect("DynamoDB answers").with(200).json();
            let left = answer["UnprocessedItems"].as_object();
            assert!(left.is_none_or(serde_json::Map::is_empty), "{answer}");
        }
    }

    /// Every row of a table, by its logical id, as `DynamoDB` writes it.
    pub async fn rows(&self, table: &str) -> Vec<Value> {
        let headers = [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", "DynamoDB_20120810.Scan"),
        ];
        let (mut rows, mut wanted) =
            (Vec::new(), json!({ "TableName": table, "ConsistentRead": true }));
        loop {
            let answer =
                self.http.send(Method::POST, &self.endpoint, &headers, wanted.to_string()).await;
            let mut page: Value = answer.expect("DynamoDB answers").with(200).json();
            rows.append(page["Items"].as_array_mut().expect("items"));
            match page["LastEvaluatedKey"].take() {
                Value::Null => return rows,
                last => wanted["ExclusiveStartKey"] = last,
            }
        }
    }

    /// The rows of a table in which a text stands, be it in a key or anywhere else.
    pub async fn rows_with(&self, table: &str, text: &str) -> Vec<Value> {
        let mut rows = self.rows(table).await;
        rows.retain(|row| row.to_string().contains(text));
        rows
    }
}
