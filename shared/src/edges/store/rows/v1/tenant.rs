//! A tenant. It is written by an update, which leaves `portal_links_from` as it is.

use serde::Deserialize;

use super::super::values::At;
use crate::core::id::TenantId;
use crate::core::tenant;
use crate::core::timestamp::Timestamp;
use crate::edges::store::StoreError;
use crate::edges::version::Version;

#[derive(Deserialize)]
pub struct Tenant {
    #[serde(rename = "v")]
    _v: Version<1>,
    sort: TenantId,
    name: String,
    default_profile: String,
    retention_days: Option<u16>,
    events_per_minute: Option<u32>,
    ordered: bool,
    created_at: At,
    updated_at: At,
    portal_links_from: Option<At>,
}

impl TryFrom<Tenant> for tenant::Tenant {
    type Error = StoreError;

    fn try_from(row: Tenant) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.sort,
            name: row.name,
            default_profile: row.default_profile,
            retention_days: row.retention_days,
            events_per_minute: row.events_per_minute,
            ordered: row.ordered,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            portal_links_from: Timestamp::from(row.portal_links_from.unwrap_or(row.created_at)),
        })
    }
}
