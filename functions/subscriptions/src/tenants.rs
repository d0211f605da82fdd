//! Tenants.

use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::core::id::TenantId;
use shared::core::subscription::profile;
use shared::core::tenant::Tenant;
use shared::core::tenant::flow::MAX_EVENTS_PER_MINUTE;
use shared::core::timestamp::Timestamp;
use shared::edges::api::response::{self, List};
use shared::edges::api::schemas::ProfileName;
use shared::edges::api::{ApiError, Request};
use shared::edges::clock;
use shared::edges::store::Saved;

use crate::{Answer, ROUNDS, Subscriptions};

/// Characters of a name at most.
const MAX_NAME_LEN: usize = 200;

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

impl Subscriptions {
    /// `PUT /v1/tenants/{tenant}`: creates (201) or replaces (200) it.
    pub(crate) async fn put_tenant(&self, segment: &str, request: &Request) -> Answer {
        let id: TenantId =
            segment.parse().map_err(|error| ApiError::invalid("tenant", format!("{error}")))?;
        unreserved(&id)?;
        let body: PutTenant = request.json_or_default()?;
        if body.name.chars().count() > MAX_NAME_LEN {
            return Err(ApiError::invalid(
                "name",
                format!("at most {MAX_NAME_LEN} characters are taken"),
            ));
        }
        let default_profile = known_profile("default_profile", body.default_profile)?;
        let (retention_days, most) = (body.retention_days, self.retention_days());
        if retention_days.is_some_and(|days| !(1..=most).contains(&u64::from(days))) {
            let wanted =
                format!("1 to {most} days are wanted: the deployment keeps nothing for longer");
            return Err(ApiError::invalid("retention_days", wanted));
        }
        if body.events_per_minute.is_some_and(|events| events > MAX_EVENTS_PER_MINUTE) {
            return Err(ApiError::invalid(
                "events_per_minute",
                format!("0 to {MAX_EVENTS_PER_MINUTE} is wanted"),
            ));
        }
        let now = clock::now();
        let earlier = self.store.tenant(&id).await?;
        self.check_order(&id, body.ordered, earlier.as_ref()).await?;
        let status = if earlier.is_some() { StatusCode::OK } else { StatusCode::CREATED };
        let created_at = earlier.as_ref().map_or(now, |tenant| tenant.created_at);
        let portal_links_from = earlier.map_or(now, |tenant| tenant.portal_links_from);
        let tenant = Tenant {
            id,
            name: body.name,
            default_profile,
            retention_days,
            events_per_minute: body.events_per_minute,
            ordered: body.ordered,
            created_at,
            updated_at: now,
            portal_links_from,
        };
        for _ in 0..ROUNDS {
            if self.store.put_tenant(&tenant).await? == Saved::Saved {
                return response::json(status, &self.view(tenant));
            }
            if self.store.erasure(&tenant.id).await?.is_some_and(|found| found.is_running()) {
                let detail = "All of this tenant is being erased. See GET …/erasure; put it when that is done.";
                return Err(ApiError::Conflict(detail.to_owned()));
            }
        }
        Err(ApiError::contended())
    }

    /// `GET /v1/tenants/{tenant}`.
    pub(crate) async fn get_tenant(&self, tenant: &TenantId) -> Answer {
        if tenant.is_operations() {
            return response::ok(&self.view(Tenant::operations()));
        }
        let found = self.store.tenant(tenant).await?.ok_or(ApiError::NotFound("tenant"))?;
        response::ok(&self.view(found))
    }

    /// `GET /v1/tenants?limit&cursor&order`.
    pub(crate) async fn list_tenants(&self, request: &Request) -> Answer {
        let page = self.store.tenants(&request.page()?).await?;
        response::ok(&List::from(page.map(|tenant| self.view(tenant))))
    }

    fn view(&self, tenant: Tenant) -> TenantView {
        let Tenant {
            id,
            name,
            default_profile,
            retention_days,
            events_per_minute,
            ordered,
            created_at,
            updated_at,
            ..
        } = tenant;
        // A deployment that came to keep less keeps less of everybody's.
        let most = self.retention_days();
        let retention_days = retention_days.map_or(most, |days| u64::from(days).min(most));
        let events_per_minute = events_per_minute.unwrap_or(self.events_per_minute);
        TenantView {
            id,
            name,
            default_profile,
            retention_days,
            events_per_minute,
            ordered,
            created_at,
            updated_at,
        }
    }

    /// Refuses order where the deployment has none to give, and to take it from subscriptions that
    /// were promised it.
    async fn check_order(
        &self,
        id: &TenantId,
        ordered: bool,
        earlier: Option<&Tenant>,
    ) -> Result<(), ApiError> {
        if ordered && !self.ordered_delivery && earlier.is_none_or(|tenant| !tenant.ordered) {
            let wanted = "This deployment has no ordered delivery: deploy it with OrderedDelivery=true first.";
            return Err(ApiError::Conflict(wanted.to_owned()));
        }
        let mut cursor = None;
        while !ordered && earlier.is_some_and(|tenant| tenant.ordered) {
            let (subscriptions, next) = self.store.fanout_page(id, cursor.as_deref()).await?;
            if let Some(found) = subscriptions.iter().find(|subscription| subscription.ordered) {
                let kept = format!(
                    "Subscription {} is ordered: put \"ordered\": true, or delete it first.",
                    found.id
                );
                return Err(ApiError::Conflict(kept));
            }
            if next.is_none() {
                break;
            }
            cursor = next;
        }
        Ok(())
    }

    fn retention_days(&self) -> u64 {
        self.retention.as_secs() / (24 * 3600)
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

/// The named profile, or the default one; unknown names are refused with those that exist.
pub fn known_profile(field: &str, name: Option<String>) -> Result<String, ApiError> {
    let name = name.unwrap_or_else(|| profile::DEFAULT.to_owned());
    if profile::find(&name).is_some() {
        return Ok(name);
    }
    let known: Vec<_> = profile::all().iter().map(|profile| profile.name.as_str()).collect();
    Err(ApiError::invalid(
        field,
        format!("there is no profile '{name}'; there is {}", known.join(", ")),
    ))
}
