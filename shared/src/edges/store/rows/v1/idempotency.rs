//! The event that an idempotency key made.

use serde::{Deserialize, Serialize};

use super::super::values::Seconds;
use crate::core::event::split::Split;
use crate::core::id::EventId;
use crate::core::timestamp::Timestamp;
use crate::edges::store::stored::{Made, Origin};
use crate::edges::store::{StoreError, keys};
use crate::edges::version::Version;

#[derive(Serialize, Deserialize)]
pub struct Idempotency {
    v: Version<1>,
    partition: String,
    sort: String,
    event: EventId,
    fingerprint: String,
    split: Option<Split>,
    expires_at: Seconds,
}

impl Idempotency {
    pub fn new(partition: String, event: EventId, origin: &Origin, end: Timestamp) -> Self {
        let Origin { fingerprint, split } = origin;
        Self {
            v: Version,
            partition,
            sort: keys::KEY.to_owned(),
            event,
            fingerprint: fingerprint.clone(),
            split: split.clone(),
            expires_at: end.into(),
        }
    }
}

impl TryFrom<Idempotency> for Made {
    type Error = StoreError;

    fn try_from(row: Idempotency) -> Result<Self, StoreError> {
        let origin = Origin { fingerprint: row.fingerprint, split: row.split };
        Ok(Self { event: row.event, origin })
    }
}
