//! Items as DynamoDB holds them, and what of them is needed whatever row they are.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;

use super::StoreError;
use crate::core::timestamp::Timestamp;

pub type Attributes = HashMap<String, AttributeValue>;

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

/// A row that was read, or those of its attributes that an index has.
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

    pub fn time(&self, name: &str) -> Result<Timestamp, StoreError> {
        self.number(name).map(Timestamp::from_millis)
    }

    pub fn into_bytes(mut self, name: &str) -> Option<Vec<u8>> {
        match self.0.remove(name)? {
            AttributeValue::B(bytes) => Some(bytes.into_inner()),
            _ => None,
        }
    }

    /// Whether its time has come; DynamoDB removes such rows up to 48 hours late.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        let expires_at = self.optional_number::<i64>("expires_at").ok().flatten();
        expires_at.is_some_and(|at| at <= now.as_unix_seconds())
    }

    /// Its key, for errors.
    pub fn place(&self) -> String {
        let of = |key| self.optional_text(key).unwrap_or("?");
        format!("({}, {})", of("partition"), of("sort"))
    }

    fn optional_number<T: FromStr>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let number = self.0.get(name).and_then(|value| value.as_n().ok());
        number.map(|text| text.parse().map_err(|_| self.corrupt(name))).transpose()
    }

    fn corrupt(&self, name: &str) -> StoreError {
        StoreError::Corrupt(format!("attribute {name} of {}", self.place()))
    }
}
