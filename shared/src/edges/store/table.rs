//! One DynamoDB table: the few calls that the store makes, with their outcomes.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnValue, TransactWriteItem};

use super::item::{Attributes, Item, key};
use super::{Saved, StoreError};
use crate::core::page::Order;
use crate::edges::aws::detail;
use crate::edges::clock;

/// How often an update is tried that others' transactions are in the way of, and the longest pause
/// between.
const ROUNDS: usize = 6;
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

#[derive(Debug, Clone)]
pub struct Table {
    pub client: Client,
    pub name: String,
}

/// A condition or an update with its placeholders' values.
#[derive(Debug, Clone, Default)]
pub struct Expression {
    pub text: &'static str,
    pub names: Vec<(&'static str, &'static str)>,
    pub values: Vec<(&'static str, AttributeValue)>,
}

impl Expression {
    pub const fn new(text: &'static str) -> Self {
        Self { text, names: Vec::new(), values: Vec::new() }
    }

    /// For an attribute whose name DynamoDB reserves.
    pub fn name(mut self, placeholder: &'static str, name: &'static str) -> Self {
        self.names.push((placeholder, name));
        self
    }

    pub fn value(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.values.push((name, value));
        self
    }
}

/// A query of one partition, of the table or of an index.
#[derive(Debug, Clone)]
pub struct Query<'a> {
    pub index: Option<&'static str>,
    /// The partition key's attribute and value.
    pub partition: (&'static str, String),
    /// The sort key's attribute and its bounds, both included.
    pub between: Option<(&'static str, AttributeValue, AttributeValue)>,
    pub filter: Option<&'a Expression>,
    pub order: Order,
    pub limit: i32,
    pub start: Option<Attributes>,
    pub consistent: bool,
}

impl Query<'_> {
    pub fn of(partition: impl Into<String>) -> Self {
        Self {
            index: None,
            partition: ("partition", partition.into()),
            between: None,
            filter: None,
            order: Order::Ascending,
            limit: 1000,
            start: None,
            consistent: false,
        }
    }
}

/// What a query answers.
pub struct Answer {
    pub items: Vec<Item>,
    /// Where the next page starts.
    pub next: Option<Attributes>,
    /// Rows that were read for it, those that the filter left out among them.
    pub looked_at: usize,
}

impl Table {
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    pub async fn get(
        &self,
        partition: String,
        sort: String,
        consistent: bool,
    ) -> Result<Option<Item>, StoreError> {
        let call =
            self.client.get_item().table_name(&self.name).set_key(Some(key(partition, sort)));
        let found = call
            .consistent_read(consistent)
            .send()
            .await
            .map_err(|error| failed("GetItem", &error))?;
        Ok(found.item.map(Item))
    }

    /// Gets up to 100 rows by key; what DynamoDB puts off is asked for again.
    pub async fn get_many(
        &self,
        keys: Vec<Attributes>,
        consistent: bool,
    ) -> Result<Vec<Item>, StoreError> {
        let mut rows = Vec::with_capacity(keys.len());
        let mut wanted = keys;
        while !wanted.is_empty() {
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .consistent_read(consistent)
                .build();
            let keys = keys.map_err(|error| StoreError::Corrupt(error.to_string()))?;
            let call = self.client.batch_get_item().request_items(&self.name, keys);
            let mut found = call.send().await.map_err(|error| failed("BatchGetItem", &error))?;
            rows.extend(
                found.responses.as_mut().and_then(|r| r.remove(&self.name)).unwrap_or_default(),
            );
            let put_off = found.unprocessed_keys.and_then(|mut left| left.remove(&self.name));
            wanted = put_off.map(|left| left.keys).unwrap_or_default();
        }
        Ok(rows.into_iter().map(Item).collect())
    }

