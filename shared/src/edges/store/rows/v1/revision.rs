//! How a tenant stands, for fan-out. It is written by updates alone.

use serde::Deserialize;

use super::super::values::At;
use crate::core::timestamp::Timestamp;
use crate::edges::store::{StoreError, subscriptions};
use crate::edges::version::Version;

#[derive(Deserialize)]
pub struct Revision {
    #[serde(rename = "v")]
    _v: Version<1>,
    changes: u64,
    retention_days: Option<u16>,
    payloads_erased_until: Option<At>,
    erased_until: Option<At>,
}

impl TryFrom<Revision> for subscriptions::Revision {
    type Error = StoreError;

    fn try_from(row: Revision) -> Result<Self, StoreError> {
        Ok(Self {
            changes: row.changes,
            retention_days: row.retention_days,
            payloads_erased_until: row.payloads_erased_until.map(Timestamp::from),
            erased_until: row.erased_until.map(Timestamp::from),
        })
    }
}
