//! The counts of an hour's deliveries. A late write makes the row with `late_at` alone.

use serde::{Deserialize, Serialize};

use super::super::values::{At, Json, Seconds};
use crate::core::id::{EventId, SubscriptionId};
use crate::core::statistics::{self, Attempts, Deliveries, Histogram};
use crate::core::timestamp::Timestamp;
use crate::edges::store::stored::{Counted, KeptHour};
use crate::edges::store::{StoreError, keys};
use crate::edges::version::Version;

#[derive(Serialize, Deserialize)]
pub struct Hour {
    v: Version<1>,
    partition: String,
    /// Hours since 1970.
    sort: String,
    /// When a late write was last announced; 0 for never.
    late_at: At,
    /// What `late_at` was when it was counted.
    counted_late_at: Option<At>,
    counts: Option<Json<Counts>>,
    through: Option<EventId>,
    expires_at: Seconds,
}

#[derive(Serialize, Deserialize)]
struct Counts {
    deliveries: ByStatus,
    attempts: ByOutcome,
    /// How many, by bucket.
    response_times: Histogram,
    delivery_times: Histogram,
}

#[derive(Serialize, Deserialize)]
struct ByStatus {
    total: u64,
    delivered: u64,
    exhausted: u64,
    cancelled: u64,
    pending: u64,
    held: u64,
}

#[derive(Serialize, Deserialize)]
struct ByOutcome {
    total: u64,
    succeeded: u64,
    rejected: u64,
    timed_out: u64,
    unreachable: u64,
    blocked: u64,
}

impl Hour {
    pub fn new(
        subscription: SubscriptionId,
        hour: Timestamp,
        counted: &Counted,
        (late_at, end): (Timestamp, Timestamp),
    ) -> Self {
        Self {
            v: Version,
            partition: keys::statistics(subscription),
            sort: keys::hour(hour),
            late_at: late_at.into(),
            counted_late_at: Some(late_at.into()),
            counts: Some(Json(Counts::from(&counted.counts))),
            through: counted.through,
            expires_at: end.into(),
        }
    }
}

impl TryFrom<Hour> for KeptHour {
    type Error = StoreError;

    fn try_from(row: Hour) -> Result<Self, StoreError> {
        let hours: i64 = row.sort.parse().map_err(|_| StoreError::Corrupt("sort".to_owned()))?;
        let late_at = Timestamp::from(row.late_at);
        let holds = row.counted_late_at.map(Timestamp::from) == Some(late_at);
        let counted = row
            .counts
            .filter(|_| holds)
            .map(|Json(counts)| Counted { counts: counts.into(), through: row.through });
        Ok(Self::stored(Timestamp::from_millis(hours * 3_600_000), counted, late_at))
    }
}

impl From<&statistics::Counts> for Counts {
    fn from(counts: &statistics::Counts) -> Self {
        let statistics::Counts { deliveries, attempts, response_times, delivery_times } = counts;
        let Deliveries { total, delivered, exhausted, cancelled, pending, held } = *deliveries;
        let deliveries = ByStatus { total, delivered, exhausted, cancelled, pending, held };
        let Attempts { total, succeeded, rejected, timed_out, unreachable, blocked } = *attempts;
        let attempts = ByOutcome { total, succeeded, rejected, timed_out, unreachable, blocked };
        let (response_times, delivery_times) = (response_times.clone(), delivery_times.clone());
        Self { deliveries, attempts, response_times, delivery_times }
    }
}

impl From<Counts> for statistics::Counts {
    fn from(row: Counts) -> Self {
        let ByStatus { total, delivered, exhausted, cancelled, pending, held } = row.deliveries;
        let deliveries = Deliveries { total, delivered, exhausted, cancelled, pending, held };
        let ByOutcome { total, succeeded, rejected, timed_out, unreachable, blocked } =
            row.attempts;
        let attempts = Attempts { total, succeeded, rejected, timed_out, unreachable, blocked };
        let Counts { response_times, delivery_times, .. } = row;
        Self { deliveries, attempts, response_times, delivery_times }
    }
}
