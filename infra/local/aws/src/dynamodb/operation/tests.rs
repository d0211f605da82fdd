use super::*;

fn database() -> Database {
    let database = Database::memory().unwrap();
    let table = br#"{"TableName":"Table","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
        "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}]}"#;
    assert!(Op::CreateTable.run(&database, table).is_ok());
    database
}

#[test]
fn every_operation_is_found_by_its_name() {
    for operation in Operation::ALL {
        assert_eq!(Operation::named(operation.name()), Some(operation));
    }
    assert_eq!(Operation::named("GetShardIterator"), None);
}

#[test]
fn capacity_is_known_without_being_asked_for_and_told_only_when_asked() {
    let database = database();
    let item = "x".repeat(1500);
    let put = format!(r#"{{"TableName":"Table","Item":{{"p":{{"S":"a"}},"v":{{"S":"{item}"}}}}}}"#);
    let answer = Op::PutItem.run(&database, put.as_bytes()).ok().unwrap();
    assert!((answer.units - 2.0).abs() < f64::EPSILON);
    assert_eq!(answer.body, "{}");
    let get = br#"{"TableName":"Table","Key":{"p":{"S":"a"}},"ReturnConsumedCapacity":"TOTAL"}"#;
    let answer = Op::GetItem.run(&database, get).ok().unwrap();
    assert!((answer.units - 0.5).abs() < f64::EPSILON);
    assert!(answer.body.contains("ConsumedCapacity"), "{}", answer.body);
}

#[test]
fn errors_have_dynamodbs_types() {
    let database = database();
    let kind = |operation: Operation, body: &str| {
        operation.run(&database, body.as_bytes()).err().unwrap().error.to_json()
    };
    let put = r#"{"TableName":"Table","Item":{"p":{"S":"a"}},"ConditionExpression":"attribute_exists(p)"}"#;
    assert!(kind(Op::PutItem, put).contains("#ConditionalCheckFailedException"));
    let get = r#"{"TableName":"Other","Key":{"p":{"S":"a"}}}"#;
    assert!(kind(Op::GetItem, get).contains("#ResourceNotFoundException"));
    assert!(kind(Op::GetItem, "{").contains("#SerializationException"));
    assert!(
        kind(Op::GetItem, r#"{"TableName":"Table","Key":{"p":{}}}"#)
            .contains("#ValidationException")
    );
}
