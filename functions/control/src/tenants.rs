//! Tenants: put, shown, listed.

use std::time::Duration;

use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::core::id::{SubscriptionId, TenantId};
use shared::core::subscription::profile;
use shared::core::tenant::Tenant;
use shared::core::tenant::flow::MAX_EVENTS_PER_MINUTE;
use shared::core::timestamp::Timestamp;
use shared::edges::api::response::{self, List};
use shared::edges::api::schemas::ProfileName;
use shared::edges::api::{ApiError, Request};
use shared::edges::clock;
use shared::edges::store::{ConfigStore, Saved, rounds};

use crate::Answer;

/// Characters of a name at most.
const MAX_NAME_LEN: usize = 200;

/// The terms of the deployment: its own limits, and the values of tenants that set none.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// The longest that anything is kept.
    pub retention: Duration,
    /// Events that a tenant may publish in a minute, 0 for any number.
    pub events_per_minute: u32,
    /// Whether tenants may be ordered.
    pub ordered_delivery: bool,
}

/// What a tenant is to be.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutTenant {
    /// For people.
    #[serde(default)]
    #[schemars(length(max = MAX_NAME_LEN), example = &"Shop 1")]
    name: String,
    /// The profile of its subscriptions that name none; `standard` where it is not given.
    #[schemars(with = "Option<ProfileName>")]
    default_profile: Option<String>,
    /// How many days its events, deliveries and attempts are kept, no more than the deployment
    /// keeps any; as many where it is not given.
    #[schemars(range(min = 1), example = 14)]
    retention_days: Option<u16>,
    /// How many events it may publish in a minute, 0 for any number; as many as the deployment lets
    /// a tenant where it is not given.
    #[schemars(range(max = MAX_EVENTS_PER_MINUTE), example = 6000)]
    events_per_minute: Option<u32>,
    /// Whether its events keep their order, as its subscriptions need that are ordered. It cannot
    /// be taken back while it has such subscriptions. What is published within five seconds of the
    /// change may be out of order yet.
    #[serde(default)]
    ordered: bool,
}

/// A tenant: a customer of the platform, who sees nothing of the others.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Tenant")]
pub struct TenantView {
    id: TenantId,
    /// For people.
    #[schemars(example = &"Shop 1")]
    name: String,
    /// The profile of its subscriptions that name none.
    #[schemars(with = "ProfileName")]
    default_profile: String,
    /// How many days its events, deliveries and attempts are kept.
    #[schemars(example = 14)]
    retention_days: u64,
    /// How many events it may publish in a minute; 0 for any number.
    #[schemars(example = 6000)]
    events_per_minute: u32,
    /// Whether its events keep their order, and its subscriptions may be ordered.
    ordered: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// `PUT /v1/tenants/{tenant}`: creates (201) or replaces (200) it.
pub async fn put(config: &ConfigStore, terms: &Terms, segment: &str, request: &Request) -> Answer {
    let id: TenantId =
        segment.parse().map_err(|error| ApiError::invalid("tenant", format!("{error}")))?;
    unreserved(&id)?;
    let wanted = request.json_or_default::<PutTenant>()?.checked(terms)?;
    let earlier = config.tenant(&id).await?;
    let ordered = match &earlier {
        Some(earlier) if earlier.ordered && !wanted.ordered => {
            ordered_subscription(config, &id).await?
        }
        _ => None,
    };
    let tenant = wanted.over(id, earlier.as_ref(), ordered, terms, clock::now())?;
    for () in rounds() {
        if config.put_tenant(&tenant).await? == Saved::Saved {
            let status = if earlier.is_some() { StatusCode::OK } else { StatusCode::CREATED };
            return response::json(status, &TenantView::new(tenant, terms));
        }
        if config.erasure(&tenant.id).await?.is_some_and(|found| found.is_running()) {
            let detail =
                "All of this tenant is being erased. See GET …/erasure; put it when that is done.";
            return Err(ApiError::Conflict(detail.to_owned()));
        }
    }
    Err(ApiError::contended("It"))
}

/// `GET /v1/tenants/{tenant}`.
pub async fn get(config: &ConfigStore, terms: &Terms, tenant: &TenantId) -> Answer {
    if tenant.is_operations() {
        return response::ok(&TenantView::new(Tenant::operations(), terms));
    }
    let found = config.tenant(tenant).await?.ok_or(ApiError::NotFound("tenant"))?;
    response::ok(&TenantView::new(found, terms))
}

/// `GET /v1/tenants?limit&cursor&order`.
pub async fn list(config: &ConfigStore, terms: &Terms, request: &Request) -> Answer {
    let page = config.tenants(&request.page()?).await?;
    response::ok(&List::from(page.map(|tenant| TenantView::new(tenant, terms))))
}

/// The first ordered subscription of a tenant, if it has any.
async fn ordered_subscription(
    config: &ConfigStore,
    tenant: &TenantId,
) -> Result<Option<SubscriptionId>, ApiError> {
    let mut cursor = None;
    loop {
        let (subscriptions, next) = config.fanout_page(tenant, cursor.as_deref()).await?;
        let ordered = subscriptions.iter().find(|subscription| subscription.ordered);
        if let Some(found) = ordered {
            return Ok(Some(found.id));
        }
        if next.is_none() {
            return Ok(None);
        }
        cursor = next;
    }
}

impl PutTenant {
    /// Within the limits of the deployment, and with a profile that exists.
    fn checked(self, terms: &Terms) -> Result<Self, ApiError> {
        if self.name.chars().count() > MAX_NAME_LEN {
            return Err(ApiError::invalid(
                "name",
                format!("at most {MAX_NAME_LEN} characters are taken"),
            ));
        }
        let default_profile = profile::existing(self.default_profile)
            .map_err(|error| ApiError::invalid("default_profile", error.to_string()))?;
        let most = terms.retention_days();
        if self.retention_days.is_some_and(|days| !(1..=most).contains(&u64::from(days))) {
            let wanted =
                format!("1 to {most} days are wanted: the deployment keeps nothing for longer");
            return Err(ApiError::invalid("retention_days", wanted));
        }
        if self.events_per_minute.is_some_and(|events| events > MAX_EVENTS_PER_MINUTE) {
            return Err(ApiError::invalid(
                "events_per_minute",
                format!("0 to {MAX_EVENTS_PER_MINUTE} is wanted"),
            ));
        }
        Ok(Self { default_profile: Some(default_profile), ..self })
    }

