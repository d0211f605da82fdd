//! The pace of a subscription with a rate limit.

use serde::{Deserialize, Serialize};

use super::super::values::{Bytes, Seconds};
use crate::core::id::SubscriptionId;
use crate::core::subscription::pace;
use crate::core::timestamp::Timestamp;
use crate::edges::store::stored::StoredPace;
use crate::edges::store::{StoreError, keys};
use crate::edges::version::Version;

#[derive(Serialize, Deserialize)]
pub struct Pace {
    v: Version<1>,
    partition: String,
    sort: String,
    /// Six bytes a slot: see [`pace::Pace::to_bytes`].
    slots: Bytes,
    revision: u64,
    expires_at: Option<Seconds>,
}

impl Pace {
    /// The next write of a pace.
    pub fn new(subscription: SubscriptionId, stored: &StoredPace, end: Option<Timestamp>) -> Self {
        Self {
            v: Version,
            partition: keys::pace(subscription),
            sort: keys::PACE.to_owned(),
            slots: Bytes(stored.pace.to_bytes()),
            revision: stored.revision + 1,
            expires_at: end.map(Seconds::from),
        }
    }
}

impl TryFrom<Pace> for StoredPace {
    type Error = StoreError;

    fn try_from(row: Pace) -> Result<Self, StoreError> {
        Ok(Self { pace: pace::Pace::from_bytes(&row.slots.0), revision: row.revision })
    }
}