    pub async fn put(
        &self,
        item: Attributes,
        condition: Option<Expression>,
    ) -> Result<Saved, StoreError> {
        let mut call = self.client.put_item().table_name(&self.name).set_item(Some(item));
        if let Some(condition) = condition {
            call = call.condition_expression(condition.text);
            for (name, value) in condition.values {
                call = call.expression_attribute_values(name, value);
            }
        }
        match call.send().await {
            Ok(_) => Ok(Saved::Saved),
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), PutItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(Saved::Lost)
            }
            Err(error) => Err(failed("PutItem", &error)),
        }
    }

    pub async fn update(
        &self,
        row: Attributes,
        update: Expression,
        condition: Option<&'static str>,
    ) -> Result<Saved, StoreError> {
        let written = self.update_returning(row, update, condition, ReturnValue::None).await?;
        Ok(if written.is_some() { Saved::Saved } else { Saved::Lost })
    }

    /// As [`Self::update`], and reads the row as it then is; `None` if the condition does not hold.
    pub async fn update_and_read(
        &self,
        row: Attributes,
        update: Expression,
        condition: &'static str,
    ) -> Result<Option<Item>, StoreError> {
        self.update_returning(row, update, Some(condition), ReturnValue::AllNew).await
    }

    async fn update_returning(
        &self,
        row: Attributes,
        update: Expression,
        condition: Option<&'static str>,
        returned: ReturnValue,
    ) -> Result<Option<Item>, StoreError> {
        let mut call = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(row))
            .return_values(returned);
        call = call
            .update_expression(update.text)
            .set_condition_expression(condition.map(str::to_owned));
        for (placeholder, name) in update.names {
            call = call.expression_attribute_names(placeholder, name);
        }
        for (name, value) in update.values {
            call = call.expression_attribute_values(name, value);
        }
        let mut rounds = ROUNDS;
        loop {
            rounds -= 1;
            match call.clone().send().await {
                Ok(written) => return Ok(Some(Item(written.attributes.unwrap_or_default()))),
                Err(SdkError::ServiceError(error))
                    if matches!(
                        error.err(),
                        UpdateItemError::ConditionalCheckFailedException(_)
                    ) =>
                {
                    return Ok(None);
                }
                // The SDK does not try that again by itself.
                Err(SdkError::ServiceError(error))
                    if rounds > 0
                        && matches!(
                            error.err(),
                            UpdateItemError::TransactionConflictException(_)
                        ) =>
                {
                    pause().await;
                }
                Err(error) => return Err(failed("UpdateItem", &error)),
            }
        }
    }

    pub async fn delete(&self, partition: String, sort: String) -> Result<(), StoreError> {
        let call =
            self.client.delete_item().table_name(&self.name).set_key(Some(key(partition, sort)));
        call.send().await.map(|_| ()).map_err(|error| failed("DeleteItem", &error))
    }

    /// Removes a row if the condition holds of it.
    pub async fn delete_if(
        &self,
        row: Attributes,
        condition: Expression,
    ) -> Result<Saved, StoreError> {
        let mut call = self.client.delete_item().table_name(&self.name).set_key(Some(row));
        call = call.condition_expression(condition.text);
        for (name, value) in condition.values {
            call = call.expression_attribute_values(name, value);
        }
        match call.send().await {
            Ok(_) => Ok(Saved::Saved),
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), DeleteItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(Saved::Lost)
            }
            Err(error) => Err(failed("DeleteItem", &error)),
        }
    }

    /// All or nothing; `Lost` if a condition did not hold or another transaction was in the way.
    /// Never on the hot path: it costs twice the units.
    pub async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Saved, StoreError> {
        match self.client.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(Saved::Saved),
            Err(SdkError::ServiceError(error)) => match error.err() {
                TransactWriteItemsError::TransactionCanceledException(cancelled)
                    if cancelled.cancellation_reasons().iter().any(is_conflict) =>
                {
                    Ok(Saved::Lost)
                }
                _ => Err(failed("TransactWriteItems", &SdkError::ServiceError(error))),
            },
            Err(error) => Err(failed("TransactWriteItems", &error)),
        }
    }

    /// As [`Self::transact`], for writes without a condition: only another transaction can be in
    /// the way.
    pub async fn transact_unconditionally(
        &self,
        writes: Vec<TransactWriteItem>,
    ) -> Result<(), StoreError> {
        match self.transact(writes).await? {
            Saved::Saved => Ok(()),
            Saved::Lost => Err(StoreError::Dynamo {
                operation: "TransactWriteItems",
                detail: "another transaction wrote the same rows".to_owned(),
                retryable: true,
            }),
        }
    }

    /// One page of a query, and where the next one starts.
    pub async fn query(
        &self,
        query: &Query<'_>,
    ) -> Result<(Vec<Item>, Option<Attributes>), StoreError> {
        self.query_counted(query).await.map(|answer| (answer.items, answer.next))
    }

    /// As [`Self::query`], and says how many rows were looked at.
    pub async fn query_counted(&self, query: &Query<'_>) -> Result<Answer, StoreError> {
        let mut call = self
            .client
            .query()
            .table_name(&self.name)
            .limit(query.limit)
            .consistent_read(query.consistent);
        call = call
            .set_index_name(query.index.map(str::to_owned))
            .scan_index_forward(query.order == Order::Ascending);
        call = call.set_exclusive_start_key(query.start.clone());
        call = call.expression_attribute_names("#partition", query.partition.0);
        call = call.expression_attribute_values(
            ":partition",
            AttributeValue::S(query.partition.1.clone()),
        );
        call = match &query.between {
            None => call.key_condition_expression("#partition = :partition"),
            Some((sort, from, to)) => call
                .key_condition_expression("#partition = :partition AND #sort BETWEEN :from AND :to")
                .expression_attribute_names("#sort", *sort)
                .expression_attribute_values(":from", from.clone())
                .expression_attribute_values(":to", to.clone()),
        };
        if let Some(filter) = query.filter {
            call = call.filter_expression(filter.text);
            for (placeholder, name) in &filter.names {
                call = call.expression_attribute_names(*placeholder, *name);
            }
            for (name, value) in &filter.values {
                call = call.expression_attribute_values(*name, value.clone());
            }
        }
        let page = call.send().await.map_err(|error| failed("Query", &error))?;
        Ok(Answer {
            looked_at: usize::try_from(page.scanned_count).unwrap_or_default(),
            items: page.items.unwrap_or_default().into_iter().map(Item).collect(),
            next: page.last_evaluated_key,
        })
    }

    /// Entries of a query until there are `wanted` of them or no more.
    pub async fn query_all(
        &self,
        mut query: Query<'_>,
        wanted: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let mut entries = Vec::new();
        loop {
            let (page, next) = self.query(&query).await?;
            entries.extend(page);
            if entries.len() >= wanted || next.is_none() {
                entries.truncate(wanted);
                return Ok(entries);
            }
            query.start = next;
        }
    }
}

/// Lets a transaction of others end.
pub async fn pause() {
    tokio::time::sleep(LONGEST_PAUSE.mul_f64(clock::random_share())).await;
}

fn is_conflict(reason: &aws_sdk_dynamodb::types::CancellationReason) -> bool {
    matches!(reason.code(), Some("ConditionalCheckFailed" | "TransactionConflict"))
}

pub fn failed<E, R>(operation: &'static str, error: &SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    const FINAL: [&str; 3] =
        ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"];
    let retryable = !error.code().is_some_and(|code| FINAL.contains(&code));
    StoreError::Dynamo { operation, detail: detail(error), retryable }
}
