//! A subscription.

use serde::{Deserialize, Serialize};

use super::super::values::{At, Json, words};
use crate::core::endpoint::Endpoint;
use crate::core::event::event_type::Filter;
use crate::core::id::TenantId;
use crate::core::sealing::Sealed;
use crate::core::subscription::profile::Overrides;
use crate::core::subscription::{self, Health, Secrets};
use crate::core::timestamp::Timestamp;
use crate::edges::store::{StoreError, keys};
use crate::edges::version::Version;

#[derive(Serialize, Deserialize)]
pub struct Subscription {
    v: Version<1>,
    partition: String,
    sort: String,
    tenant: TenantId,
    version: u64,
    url: String,
    /// The patterns, as they are written.
    event_types: Json<Filter>,
    status: Status,
    status_reason: Option<String>,
    /// Only of an ordered one.
    ordered: Option<bool>,
    description: String,
    profile: String,
    /// As they were given: fields of a policy by the names of the API.
    overrides: Json<Overrides>,
    headers: Option<String>,
    header_names: Json<Vec<String>>,
    secret: String,
    previous_secret: Option<String>,
    previous_secret_until: Option<At>,
    failed_attempts: u32,
    failed_ms: u64,
    failing_since: Option<At>,
    has_open_breaker: Option<bool>,
    created_at: At,
    updated_at: At,
}

words!(Status(subscription::Status):
    Active = "active",
    Paused = "paused",
    Disabled = "disabled",
);

impl Subscription {
    /// The next version of a subscription, with another health.
    pub fn new(subscription: &subscription::Subscription, health: Health) -> Self {
        let subscription::Subscription {
            tenant,
            id,
            version,
            endpoint,
            filter,
            status,
            status_reason,
            ordered,
            description,
            profile,
            overrides,
            headers,
            header_names,
            secrets: Secrets { current, previous },
            health: _,
            created_at,
            updated_at,
        } = subscription;
        let Health { failed_attempts, failed_ms, failing_since, has_open_breaker } = health;
        let text = |sealed: &Sealed| sealed.as_str().to_owned();
        Self {
            v: Version,
            partition: keys::tenant(tenant),
            sort: keys::subscription(*id),
            tenant: tenant.clone(),
            version: version + 1,
            url: endpoint.as_str().to_owned(),
            event_types: Json(filter.clone()),
            status: Status(*status),
            status_reason: status_reason.clone(),
            ordered: ordered.then_some(true),
            description: description.clone(),
            profile: profile.clone(),
            overrides: Json(overrides.clone()),
            headers: headers.as_ref().map(text),
            header_names: Json(header_names.clone()),
            secret: text(current),
            previous_secret: previous.as_ref().map(|(secret, _)| text(secret)),
            previous_secret_until: previous.as_ref().map(|(_, until)| At::from(*until)),
            failed_attempts,
            failed_ms,
            failing_since: failing_since.map(At::from),
            has_open_breaker: has_open_breaker.then_some(true),
            created_at: (*created_at).into(),
            updated_at: (*updated_at).into(),
        }
    }
}

impl TryFrom<Subscription> for subscription::Subscription {
    type Error = StoreError;

    fn try_from(row: Subscription) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt(what.to_owned());
        let id = row.sort.strip_prefix(keys::SUBSCRIPTION_PREFIX).and_then(|id| id.parse().ok());
        let until = row.previous_secret_until.map(Timestamp::from);
        Ok(Self {
            tenant: row.tenant,
            id: id.ok_or_else(|| corrupt("sort"))?,
            version: row.version,
            endpoint: Endpoint::from_stored(row.url).map_err(|_| corrupt("url"))?,
            filter: row.event_types.0,
            status: row.status.0,
            status_reason: row.status_reason,
            ordered: row.ordered == Some(true),
            description: row.description,
            profile: row.profile,
            overrides: row.overrides.0,
            headers: row.headers.map(Sealed::from_stored),
            header_names: row.header_names.0,
            secrets: Secrets {
                current: Sealed::from_stored(row.secret),
                previous: row.previous_secret.map(Sealed::from_stored).zip(until),
            },
            health: Health {
                failed_attempts: row.failed_attempts,
                failed_ms: row.failed_ms,
                failing_since: row.failing_since.map(Timestamp::from),
                has_open_breaker: row.has_open_breaker == Some(true),
            },
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}
