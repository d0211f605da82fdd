//! The rows of both tables: for each aggregate and version a shape of its own, such as those of
//! [`v1`], whose members are the row's attributes by name. A change of a domain type, or of a word
//! in the API, changes nothing that is stored.
//!
//! A release writes one version of a row, and reads it and the one before: both stand in a table
//! while a release is rolled out. For a new version of a row add its shape beside [`v1`], a line in
//! the table below, and a recorded row to the tests; and write it where the old one is written.

pub mod v1;
mod values;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::item::{Attributes, Item};
use super::stored::{EventRow, KeptHour, Made, Owner, Revision, Shared, StoredKey, StoredPace};
use crate::core::bulk_resend::BulkResend;
use crate::core::delivery::Delivery;
use crate::core::erasure::Erasure;
use crate::core::event::Event;
use crate::core::event::event_type::EventType;
use crate::core::subscription::Subscription;
use crate::core::subscription::breaker::Breaker;
use crate::core::subscription::release::Release;
use crate::core::tenant::Tenant;

/// A type that is read from a row.
pub trait Row: Sized {
    /// Reads a row of `version`; `None` for a version that this release does not know.
    fn read(version: u64, item: Attributes) -> Option<Result<Self, StoreError>>;
}

/// The shapes of which a type is read, by version.
macro_rules! rows {
    ($($type:ty: $($version:literal => $shape:ty),+;)+) => { $(
        impl Row for $type {
            fn read(version: u64, item: Attributes) -> Option<Result<Self, StoreError>> {
                match version {
                    $($version => Some(shape::<$shape, _>(item)),)+
                    _ => None,
                }
            }
        }
    )+ };
}

rows! {
    Breaker: 1 => v1::breaker::Breaker;
    BulkResend: 1 => v1::resend::Resend;
    Delivery: 1 => v1::delivery::Delivery;
    Erasure: 1 => v1::erasure::Erasure;
    EventRow: 1 => v1::event::Event;
    EventType: 1 => v1::event_type::EventType;
    KeptHour: 1 => v1::hour::Hour;
    Made: 1 => v1::idempotency::Idempotency;
    Owner: 1 => v1::api_key::ByHash;
    Release: 1 => v1::release::Release;
    Revision: 1 => v1::revision::Revision;
    Shared: 1 => v1::flow::Flow;
    Event: 1 => v1::event::Event;
    StoredKey: 1 => v1::api_key::Listed;
    StoredPace: 1 => v1::pace::Pace;
    Subscription: 1 => v1::subscription::Subscription;
    Tenant: 1 => v1::tenant::Tenant;
}

/// Reads a row, in whichever version it is.
pub fn read<T: Row>(item: Item) -> Result<T, StoreError> {
    let version: u64 = item.number("v")?;
    let of = item.place();
    match T::read(version, item.0) {
        Some(read) => read.map_err(|error| match error {
            StoreError::Corrupt(what) => StoreError::Corrupt(format!("{of}: {what}")),
            other @ StoreError::Dynamo { .. } => other,
        }),
        None => Err(StoreError::Corrupt(format!("{of}: this release reads no version {version}"))),
    }
}

fn shape<S: DeserializeOwned, T: TryFrom<S, Error = StoreError>>(
    item: Attributes,
) -> Result<T, StoreError> {
    let item = serde_dynamo::AttributeValue::M(
        item.into_iter().map(|(name, value)| (name, value.into())).collect(),
    );
    let item = serde_dynamo::Deserializer::from_attribute_value(item);
    // The place alone: the error itself may quote what the row holds.
    let row: S = serde_path_to_error::deserialize(item)
        .map_err(|error| StoreError::Corrupt(format!("{} does not read", error.path())))?;
    row.try_into()
}

/// A row as it is put. Absent values are left out.
pub fn write(row: &impl Serialize) -> Result<Attributes, StoreError> {
    let mut item: Attributes =
        serde_dynamo::to_item(row).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    item.retain(|_, value| !value.is_null());
    Ok(item)
}

#[cfg(test)]
mod tests;
