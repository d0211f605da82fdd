//! Who asks: the deployment's admin, or a tenant by one of its keys.

use std::sync::Arc;
use std::time::Duration;

use lambda_http::http::{HeaderMap, header};

use super::ApiError;
use crate::api_key::{AdminKeys, ApiKey, KeyHash};
use crate::cache::Cache;
use crate::clock;
use crate::deployment_secret::DeploymentSecret;
use crate::id::TenantId;
use crate::store::ConfigStore;
use crate::store::tenants::Tenant;

/// A revoked key may be taken for this long.
const KEY_LIFETIME: Duration = Duration::from_secs(10);
/// A deleted tenant may be taken for this long, and a changed one for what it was.
const TENANT_LIFETIME: Duration = Duration::from_secs(5);
const CACHED: usize = 10_000;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// The platform: everything.
    Admin,
    /// A tenant: what is its own.
    Tenant(TenantId),
}

impl Caller {
    /// Refuses everybody but the platform.
    pub const fn admin(&self) -> Result<(), ApiError> {
        match self {
            Self::Admin => Ok(()),
            Self::Tenant(_) => Err(ApiError::AdminOnly),
        }
    }
}

/// Knows the keys.
#[derive(Debug)]
pub struct Authority {
    admin: DeploymentSecret<AdminKeys>,
    store: ConfigStore,
    keys: Cache<KeyHash, TenantId>,
    tenants: Cache<TenantId, Tenant>,
}

impl Authority {
    /// With the deployment's admin keys.
    #[must_use]
    pub fn new(admin: DeploymentSecret<AdminKeys>, store: ConfigStore) -> Self {
        let (keys, tenants) = (Cache::new(KEY_LIFETIME, CACHED), Cache::new(TENANT_LIFETIME, CACHED));
        Self { admin, store, keys, tenants }
    }

    /// Who sent these headers.
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Caller, ApiError> {
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer = value.and_then(|value| value.split_once(' '));
        let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let hash = ApiKey::from_bearer(bearer.ok_or(ApiError::Unauthorized)?.1.trim()).hash();
        let now = clock::now();
        if self.admin.known().have(&hash) && self.admin.current(now).await.have(&hash) {
            return Ok(Caller::Admin);
        }
        if let Some(tenant) = self.keys.get(&hash, now) {
            return Ok(Caller::Tenant(TenantId::clone(&tenant)));
        }
        let Some(tenant) = self.store.tenant_of_key(&hash).await? else {
            // The admin's, if that was changed since it was read.
            let is_admin = self.admin.current(now).await.have(&hash);
            return if is_admin { Ok(Caller::Admin) } else { Err(ApiError::Unauthorized) };
        };
        self.keys.put(hash, tenant.clone(), now);
        Ok(Caller::Tenant(tenant))
    }

    /// The tenant that a path names, if it exists and the caller may reach it. Another's is not found, as one that
    /// does not exist.
    pub async fn tenant(&self, caller: &Caller, segment: &str) -> Result<Arc<Tenant>, ApiError> {
        const NONE: ApiError = ApiError::NotFound("tenant");
        let id: TenantId = segment.parse().map_err(|_| NONE)?;
        if matches!(caller, Caller::Tenant(own) if *own != id) {
            return Err(NONE);
        }
        if id.is_operations() {
            return Ok(Arc::new(Tenant::operations()));
        }
        let now = clock::now();
        if let Some(tenant) = self.tenants.get(&id, now) {
            return Ok(tenant);
        }
        let tenant = self.store.tenant(&id).await?.ok_or(NONE)?;
        Ok(self.tenants.put(id, tenant, now))
    }
}
