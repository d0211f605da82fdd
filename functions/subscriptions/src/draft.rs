//! A subscription that is being made: decided from the request and its tenant.

use shared::core::endpoint::Endpoint;
use shared::core::event::event_type::Filter;
use shared::core::id::{SubscriptionId, TenantId};
use shared::core::sealing::Sealed;
use shared::core::signature::Secret;
use shared::core::subscription::custom_headers::CustomHeaders;
use shared::core::subscription::profile::Overrides;
use shared::core::subscription::{Health, Secrets, Status, Subscription};
use shared::core::tenant::Tenant;
use shared::core::timestamp::Timestamp;
use shared::edges::api::ApiError;

use crate::forms::{self, NewSubscription};
use crate::secrets::chosen_or_new;
use crate::terms::Terms;

/// A subscription before it has an id, and before its secrets are sealed.
pub struct Draft {
    endpoint: Endpoint,
    filter: Filter,
    description: String,
    profile: String,
    overrides: Overrides,
    headers: CustomHeaders,
    secret: Secret,
    status: Status,
    ordered: bool,
}

impl Draft {
    /// `owner` is its tenant, where [`NewSubscription::asks_its_tenant`]; `random` makes the secret,
    /// where none is given.
    pub fn new(
        new: NewSubscription,
        owner: Option<&Tenant>,
        terms: &Terms,
        random: [u8; 32],
    ) -> Result<Self, ApiError> {
        if new.ordered && !terms.ordered_delivery {
            let wanted = "This deployment has no ordered delivery: deploy it with OrderedDelivery=true first.";
            return Err(ApiError::Conflict(wanted.to_owned()));
        }
        if new.ordered && !owner.is_some_and(|owner| owner.ordered) {
            let wanted =
                "The tenant's events keep no order: put the tenant with \"ordered\": true first.";
            return Err(ApiError::Conflict(wanted.to_owned()));
        }
        let profile = new.profile.or_else(|| owner.map(|owner| owner.default_profile.clone()));
        let profile = forms::profile(profile)?;
        // As in a patch: what is null is the profile's.
        let overrides = Overrides::default().patched(new.overrides);
        let policy = forms::policy(&profile, &overrides)?;
        Ok(Self {
            endpoint: terms.endpoint(&new.url)?,
            filter: new.event_types,
            description: forms::description(new.description)?,
            secret: chosen_or_new(
                new.secret.as_deref(),
                new.secret_type,
                &policy.signature,
                random,
            )?,
            headers: forms::headers(new.headers)?,
            profile,
            overrides,
            status: new.status.unwrap_or(Status::Active),
            ordered: new.ordered,
        })
    }

    /// The subscription, with what `seal` makes of its secrets.
    pub fn sealed(
        self,
        tenant: TenantId,
        id: SubscriptionId,
        now: Timestamp,
        seal: impl Fn(&str) -> Sealed,
    ) -> Subscription {
        Subscription {
            tenant,
            id,
            version: 0,
            endpoint: self.endpoint,
            filter: self.filter,
            status: self.status,
            status_reason: None,
            ordered: self.ordered,
            description: self.description,
            profile: self.profile,
            overrides: self.overrides,
            headers: self.headers.json().map(|json| seal(&json)),
            header_names: self.headers.names(),
            secrets: Secrets { current: seal(&self.secret.reveal()), previous: None },
            health: Health::default(),
            created_at: now,
            updated_at: now,
        }
    }
}

#[cfg(test)]
mod tests;
