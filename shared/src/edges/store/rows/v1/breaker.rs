//! An open breaker.

use serde::{Deserialize, Serialize};

use super::super::values::At;
use crate::core::id::{SubscriptionId, TenantId};
use crate::core::subscription::breaker;
use crate::edges::store::{StoreError, keys};
use crate::edges::version::Version;

#[derive(Serialize, Deserialize)]
pub struct Breaker {
    v: Version<1>,
    partition: String,
    sort: SubscriptionId,
    tenant: TenantId,
    opened_at: At,
    probes: u32,
    next_probe_at: At,
}

impl From<&breaker::Breaker> for Breaker {
    fn from(breaker: &breaker::Breaker) -> Self {
        let breaker::Breaker { tenant, subscription, opened_at, probes, next_probe_at } = breaker;
        Self {
            v: Version,
            partition: keys::BREAKERS.to_owned(),
            sort: *subscription,
            tenant: tenant.clone(),
            opened_at: (*opened_at).into(),
            probes: *probes,
            next_probe_at: (*next_probe_at).into(),
        }
    }
}

impl TryFrom<Breaker> for breaker::Breaker {
    type Error = StoreError;

    fn try_from(row: Breaker) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: row.tenant,
            subscription: row.sort,
            opened_at: row.opened_at.into(),
            probes: row.probes,
            next_probe_at: row.next_probe_at.into(),
        })
    }
}
