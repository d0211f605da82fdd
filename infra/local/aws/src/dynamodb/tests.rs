//! The stand-in consumes what DynamoDB would (Amazon DynamoDB Developer Guide, "DynamoDB read and
//! write operations" and "Using Global Secondary Indexes"): what `postrider units` and `postrider bench` say stands
//! on it.

use dynoxide::Database;
use serde_json::{Value, json};

use super::operation::Operation as Op;

/// A table with an index that carries everything, and one that carries its keys alone.
struct Table(Database);

impl Table {
    fn new() -> Self {
        let database = Database::memory().unwrap();
        let attribute = |name: &str| json!({ "AttributeName": name, "AttributeType": "S" });
        let key = |name: &str, kind: &str| json!({ "AttributeName": name, "KeyType": kind });
        let index = |name: &str, hash: &str, projection: &str| {
            json!({
                "IndexName": name,
                "KeySchema": [key(hash, "HASH"), key("s", "RANGE")],
                "Projection": { "ProjectionType": projection },
            })
        };
        let table = Self(database);
        let attributes = ["p", "s", "whole", "keys"].map(attribute);
        let create = json!({
            "TableName": "Rows",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [key("p", "HASH"), key("s", "RANGE")],
            "AttributeDefinitions": attributes,
            "GlobalSecondaryIndexes": [index("whole", "whole", "ALL"), index("keys", "keys", "KEYS_ONLY")],
        });
        assert!(Op::CreateTable.run(&table.0, create.to_string().as_bytes()).is_ok());
        table
    }

    fn units(&self, operation: Op, request: &Value) -> f64 {
        match operation.run(&self.0, request.to_string().as_bytes()) {
            Ok(answer) => answer.units,
            Err(refusal) => panic!("{}", refusal.error),
        }
    }

    /// Of a request that is refused.
    fn refused_units(&self, operation: Op, request: &Value) -> f64 {
        operation.run(&self.0, request.to_string().as_bytes()).err().expect("it is refused").units
    }

    /// Puts a row of so many bytes, beside its key and the attributes `more`.
    fn put(&self, sort: &str, bytes: usize, more: &[(&str, &str)]) -> f64 {
        self.units(Op::PutItem, &json!({ "TableName": "Rows", "Item": row(sort, bytes, more) }))
    }
}

fn row(sort: &str, bytes: usize, more: &[(&str, &str)]) -> Value {
    let mut row = json!({ "p": { "S": "a" }, "s": { "S": sort }, "v": { "S": "x".repeat(bytes) } });
    for (name, value) in more {
        row[*name] = json!({ "S": value });
    }
    row
}

fn key(sort: &str) -> Value {
    json!({ "p": { "S": "a" }, "s": { "S": sort } })
}

#[track_caller]
fn assert_units(found: f64, right: f64) {
    assert!((found - right).abs() < f64::EPSILON, "{found} instead of {right}");
}

#[test]
fn a_consistent_read_costs_twice_as_much_and_4_kb_are_one_unit() {
    let table = Table::new();
    table.put("1", 5_000, &[]);
    let get = |sort: &str, consistent: bool| {
        table.units(
            Op::GetItem,
            &json!({ "TableName": "Rows", "Key": key(sort), "ConsistentRead": consistent }),
        )
    };
    assert_units(get("1", false), 1.0);
    assert_units(get("1", true), 2.0);
    // What is not there costs as the smallest row.
    assert_units(get("2", false), 0.5);
    assert_units(get("2", true), 1.0);
}

#[test]
fn a_query_rounds_once_and_counts_what_a_filter_leaves_out() {
    let table = Table::new();
    for number in 0..10 {
        table.put(&number.to_string(), 980, &[("whole", "w")]);
    }
    let query = |more: Value| {
        let mut request = json!({
            "TableName": "Rows",
            "KeyConditionExpression": "p = :p",
            "ExpressionAttributeValues": { ":p": { "S": "a" } },
        });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        table.units(Op::Query, &request)
    };
    // 10 rows of less than 1 KB: between 8 and 12 KB.
    assert_units(query(json!({})), 1.5);
    assert_units(query(json!({ "ConsistentRead": true })), 3.0);
    assert_units(query(json!({ "Limit": 4 })), 0.5);
    let none = json!({
        "FilterExpression": "v = :v",
        "ExpressionAttributeValues": { ":p": { "S": "a" }, ":v": { "S": "y" } },
    });
    assert_units(query(none), 1.5);
    let index = |of: &str| {
        let values = json!({ ":p": { "S": of } });
        json!({ "IndexName": "whole", "KeyConditionExpression": "whole = :p", "ExpressionAttributeValues": values })
    };
    assert_units(query(index("w")), 1.5);
    assert_units(query(index("nothing")), 0.5);
}

