use super::*;

fn table(sort: &str) -> Table {
    let definition = json!({
        "TableName": "Table",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            { "AttributeName": "partition", "AttributeType": "S" },
            { "AttributeName": sort, "AttributeType": "S" },
        ],
        "KeySchema": [{ "AttributeName": "partition", "KeyType": "HASH" }],
        "GlobalSecondaryIndexes": [{
            "IndexName": "due",
            "KeySchema": [{ "AttributeName": sort, "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "INCLUDE", "NonKeyAttributes": ["tenant"] },
        }],
    });
    Table { name: "Table".to_owned(), definition, expires: Some("expires_at".to_owned()) }
}

#[test]
fn a_table_is_made_once_and_another_shape_is_refused() {
    let database = Database::memory().unwrap();
    ensure(&database, &table("due_shard")).unwrap();
    ensure(&database, &table("due_shard")).unwrap();
    assert!(matches!(ensure(&database, &table("other")), Err(Error::TableDiffers(_))));
}
