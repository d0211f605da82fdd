//! An erasure of a tenant: a running one, or its last.

use serde::{Deserialize, Serialize};

use super::super::values::{At, Json, words};
use crate::core::erasure;
use crate::core::id::{EventId, SubscriptionId, TenantId};
use crate::core::timestamp::Timestamp;
use crate::edges::store::StoreError;
use crate::edges::version::Version;

#[derive(Serialize, Deserialize)]
pub struct Erasure {
    v: Version<1>,
    partition: String,
    sort: TenantId,
    what: What,
    created_at: At,
    updated_at: At,
    finished_at: Option<At>,
    events: u64,
    deliveries: u64,
    subscriptions: u64,
    look: u8,
    look_at: At,
    place: Json<Place>,
    revision: u64,
}

words!(What(erasure::What):
    Payloads = "payloads",
    Everything = "everything",
);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    Setup,
    Events { shard: u8, after: Option<EventId> },
    Subscriptions { after: Option<SubscriptionId> },
    Deliveries { subscription: SubscriptionId, shard: u8, after: Option<EventId> },
}

impl Erasure {
    /// The next write of an erasure, into one of its two partitions.
    pub fn new(partition: &str, erasure: &erasure::Erasure) -> Self {
        let erasure::Erasure {
            tenant,
            what,
            created_at,
            updated_at,
            finished_at,
            events,
            deliveries,
            subscriptions,
            look,
            look_at,
            place,
            revision,
        } = erasure;
        Self {
            v: Version,
            partition: partition.to_owned(),
            sort: tenant.clone(),
            what: What(*what),
            created_at: (*created_at).into(),
            updated_at: (*updated_at).into(),
            finished_at: finished_at.map(At::from),
            events: *events,
            deliveries: *deliveries,
            subscriptions: *subscriptions,
            look: *look,
            look_at: (*look_at).into(),
            place: Json((*place).into()),
            revision: revision + 1,
        }
    }
}

impl TryFrom<Erasure> for erasure::Erasure {
    type Error = StoreError;

    fn try_from(row: Erasure) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: row.sort,
            what: row.what.0,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            finished_at: row.finished_at.map(Timestamp::from),
            events: row.events,
            deliveries: row.deliveries,
            subscriptions: row.subscriptions,
            look: row.look,
            look_at: row.look_at.into(),
            place: row.place.0.into(),
            revision: row.revision,
        })
    }
}

impl From<erasure::Place> for Place {
    fn from(place: erasure::Place) -> Self {
        match place {
            erasure::Place::Setup => Self::Setup,
            erasure::Place::Events { shard, after } => Self::Events { shard, after },
            erasure::Place::Subscriptions { after } => Self::Subscriptions { after },
            erasure::Place::Deliveries { subscription, shard, after } => {
                Self::Deliveries { subscription, shard, after }
            }
        }
    }
}

impl From<Place> for erasure::Place {
    fn from(row: Place) -> Self {
        match row {
            Place::Setup => Self::Setup,
            Place::Events { shard, after } => Self::Events { shard, after },
            Place::Subscriptions { after } => Self::Subscriptions { after },
            Place::Deliveries { subscription, shard, after } => {
                Self::Deliveries { subscription, shard, after }
            }
        }
    }
}
