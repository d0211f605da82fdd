//! Tenants.

use lambda_http::http::StatusCode;
use serde::{Deserialize, Serialize};
use shared::api::response::{self, List};
use shared::api::{ApiError, Request};
use shared::id::TenantId;
use shared::store::tenants::Tenant;
use shared::timestamp::Timestamp;
use shared::{clock, profile};

use crate::{Answer, Subscriptions};

/// Characters of a name at most.
const MAX_NAME_LEN: usize = 200;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PutTenant {
    #[serde(default)]
    name: String,
    default_profile: Option<String>,
}

#[derive(Serialize)]
struct TenantView {
    id: TenantId,
    name: String,
    default_profile: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Tenant> for TenantView {
    fn from(tenant: Tenant) -> Self {
        let Tenant { id, name, default_profile, created_at, updated_at } = tenant;
        Self { id, name, default_profile, created_at, updated_at }
    }
}

impl Subscriptions {
    /// `PUT /v1/tenants/{tenant}`: creates (201) or replaces (200) it.
    pub(crate) async fn put_tenant(&self, segment: &str, request: &Request) -> Answer {
        let id: TenantId = segment.parse().map_err(|error| ApiError::invalid("tenant", format!("{error}")))?;
        unreserved(&id)?;
        let body: PutTenant = request.json_or_default()?;
        if body.name.chars().count() > MAX_NAME_LEN {
            return Err(ApiError::invalid("name", format!("at most {MAX_NAME_LEN} characters are taken")));
        }
        let default_profile = known_profile("default_profile", body.default_profile)?;
        let now = clock::now();
        let earlier = self.store.tenant(&id).await?;
        let status = if earlier.is_some() { StatusCode::OK } else { StatusCode::CREATED };
        let created_at = earlier.map_or(now, |tenant| tenant.created_at);
        let tenant = Tenant { id, name: body.name, default_profile, created_at, updated_at: now };
        self.store.put_tenant(&tenant).await?;
        response::json(status, &TenantView::from(tenant))
    }

    /// `GET /v1/tenants/{tenant}`.
    pub(crate) async fn get_tenant(&self, tenant: &TenantId) -> Answer {
        if tenant.is_operations() {
            return response::ok(&TenantView::from(operations()));
        }
        let found = self.store.tenant(tenant).await?.ok_or(ApiError::NotFound("tenant"))?;
        response::ok(&TenantView::from(found))
    }

    /// `GET /v1/tenants?limit&cursor&order`.
    pub(crate) async fn list_tenants(&self, request: &Request) -> Answer {
        let page = self.store.tenants(&request.page()?).await?;
        response::ok(&List::from(page.map(TenantView::from)))
    }

    /// `DELETE /v1/tenants/{tenant}`: with its keys and subscriptions. Its log expires with the retention.
    pub(crate) async fn delete_tenant(&self, tenant: &TenantId) -> Answer {
        unreserved(tenant)?;
        self.store.delete_tenant(tenant).await?;
        Ok(response::no_content())
    }
}

fn unreserved(tenant: &TenantId) -> Result<(), ApiError> {
    if tenant.is_operations() {
        return Err(ApiError::invalid("tenant", "this tenant is Postrider's own: it always exists and stays as it is"));
    }
    Ok(())
}

fn operations() -> Tenant {
    let epoch = Timestamp::from_millis(0);
    Tenant {
        id: TenantId::operations(),
        name: "Postrider's own events".to_owned(),
        default_profile: profile::DEFAULT.to_owned(),
        created_at: epoch,
        updated_at: epoch,
    }
}

/// The named profile, or the default one; unknown names are refused with those that exist.
pub fn known_profile(field: &str, name: Option<String>) -> Result<String, ApiError> {
    let name = name.unwrap_or_else(|| profile::DEFAULT.to_owned());
    if profile::find(&name).is_some() {
        return Ok(name);
    }
    let known: Vec<_> = profile::all().iter().map(|profile| profile.name.as_str()).collect();
    Err(ApiError::invalid(field, format!("there is no profile '{name}'; there is {}", known.join(", "))))
}
