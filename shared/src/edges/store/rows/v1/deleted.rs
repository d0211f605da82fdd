//! A deleted subscription, as long as something may be on record of it.

use serde::Serialize;

use super::super::values::Seconds;
use crate::core::id::{SubscriptionId, TenantId};
use crate::core::timestamp::Timestamp;
use crate::edges::store::keys;
use crate::edges::version::Version;

#[derive(Serialize)]
pub struct Deleted {
    v: Version<1>,
    partition: String,
    sort: String,
    expires_at: Seconds,
}

impl Deleted {
    pub fn new(tenant: &TenantId, id: SubscriptionId, kept_until: Timestamp) -> Self {
        Self {
            v: Version,
            partition: keys::tenant(tenant),
            sort: keys::deleted_subscription(id),
            expires_at: kept_until.into(),
        }
    }
}
