//! What is in the tables, by DynamoDB's own protocol: to see that nothing is left that the API does not show.

use http::Method;
use serde_json::{Value, json};

use crate::http::Http;

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

    /// Every row of a table, by its logical id, as `DynamoDB` writes it.
    pub async fn rows(&self, table: &str) -> Vec<Value> {
        let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", "DynamoDB_20120810.Scan")];
        let (mut rows, mut wanted) = (Vec::new(), json!({ "TableName": table, "ConsistentRead": true }));
        loop {
            let answer = self.http.send(Method::POST, &self.endpoint, &headers, wanted.to_string()).await;
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