#[test]
fn a_batch_rounds_each_row_for_itself() {
    let table = Table::new();
    table.put("1", 1_500, &[]);
    table.put("2", 6_500, &[]);
    let get = |consistent: bool| {
        let wanted = json!({ "Rows": { "Keys": [key("1"), key("2"), key("3")], "ConsistentRead": consistent } });
        table.units(Op::BatchGetItem, &json!({ "RequestItems": wanted }))
    };
    // 4 KB, 8 KB, and one that is not there.
    assert_units(get(false), 2.0);
    assert_units(get(true), 4.0);
}

#[test]
fn a_write_costs_the_larger_of_both_rows_and_what_changes_in_each_index() {
    let table = Table::new();
    assert_units(table.put("1", 3_000, &[]), 3.0);
    assert_units(table.put("1", 10, &[]), 3.0);
    // An entry that comes, one that changes, one that stays, one that moves, one that goes.
    assert_units(table.put("1", 10, &[("whole", "w")]), 2.0);
    assert_units(table.put("1", 20, &[("whole", "w")]), 2.0);
    assert_units(table.put("1", 20, &[("whole", "w")]), 1.0);
    assert_units(table.put("1", 20, &[("whole", "x")]), 3.0);
    assert_units(table.put("1", 20, &[]), 2.0);
    // An index that carries keys alone is not written when another attribute changes.
    assert_units(table.put("1", 20, &[("keys", "k")]), 2.0);
    assert_units(table.put("1", 1_500, &[("keys", "k")]), 2.0);
    let delete = json!({ "TableName": "Rows", "Key": key("1") });
    assert_units(table.units(Op::DeleteItem, &delete), 3.0);
    assert_units(table.units(Op::DeleteItem, &delete), 1.0);
}

#[test]
fn an_update_costs_the_whole_row() {
    let table = Table::new();
    table.put("1", 2_500, &[("whole", "w")]);
    let update = json!({
        "TableName": "Rows",
        "Key": key("1"),
        "UpdateExpression": "SET n = :n",
        "ExpressionAttributeValues": { ":n": { "N": "1" } },
    });
    assert_units(table.units(Op::UpdateItem, &update), 6.0);
}

#[test]
fn a_condition_that_does_not_hold_costs_as_the_row_that_is_there() {
    let table = Table::new();
    table.put("1", 2_500, &[("whole", "w")]);
    let put = |sort: &str, condition: &str| {
        let item = row(sort, 10, &[]);
        json!({ "TableName": "Rows", "Item": item, "ConditionExpression": condition })
    };
    assert_units(table.refused_units(Op::PutItem, &put("1", "attribute_not_exists(s)")), 3.0);
    assert_units(table.refused_units(Op::PutItem, &put("2", "attribute_exists(s)")), 1.0);
    let mut asked = put("1", "attribute_not_exists(s)");
    let shown = |request: &Value| {
        let refusal =
            Op::PutItem.run(&table.0, request.to_string().as_bytes()).err().expect("it is refused");
        refusal.error.to_json().contains("whole")
    };
    assert!(!shown(&asked));
    asked["ReturnValuesOnConditionCheckFailure"] = json!("ALL_OLD");
    assert!(shown(&asked));
}

#[test]
fn a_transaction_costs_twice_as_much() {
    let table = Table::new();
    let put = |sort: &str| json!({ "Put": { "TableName": "Rows", "Item": row(sort, 1_500, &[]) } });
    let write = json!({ "TransactItems": [put("1"), put("2")] });
    assert_units(table.units(Op::TransactWriteItems, &write), 8.0);
    let get = |sort: &str| json!({ "Get": { "TableName": "Rows", "Key": key(sort) } });
    assert_units(
        table.units(Op::TransactGetItems, &json!({ "TransactItems": [get("1"), get("2")] })),
        4.0,
    );
}
