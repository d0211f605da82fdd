//! The template's tables, made once and found again.

use dynoxide::actions::create_table::CreateTableRequest;
use dynoxide::actions::describe_table::DescribeTableRequest;
use dynoxide::actions::describe_time_to_live::DescribeTimeToLiveRequest;
use dynoxide::actions::update_time_to_live::{TimeToLiveSpecification, UpdateTimeToLiveRequest};
use dynoxide::{Database, DynoxideError};
use serde_json::{Value, json};

use crate::Error;
use crate::template::Table;

/// Makes a table, unless it is there with the same keys and indexes.
pub(super) fn ensure(database: &Database, table: &Table) -> Result<(), Error> {
    let refused = |error: DynoxideError| Error::DynamoDb(format!("table {}: {error}", table.name));
    let malformed =
        |error: serde_json::Error| Error::DynamoDb(format!("table {}: {error}", table.name));
    match database.describe_table(DescribeTableRequest { table_name: table.name.clone() }) {
        Ok(found) => {
            let found = serde_json::to_value(&found.table).map_err(malformed)?;
            if shape(&found) != shape(&table.definition) {
                return Err(Error::TableDiffers(table.name.clone()));
            }
        }
        Err(DynoxideError::ResourceNotFoundException(_)) => {
            let request: CreateTableRequest =
                serde_json::from_value(table.definition.clone()).map_err(malformed)?;
            database.create_table(request).map_err(refused)?;
        }
        Err(error) => return Err(refused(error)),
    }
    ensure_expiry(database, table).map_err(refused)
}

fn ensure_expiry(database: &Database, table: &Table) -> Result<(), DynoxideError> {
    let Some(attribute_name) = table.expires.clone() else { return Ok(()) };
    let found = database
        .describe_time_to_live(DescribeTimeToLiveRequest { table_name: table.name.clone() })?;
    if found.time_to_live_description.attribute_name.as_ref() == Some(&attribute_name) {
        return Ok(());
    }
    let time_to_live_specification = TimeToLiveSpecification { attribute_name, enabled: true };
    let request =
        UpdateTimeToLiveRequest { table_name: table.name.clone(), time_to_live_specification };
    database.update_time_to_live(request).map(drop)
}

/// What of a table's description cannot change under its items.
fn shape(description: &Value) -> Value {
    let index = |index: &Value| {
        let mut carried: Vec<&str> = index["Projection"]["NonKeyAttributes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        carried.sort_unstable();
        json!([
            index["IndexName"],
            index["KeySchema"],
            index["Projection"]["ProjectionType"],
            carried
        ])
    };
    let mut indexes: Vec<String> = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"]
        .iter()
        .flat_map(|kind| description[kind].as_array().into_iter().flatten())
        .map(|described| index(described).to_string())
        .collect();
    indexes.sort_unstable();
    json!([description["KeySchema"], indexes])
}

#[cfg(test)]
mod tests;