    /// The tenant that is put over `earlier`. Order is refused where the deployment has none to
    /// give, and is not taken from `ordered_subscription`, which was promised it.
    fn over(
        self,
        id: TenantId,
        earlier: Option<&Tenant>,
        ordered_subscription: Option<SubscriptionId>,
        terms: &Terms,
        now: Timestamp,
    ) -> Result<Tenant, ApiError> {
        if self.ordered && !terms.ordered_delivery && earlier.is_none_or(|tenant| !tenant.ordered) {
            let wanted = "This deployment has no ordered delivery: deploy it with OrderedDelivery=true first.";
            return Err(ApiError::Conflict(wanted.to_owned()));
        }
        if let Some(kept) = ordered_subscription.filter(|_| !self.ordered) {
            let detail = format!(
                "Subscription {kept} is ordered: put \"ordered\": true, or delete it first."
            );
            return Err(ApiError::Conflict(detail));
        }
        Ok(Tenant {
            id,
            name: self.name,
            default_profile: self.default_profile.unwrap_or_else(|| profile::DEFAULT.to_owned()),
            retention_days: self.retention_days,
            events_per_minute: self.events_per_minute,
            ordered: self.ordered,
            created_at: earlier.map_or(now, |tenant| tenant.created_at),
            updated_at: now,
            portal_links_from: earlier.map_or(now, |tenant| tenant.portal_links_from),
        })
    }
}

impl Terms {
    const fn retention_days(&self) -> u64 {
        self.retention.as_secs() / (24 * 3600)
    }
}

impl TenantView {
    /// With the deployment's terms where the tenant has none of its own.
    fn new(tenant: Tenant, terms: &Terms) -> Self {
        // A deployment that came to keep less keeps less of everybody's.
        let most = terms.retention_days();
        Self {
            id: tenant.id,
            name: tenant.name,
            default_profile: tenant.default_profile,
            retention_days: tenant.retention_days.map_or(most, |days| u64::from(days).min(most)),
            events_per_minute: tenant.events_per_minute.unwrap_or(terms.events_per_minute),
            ordered: tenant.ordered,
            created_at: tenant.created_at,
            updated_at: tenant.updated_at,
        }
    }
}

/// Refuses Postrider's own tenant.
pub fn unreserved(tenant: &TenantId) -> Result<(), ApiError> {
    if tenant.is_operations() {
        return Err(ApiError::invalid(
            "tenant",
            "this tenant is Postrider's own: it always exists and stays as it is",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
