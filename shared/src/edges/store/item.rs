//! Rows as DynamoDB holds them: written and read attribute by attribute.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use crate::core::timestamp::Timestamp;

pub type Attributes = HashMap<String, AttributeValue>;

/// A row being written.
pub struct NewItem(Attributes);

impl NewItem {
    pub fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self(key(partition, sort)).number("v", 1)
    }

    pub fn text(self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, AttributeValue::S(value.into()))
    }

    pub fn number(self, name: &str, value: impl Display) -> Self {
        self.set(name, AttributeValue::N(value.to_string()))
    }

    pub fn flag(self, name: &str, value: bool) -> Self {
        self.set(name, AttributeValue::Bool(value))
    }

    pub fn bytes(self, name: &str, value: Vec<u8>) -> Self {
        self.set(name, AttributeValue::B(Blob::new(value)))
    }

    pub fn time(self, name: &str, value: Timestamp) -> Self {
        self.number(name, value.as_millis())
    }

    /// As JSON text.
    pub fn json(self, name: &str, value: &impl Serialize) -> Result<Self, StoreError> {
        let text = serde_json::to_string(value)
            .map_err(|error| StoreError::Corrupt(format!("{name}: {error}")))?;
        Ok(self.text(name, text))
    }

    /// Applies `set` if there is a value; DynamoDB has no row without an attribute's value but one
    /// without it.
    pub fn optional<T>(self, value: Option<T>, set: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => set(self, value),
            None => self,
        }
    }

    pub fn build(self) -> Attributes {
        self.0
    }

    fn set(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }
}

/// The value of a number attribute.
pub fn number(value: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

/// The key of a row.
pub fn key(partition: impl Into<String>, sort: impl Into<String>) -> Attributes {
    HashMap::from([
        ("partition".to_owned(), AttributeValue::S(partition.into())),
        ("sort".to_owned(), AttributeValue::S(sort.into())),
    ])
}

/// A row that was read.
pub struct Item(pub Attributes);

impl Item {
    pub fn text(&self, name: &str) -> Result<&str, StoreError> {
        self.optional_text(name).ok_or_else(|| self.corrupt(name))
    }

    pub fn optional_text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_s().ok().map(String::as_str)
    }

    pub fn parsed<T: FromStr>(&self, name: &str) -> Result<T, StoreError> {
        self.text(name)?.parse().map_err(|_| self.corrupt(name))
    }

    pub fn number<T: FromStr>(&self, name: &str) -> Result<T, StoreError> {
        self.optional_number(name)?.ok_or_else(|| self.corrupt(name))
    }

    pub fn optional_number<T: FromStr>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let number = self.0.get(name).and_then(|value| value.as_n().ok());
        number.map(|text| text.parse().map_err(|_| self.corrupt(name))).transpose()
    }

    pub fn time(&self, name: &str) -> Result<Timestamp, StoreError> {
        self.number(name).map(Timestamp::from_millis)
    }

    pub fn optional_time(&self, name: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.optional_number(name)?.map(Timestamp::from_millis))
    }

    pub fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(|value| value.as_bool().ok()).copied().unwrap_or(false)
    }

    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name)?.as_b().ok().map(Blob::as_ref)
    }

    pub fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, StoreError> {
        serde_json::from_str(self.text(name)?).map_err(|_| self.corrupt(name))
    }

    /// Whether its time has come; DynamoDB removes such rows up to 48 hours late.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        let expires_at = self.optional_number::<i64>("expires_at").ok().flatten();
        expires_at.is_some_and(|at| at <= now.as_unix_seconds())
    }

    fn corrupt(&self, name: &str) -> StoreError {
        let of = |key| self.optional_text(key).unwrap_or("?");
        StoreError::Corrupt(format!("attribute {name} of ({}, {})", of("partition"), of("sort")))
    }
}
