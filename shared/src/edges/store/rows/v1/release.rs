//! A release that is under way.

use serde::{Deserialize, Serialize};

use super::super::values::{At, Json};
use crate::core::id::{EventId, SubscriptionId, TenantId};
use crate::core::subscription::release;
use crate::edges::store::{StoreError, keys};
use crate::edges::version::Version;

#[derive(Serialize, Deserialize)]
pub struct Release {
    v: Version<1>,
    partition: String,
    sort: SubscriptionId,
    tenant: TenantId,
    resumed_at: At,
    room: u32,
    under_way: Json<Vec<EventId>>,
    moved_at: At,
    after: Option<EventId>,
    found: bool,
    look_at: At,
    revision: u64,
}

impl From<&release::Release> for Release {
    /// The next write of a release.
    fn from(release: &release::Release) -> Self {
        let release::Release {
            tenant,
            subscription,
            resumed_at,
            room,
            under_way,
            moved_at,
            after,
            found,
            look_at,
            revision,
        } = release;
        Self {
            v: Version,
            partition: keys::RELEASES.to_owned(),
            sort: *subscription,
            tenant: tenant.clone(),
            resumed_at: (*resumed_at).into(),
            room: *room,
            under_way: Json(under_way.clone()),
            moved_at: (*moved_at).into(),
            after: *after,
            found: *found,
            look_at: (*look_at).into(),
            revision: revision + 1,
        }
    }
}

impl TryFrom<Release> for release::Release {
    type Error = StoreError;

    fn try_from(row: Release) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: row.tenant,
            subscription: row.sort,
            resumed_at: row.resumed_at.into(),
            room: row.room,
            under_way: row.under_way.0,
            moved_at: row.moved_at.into(),
            after: row.after,
            found: row.found,
            look_at: row.look_at.into(),
            revision: row.revision,
        })
    }
}
