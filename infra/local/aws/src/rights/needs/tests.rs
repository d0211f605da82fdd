use super::*;

fn needs(service: Service, operation: &str, body: &str) -> Vec<String> {
    let mut needs: Vec<String> =
        service.needs(operation, body.as_bytes()).iter().map(ToString::to_string).collect();
    needs.sort_unstable();
    needs
}

fn of_dynamodb(operation: &str, body: &str) -> Vec<String> {
    let needs = needs(Service::DynamoDb, operation, body);
    needs
        .iter()
        .map(|need| need.replace("arn:aws:dynamodb:us-east-1:000000000000:table/", ""))
        .collect()
}

#[test]
fn a_table_an_index_and_every_table_of_a_batch_are_resources() {
    assert_eq!(
        of_dynamodb("GetItem", r#"{"Key":{},"TableName":"Log"}"#),
        ["dynamodb:GetItem on Log"]
    );
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
    let part =
        |kind: &str, table: &str| format!(r#"{{"{kind}":{{"TableName":"{table}","Key":{{}}}}}}"#);
    let parts =
        [part("Put", "A"), part("Update", "B"), part("Delete", "A"), part("ConditionCheck", "B")];
    let body = format!(r#"{{"TransactItems":[{}]}}"#, parts.join(","));
    let expected =
        ["ConditionCheckItem on B", "DeleteItem on A", "PutItem on A", "UpdateItem on B"];
    assert_eq!(
        of_dynamodb("TransactWriteItems", &body),
        expected.map(|need| format!("dynamodb:{need}"))
    );
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
    let needs =
        needs(Service::SecretsManager, "GetSecretValue", &format!(r#"{{"SecretId":"{arn}"}}"#));
    assert_eq!(needs, [format!("secretsmanager:GetSecretValue on {arn}")]);
}

#[test]
fn what_names_no_resource_or_cannot_be_read_asks_for_everything() {
    assert_eq!(of_dynamodb("ListTables", "{}"), ["dynamodb:ListTables on *"]);
    assert_eq!(of_dynamodb("GetItem", "{"), ["dynamodb:GetItem on *"]);
    assert_eq!(of_dynamodb("TransactWriteItems", r#"{"TransactItems":[{"Put":{}}]}"#).len(), 1);
    assert_eq!(needs(Service::Sqs, "ListQueues", "{}"), ["sqs:ListQueues on *"]);
}
