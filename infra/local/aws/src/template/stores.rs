//! Tables and queues.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Document, Error, Queue, Resource, Scope, Secret, Table};

/// Properties of a table that `CreateTable` takes as they stand.
const TABLE_DEFINITION: [&str; 5] = [
    "AttributeDefinitions",
    "KeySchema",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
    "BillingMode",
];

/// Properties of a table that change nothing in a local database.
const TABLE_PASSED_OVER: [&str; 7] = [
    "DeletionProtectionEnabled",
    "PointInTimeRecoverySpecification",
    "SSESpecification",
    "ContributorInsightsSpecification",
    "OnDemandThroughput",
    "TableClass",
    "Tags",
];

/// Properties of a queue that are attributes of the same name.
const QUEUE_ATTRIBUTES: [&str; 9] = [
    "DelaySeconds",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout",
    "FifoQueue",
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoThroughputLimit",
];

pub(super) fn tables(document: &Document, scope: &Scope) -> Result<Vec<Table>, Error> {
    document
        .of_type("AWS::DynamoDB::Table", scope)
        .map(|(id, resource)| table(id, resource, scope))
        .collect()
}

fn table(id: &str, resource: &Resource, scope: &Scope) -> Result<Table, Error> {
    let used = [&TABLE_DEFINITION[..], &["TimeToLiveSpecification"]].concat();
    resource.only(id, &used, &TABLE_PASSED_OVER)?;
    let mut definition = Map::new();
    definition.insert("TableName".to_owned(), json!(id));
    for name in TABLE_DEFINITION {
        if let Some(value) = resource.properties.get(name) {
            definition.insert(name.to_owned(), scope.resolve(id, value)?);
        }
    }
    let expiry = resource
        .properties
        .get("TimeToLiveSpecification")
        .map(|value| scope.resolve(id, value))
        .transpose()?;
    let expires = expiry.and_then(|expiry| expiry["AttributeName"].as_str().map(str::to_owned));
    Ok(Table { name: id.to_owned(), definition: Value::Object(definition), expires })
}

/// Secrets Manager's own default (`GenerateSecretString`).
const DEFAULT_SECRET_LENGTH: u64 = 32;

pub(super) fn secrets(document: &Document, scope: &Scope) -> Result<Vec<Secret>, Error> {
    document
        .of_type("AWS::SecretsManager::Secret", scope)
        .map(|(id, resource)| secret(id, resource, scope))
        .collect()
}

fn secret(id: &str, resource: &Resource, scope: &Scope) -> Result<Secret, Error> {
    resource.only(id, &["GenerateSecretString"], &["Description", "KmsKeyId", "Tags"])?;
    let generate = scope.resolve(id, resource.property(id, "GenerateSecretString")?)?;
    let length = generate["PasswordLength"].as_u64().unwrap_or(DEFAULT_SECRET_LENGTH);
    let length = usize::try_from(length).map_err(|error| Error::new(id, error.to_string()))?;
    if generate["ExcludePunctuation"] != json!(true) {
        return Err(Error::new(id, "the local stack generates secrets without punctuation only"));
    }
    Ok(Secret { name: id.to_owned(), arn: scope.secret_arn(id)?, length })
}

pub(super) fn queues(document: &Document, scope: &Scope) -> Result<Vec<Queue>, Error> {
    let queues: Result<Vec<Queue>, Error> = document
        .of_type("AWS::SQS::Queue", scope)
        .map(|(id, resource)| queue(id, resource, scope))
        .collect();
    let mut queues = queues?;
    // A redrive policy names a queue that must exist: queues without one come first.
    queues.sort_by_key(|queue| queue.attributes.contains_key("RedrivePolicy"));
    Ok(queues)
}

/// A queue's name: the one that it is given, or its logical id.
pub(super) fn queue_name(id: &str, resource: &Resource, scope: &Scope) -> Result<String, Error> {
    resource
        .properties
        .get("QueueName")
        .map_or_else(|| Ok(id.to_owned()), |name| scope.text(id, name))
}

fn queue(id: &str, resource: &Resource, scope: &Scope) -> Result<Queue, Error> {
    let used = [&QUEUE_ATTRIBUTES[..], &["RedrivePolicy", "QueueName"]].concat();
    resource.only(
        id,
        &used,
        &["SqsManagedSseEnabled", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "Tags"],
    )?;
    let mut attributes = BTreeMap::new();
    for name in QUEUE_ATTRIBUTES {
        if let Some(value) = resource.properties.get(name) {
            attributes.insert(name.to_owned(), scope.text(id, value)?);
        }
    }
    if let Some(policy) = resource.properties.get("RedrivePolicy") {
        attributes.insert("RedrivePolicy".to_owned(), scope.resolve(id, policy)?.to_string());
    }
    Ok(Queue { name: queue_name(id, resource, scope)?, attributes })
}
