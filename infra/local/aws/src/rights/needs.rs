//! What a request asks for: the actions that IAM checks, and on which resources.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::template::{ACCOUNT, REGION, Right};

/// A service whose requests are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// DynamoDB.
    DynamoDb,
    /// SQS.
    Sqs,
    /// Secrets Manager.
    SecretsManager,
}

/// What names a resource in a request to DynamoDB; everything else is passed over.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DynamoDbRequest<'a> {
    table_name: Option<String>,
    index_name: Option<String>,
    /// Of a batch, by table.
    #[serde(borrow)]
    request_items: HashMap<String, &'a RawValue>,
    /// Of a transaction, each with one member: what is to be done.
    transact_items: Vec<HashMap<String, Part>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Part {
    table_name: String,
}

/// What names a resource in a request to SQS.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct SqsRequest {
    queue_url: Option<String>,
    queue_name: Option<String>,
}

/// What names a resource in a request to Secrets Manager.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct SecretsManagerRequest {
    secret_id: Option<String>,
}

/// What actions on no resource, or on one that cannot be told, are checked for. No role here grants
/// it.
const EVERYTHING: &str = "*";

impl Service {
    /// The rights that a request needs, all of them; `operation` is its name in the protocol, such
    /// as `SendMessageBatch`.
    ///
    /// Service Authorization Reference, "Actions, resources, and condition keys for Amazon
    /// DynamoDB" and the same for SQS: a transaction needs the action of each of its parts, a query
    /// of an index needs the index, and batches of messages need what one message does.
    pub(super) fn needs(self, operation: &str, body: &[u8]) -> Vec<Right> {
        match self {
            Self::DynamoDb => dynamodb(operation, serde_json::from_slice(body).unwrap_or_default()),
            Self::Sqs => vec![sqs(operation, &serde_json::from_slice(body).unwrap_or_default())],
            Self::SecretsManager => {
                let request: SecretsManagerRequest =
                    serde_json::from_slice(body).unwrap_or_default();
                let resource = request.secret_id.unwrap_or_else(|| EVERYTHING.to_owned());
                vec![Right { action: format!("secretsmanager:{operation}"), resource }]
            }
        }
    }
}

fn dynamodb(operation: &str, request: DynamoDbRequest<'_>) -> Vec<Right> {
    let right = |operation: &str, resource: String| Right {
        action: format!("dynamodb:{operation}"),
        resource,
    };
    let mut rights: Vec<Right> =
        request.request_items.keys().map(|name| right(operation, table(name))).collect();
    for (kind, part) in request.transact_items.into_iter().flatten() {
        let operation = match kind.as_str() {
            "Get" => "GetItem",
            "Put" => "PutItem",
            "Update" => "UpdateItem",
            "Delete" => "DeleteItem",
            "ConditionCheck" => "ConditionCheckItem",
            other => other,
        };
        rights.push(right(operation, table(&part.table_name)));
    }
    match (request.table_name, request.index_name) {
        (Some(name), Some(index)) => {
            rights.push(right(operation, format!("{}/index/{index}", table(&name))));
        }
        (Some(name), None) => rights.push(right(operation, table(&name))),
        (None, _) if rights.is_empty() => rights.push(right(operation, EVERYTHING.to_owned())),
        (None, _) => {}
    }
    rights
}

/// A table's ARN; requests may name a table by it as well.
fn table(name: &str) -> String {
    if name.starts_with("arn:") {
        name.to_owned()
    } else {
        format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}")
    }
}

fn sqs(operation: &str, request: &SqsRequest) -> Right {
    let action = operation.strip_suffix("Batch").unwrap_or(operation);
    let queue = request
        .queue_url
        .as_deref()
        .and_then(|url| url.rsplit('/').next())
        .or(request.queue_name.as_deref());
    let resource = queue.map_or_else(
        || EVERYTHING.to_owned(),
        |name| format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"),
    );
    Right { action: format!("sqs:{action}"), resource }
}

#[cfg(test)]
mod tests;
