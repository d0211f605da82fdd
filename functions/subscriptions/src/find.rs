//! A subscription by its id.

use shared::core::id::{SubscriptionId, TenantId};
use shared::core::subscription::Subscription;
use shared::edges::api::ApiError;
use shared::edges::store::ConfigStore;

/// A subscription of the tenant.
pub async fn find(
    config: &ConfigStore,
    tenant: &TenantId,
    id: SubscriptionId,
) -> Result<Subscription, ApiError> {
    config.subscription(tenant, id).await?.ok_or(ApiError::NotFound("subscription"))
}
