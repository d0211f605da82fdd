//! Who asks: the deployment's admin, or a tenant by one of its keys or portal tokens; and whether
//! they may.

use std::sync::Arc;
use std::time::Duration;

use lambda_http::http::{HeaderMap, header};

use super::routes::{self, Found, Needs, Operation};
use super::{ApiError, Request};
use crate::core::access::api_key::{AdminKeys, ApiKey, KeyHash};
use crate::core::access::capability::{Capabilities, Scope};
use crate::core::access::portal_token::{self, PortalToken};
use crate::core::id::TenantId;
use crate::core::tenant::Tenant;
use crate::core::timestamp::Timestamp;
use crate::edges::cache::Cache;
use crate::edges::clock;
use crate::edges::deployment_secret::DeploymentSecret;
use crate::edges::store::ConfigStore;

/// A revoked key may be taken for this long.
const KEY_LIFETIME: Duration = Duration::from_secs(10);
/// A deleted tenant may be taken for this long, and a changed one for what it was: so long a portal
/// token outlives its revocation.
const TENANT_LIFETIME: Duration = Duration::from_secs(5);
const CACHED: usize = 10_000;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Caller {
    /// The platform: everything.
    Admin,
    /// A tenant: so much of what is its own.
    Tenant(TenantId, Capabilities),
}

impl Caller {
    /// Whether it may, on a path that names `tenant`. Another's is not found, as one that does not
    /// exist.
    fn check(&self, needs: Needs, tenant: &str) -> Result<(), ApiError> {
        let Self::Tenant(own, capabilities) = self else { return Ok(()) };
        if !tenant.is_empty() && tenant != own.as_str() {
            return Err(NO_TENANT);
        }
        match needs {
            Needs::Nothing => Ok(()),
            Needs::Admin => Err(ApiError::AdminOnly),
            Needs::To(capability) if capabilities.have(capability) => Ok(()),
            Needs::To(capability) => Err(ApiError::NotPermitted(capability)),
        }
    }
}

const NO_TENANT: ApiError = ApiError::NotFound("tenant");

/// Knows the keys.
#[derive(Debug)]
pub struct Authority {
    admin: DeploymentSecret<AdminKeys>,
    store: ConfigStore,
    keys: Cache<KeyHash, (TenantId, Scope)>,
    tenants: Cache<TenantId, Tenant>,
}

impl Authority {
    /// With the deployment's admin keys.
    #[must_use]
    pub fn new(admin: DeploymentSecret<AdminKeys>, store: ConfigStore) -> Self {
        let (keys, tenants) =
            (Cache::new(KEY_LIFETIME, CACHED), Cache::new(TENANT_LIFETIME, CACHED));
        Self { admin, store, keys, tenants }
    }

    /// The route that a request takes, among the operations `O` that the asking function serves, if
    /// the caller may take it. Without a key nobody learns which routes exist.
    pub async fn admit<'r, O: TryFrom<Operation>>(
        &self,
        request: &'r Request,
    ) -> Result<Found<'r, O>, ApiError> {
        let found = routes::find(request);
        if found.as_ref().is_ok_and(|found| found.route.needs == Needs::Nothing) {
            return found?.within();
        }
        let caller = self.caller(&request.headers).await?;
        let found = found?;
        caller.check(found.route.needs, found.get("tenant"))?;
        found.within()
    }

    /// The tenant that a path names, if it exists.
    pub async fn tenant(&self, segment: &str) -> Result<Arc<Tenant>, ApiError> {
        let id: TenantId = segment.parse().map_err(|_| NO_TENANT)?;
        if id.is_operations() {
            return Ok(Arc::new(Tenant::operations()));
        }
        let now = clock::now();
        if let Some(tenant) = self.tenants.get(&id, now) {
            return Ok(tenant);
        }
        let tenant = self.store.tenant(&id).await?.ok_or(NO_TENANT)?;
        Ok(self.tenants.put(id, tenant, now))
    }

    /// Signs a portal token.
    pub async fn sign(&self, token: &PortalToken, now: Timestamp) -> String {
        self.admin.current(now).await.sign(token)
    }

    /// Who sent these headers.
    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, ApiError> {
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer = value.and_then(|value| value.split_once(' '));
        let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (text, now) = (bearer.ok_or(ApiError::Unauthorized)?.1.trim(), clock::now());
        if portal_token::is_token(text) {
            self.holder(text, now).await
        } else {
            self.owner(text, now).await
        }
    }

    /// Whose key it is.
    async fn owner(&self, key: &str, now: Timestamp) -> Result<Caller, ApiError> {
        let hash = ApiKey::from_bearer(key).hash();
        if self.admin.known().have(&hash) && self.admin.current(now).await.have(&hash) {
            return Ok(Caller::Admin);
        }
        if let Some(known) = self.keys.get(&hash, now) {
            return Ok(Caller::Tenant(known.0.clone(), known.1.capabilities()));
        }
        let Some((tenant, scope)) = self.store.owner_of_key(&hash).await? else {
            // The admin's, if that was changed since it was read.
            let is_admin = self.admin.current(now).await.have(&hash);
            return if is_admin { Ok(Caller::Admin) } else { Err(ApiError::Unauthorized) };
        };
        self.keys.put(hash, (tenant.clone(), scope), now);
        Ok(Caller::Tenant(tenant, scope.capabilities()))
    }

    /// Whose page the token opens, and for what.
    async fn holder(&self, text: &str, now: Timestamp) -> Result<Caller, ApiError> {
        let token = self.admin.open(text, now).await.ok_or(ApiError::Unauthorized)?;
        if token.expires_at <= now {
            return Err(ApiError::TokenExpired);
        }
        let tenant = self.tenant(token.tenant.as_str()).await;
        let tenant = tenant
            .map_err(|error| if error == NO_TENANT { ApiError::Unauthorized } else { error })?;
        if token.issued_at <= tenant.portal_links_from {
            return Err(ApiError::TokenExpired);
        }
        Ok(Caller::Tenant(token.tenant, Capabilities::of(&token.capabilities)))
    }
}
