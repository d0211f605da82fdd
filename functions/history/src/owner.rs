//! The tenant whose record is asked for, and how far back it is shown.

use std::sync::Arc;
use std::time::Duration;

use shared::core::id::{EventId, TenantId};
use shared::core::tenant::Tenant;
use shared::core::timestamp::Timestamp;
use shared::edges::api::{ApiError, Request};

/// A tenant, and since when its record is shown: what is older is not, whether it was removed yet
/// or not.
#[derive(Debug)]
pub struct Owner {
    pub tenant: Arc<Tenant>,
    pub since: Timestamp,
}

impl Owner {
    /// As far back as both the tenant and the deployment keep anything.
    pub fn new(tenant: Arc<Tenant>, retention: Duration, now: Timestamp) -> Self {
        let kept = tenant.retention().unwrap_or(retention).min(retention);
        Self { tenant, since: now.before(kept) }
    }

    /// Its id.
    pub fn id(&self) -> &TenantId {
        &self.tenant.id
    }

    /// The time range that a request asks for, as far back as the record goes.
    pub fn range(&self, request: &Request) -> Result<(Timestamp, Timestamp), ApiError> {
        let (from, to) = request.range()?;
        Ok((from.max(self.since), to))
    }

    /// The id of something that is not older than the record.
    pub fn kept(&self, event: EventId, what: &'static str) -> Result<EventId, ApiError> {
        if event.timestamp() < self.since { Err(ApiError::NotFound(what)) } else { Ok(event) }
    }
}

#[cfg(test)]
mod tests;
