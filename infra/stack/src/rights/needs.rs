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

/// What actions on no resource, or on one that cannot be told, are checked for. No role here grants it.
const EVERYTHING: &str = "*";

impl Service {
    /// The rights that a request needs, all of them; `operation` is its name in the protocol, such as
    /// `SendMessageBatch`.
    ///
    /// Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB" and the same for
    /// SQS: a transaction needs the action of each of its parts, a query of an index needs the index, and batches of
    /// messages need what one message does.
    pub(super) fn needs(self, operation: &str, body: &[u8]) -> Vec<Right> {
        match self {
            Self::DynamoDb => dynamodb(operation, serde_json::from_slice(body).unwrap_or_default()),
            Self::Sqs => vec![sqs(operation, &serde_json::from_slice(body).unwrap_or_default())],
            Self::SecretsManager => {
                let request: SecretsManagerRequest = serde_json::from_slice(body).unwrap_or_default();
                let resource = request.secret_id.unwrap_or_else(|| EVERYTHING.to_owned());
                vec![Right { action: format!("secretsmanager:{operation}"), resource }]
            }
        }
    }
}

fn dynamodb(operation: &str, request: DynamoDbRequest<'_>) -> Vec<Right> {
    let right = |operation: &str, resource: String| Right { action: format!("dynamodb:{operation}"), resource };
    let mut rights: Vec<Right> = request.request_items.keys().map(|name| right(operation, table(name))).collect();
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
        (Some(name), Some(index)) => rights.push(right(operation, format!("{}/index/{index}", table(&name)))),
        (Some(name), None) => rights.push(right(operation, table(&name))),
        (None, _) if rights.is_empty() => rights.push(right(operation, EVERYTHING.to_owned())),
        (None, _) => {}
    }
    rights
}

/// A table's ARN; requests may name a table by it as well.
fn table(name: &str) -> String {
    if name.starts_with("arn:") { name.to_owned() } else { format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}") }
}

fn sqs(operation: &str, request: &SqsRequest) -> Right {
    let action = operation.strip_suffix("Batch").unwrap_or(operation);
    let queue = request.queue_url.as_deref().and_then(|url| url.rsplit('/').next()).or(request.queue_name.as_deref());
    let resource = queue.map_or_else(|| EVERYTHING.to_owned(), |name| format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"));
    Right { action: format!("sqs:{action}"), resource }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(service: Service, operation: &str, body: &str) -> Vec<String> {
        let mut needs: Vec<String> =
            service.needs(operation, body.as_bytes()).iter().map(ToString::to_string).collect();
        needs.sort_unstable();
        needs
    }

    fn of_dynamodb(operation: &str, body: &str) -> Vec<String> {
        let needs = needs(Service::DynamoDb, operation, body);
        needs.iter().map(|need| need.replace("arn:aws:dynamodb:us-east-1:000000000000:table/", "")).collect()
    }

    #[test]
    fn a_table_an_index_and_every_table_of_a_batch_are_resources() {
        assert_eq!(of_dynamodb("GetItem", r#"{"Key":{},"TableName":"Log"}"#), ["dynamodb:GetItem on Log"]);
        let arn = r#"{"TableName":"arn:aws:dynamodb:us-east-1:000000000000:table/Log"}"#;
        assert_eq!(of_dynamodb("PutItem", arn), ["dynamodb:PutItem on Log"]);
        let index = r#"{"TableName":"Log","IndexName":"due"}"#;
        assert_eq!(of_dynamodb("Query", index), ["dynamodb:Query on Log/index/due"]);
        let batch = r#"{"RequestItems":{"Log":{"Keys":[]},"Config":{"Keys":[]}}}"#;
        let both = ["dynamodb:BatchGetItem on Config", "dynamodb:BatchGetItem on Log"];
        assert_eq!(of_dynamodb("BatchGetItem", batch), both);
    }

    #[test]
    fn a_transaction_needs_the_action_of_each_of_its_parts() {
        let part = |kind: &str, table: &str| format!(r#"{{"{kind}":{{"TableName":"{table}","Key":{{}}}}}}"#);
        let parts = [part("Put", "A"), part("Update", "B"), part("Delete", "A"), part("ConditionCheck", "B")];
        let body = format!(r#"{{"TransactItems":[{}]}}"#, parts.join(","));
        let expected = ["ConditionCheckItem on B", "DeleteItem on A", "PutItem on A", "UpdateItem on B"];
        assert_eq!(of_dynamodb("TransactWriteItems", &body), expected.map(|need| format!("dynamodb:{need}")));
        let body = format!(r#"{{"TransactItems":[{}]}}"#, part("Get", "A"));
        assert_eq!(of_dynamodb("TransactGetItems", &body), ["dynamodb:GetItem on A"]);
    }

    #[test]
    fn a_queue_is_known_by_its_url_and_a_batch_needs_what_one_message_does() {
        let body = r#"{"QueueUrl":"http://127.0.0.1:9324/000000000000/Orders","Entries":[]}"#;
        let of_sqs = |operation: &str| needs(Service::Sqs, operation, body).remove(0);
        for action in ["SendMessage", "DeleteMessage", "ChangeMessageVisibility"] {
            let right = format!("sqs:{action} on arn:aws:sqs:us-east-1:000000000000:Orders");
            assert_eq!(of_sqs(action), right);
            assert_eq!(of_sqs(&format!("{action}Batch")), right);
        }
        let named = needs(Service::Sqs, "GetQueueUrl", r#"{"QueueName":"Orders"}"#);
        assert_eq!(named, ["sqs:GetQueueUrl on arn:aws:sqs:us-east-1:000000000000:Orders"]);
    }

    #[test]
    fn a_secret_is_known_by_its_arn() {
        let arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:Key-local1";
        let needs = needs(Service::SecretsManager, "GetSecretValue", &format!(r#"{{"SecretId":"{arn}"}}"#));
        assert_eq!(needs, [format!("secretsmanager:GetSecretValue on {arn}")]);
    }

    #[test]
    fn what_names_no_resource_or_cannot_be_read_asks_for_everything() {
        assert_eq!(of_dynamodb("ListTables", "{}"), ["dynamodb:ListTables on *"]);
        assert_eq!(of_dynamodb("GetItem", "{"), ["dynamodb:GetItem on *"]);
        assert_eq!(of_dynamodb("TransactWriteItems", r#"{"TransactItems":[{"Put":{}}]}"#).len(), 1);
        assert_eq!(needs(Service::Sqs, "ListQueues", "{}"), ["sqs:ListQueues on *"]);
    }
}
