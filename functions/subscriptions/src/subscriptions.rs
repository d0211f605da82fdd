//! Subscriptions: created, listed, changed by merge patch, deleted.

use std::collections::BTreeMap;
use std::sync::Arc;

use lambda_http::http::StatusCode;
use shared::core::endpoint::Endpoint;
use shared::core::id::{SubscriptionId, TenantId};
use shared::core::subscription::custom_headers::CustomHeaders;
use shared::core::subscription::policy::Policy;
use shared::core::subscription::profile::{self, Overrides};
use shared::core::subscription::release::Release;
use shared::core::subscription::{Health, Status, Subscription};
use shared::edges::api::response::{self, List};
use shared::edges::api::{ApiError, Request, object};
use shared::edges::clock;
use shared::edges::store::Saved;

use crate::subscription_forms::{MAX_DESCRIPTION_LEN, NewSubscription, Patch, SubscriptionView};
use crate::tenants::known_profile;
use crate::{Answer, ROUNDS, Subscriptions};

impl Subscriptions {
    /// `POST …/subscriptions`. Events accepted after the answer are delivered to it. Its secret is
    /// read at `…/secret`.
    pub(crate) async fn create_subscription(&self, tenant: &TenantId, request: &Request) -> Answer {
        let mut new: NewSubscription = request.json()?;
        // As in a patch: what is null is the profile's.
        new.overrides = Overrides::default().patched(new.overrides);
        let now = clock::now();
        let id = SubscriptionId::new(now, clock::random_bits());
        let owner = if new.profile.is_none() || new.ordered {
            self.store.tenant(tenant).await?
        } else {
            None
        };
        if new.ordered && !self.ordered_delivery {
            let wanted = "This deployment has no ordered delivery: deploy it with OrderedDelivery=true first.";
            return Err(ApiError::Conflict(wanted.to_owned()));
        }
        if new.ordered && !owner.as_ref().is_some_and(|owner| owner.ordered) {
            let wanted =
                "The tenant's events keep no order: put the tenant with \"ordered\": true first.";
            return Err(ApiError::Conflict(wanted.to_owned()));
        }
        let profile =
            known_profile("profile", new.profile.or(owner.map(|owner| owner.default_profile)))?;
        let policy = checked(&profile, &new.overrides)?;
        let mut subscription = Subscription {
            tenant: tenant.clone(),
            id,
            version: 0,
            endpoint: self.endpoint(&new.url)?,
            filter: new.event_types,
            status: new.status.unwrap_or(Status::Active),
            status_reason: None,
            ordered: new.ordered,
            description: described(new.description)?,
            profile,
            overrides: new.overrides,
            headers: None,
            header_names: Vec::new(),
            secrets: self
                .first_secret(id, new.secret.as_deref(), new.secret_type, &policy.signature)
                .await?,
            health: Health::default(),
            created_at: now,
            updated_at: now,
        };
        self.set_headers(&mut subscription, new.headers).await?;
        for _ in 0..ROUNDS {
            if self.store.save_subscription(&subscription, None).await? == Saved::Saved {
                return response::json(StatusCode::CREATED, &SubscriptionView::from(subscription));
            }
        }
        Err(ApiError::contended())
    }

    /// `GET …/subscriptions?limit&cursor&order`.
    pub(crate) async fn list_subscriptions(&self, tenant: &TenantId, request: &Request) -> Answer {
        let page = self.store.subscriptions(tenant, &request.page()?).await?;
        response::ok(&List::from(page.map(SubscriptionView::from)))
    }

    /// `GET …/subscriptions/{id}`.
    pub(crate) async fn get_subscription(&self, tenant: &TenantId, id: &str) -> Answer {
        response::ok(&SubscriptionView::from(self.subscription(tenant, id).await?))
    }

    /// `PATCH …/subscriptions/{id}`. Set active again, or changed while its receiver fails, it
    /// starts anew: what failed before counts no more, and what is held is released within a minute
    /// or so.
    pub(crate) async fn patch_subscription(
        &self,
        tenant: &TenantId,
        id: &str,
        request: &Request,
    ) -> Answer {
        let patch: Patch = request.json()?;
        for _ in 0..ROUNDS {
            let mut subscription = self.subscription(tenant, id).await?;
            let (earlier, failing) =
                (subscription.status, subscription.health.failing_since.is_some());
            self.apply(patch.clone(), &mut subscription).await?;
            subscription.updated_at = clock::now();
            let anew =
                subscription.status == Status::Active && (earlier != Status::Active || failing);
            let release = anew
                .then(|| Release::new(tenant.clone(), subscription.id, subscription.updated_at));
            if self.store.save_subscription(&subscription, release.as_ref()).await? == Saved::Saved
            {
                if anew {
                    subscription.health = Health::default();
                }
                return response::ok(&SubscriptionView::from(subscription));
            }
        }
        Err(ApiError::contended())
    }

    /// `DELETE …/subscriptions/{id}`: what is pending is cancelled; its deliveries can no longer be
    /// listed.
    pub(crate) async fn delete_subscription(&self, tenant: &TenantId, id: &str) -> Answer {
        let found = self.subscription(tenant, id).await?;
        self.store
            .delete_subscription(tenant, found.id, clock::now().after(self.retention))
            .await?;
        Ok(response::no_content())
    }

    pub(crate) async fn subscription(
        &self,
        tenant: &TenantId,
        id: &str,
    ) -> Result<Subscription, ApiError> {
        let id = object(id, "subscription")?;
        self.store.subscription(tenant, id).await?.ok_or(ApiError::NotFound("subscription"))
    }

    async fn apply(&self, patch: Patch, subscription: &mut Subscription) -> Result<(), ApiError> {
        if let Some(url) = patch.url {
            subscription.endpoint = self.endpoint(&url)?;
        }
        if let Some(filter) = patch.event_types {
            subscription.filter = filter;
        }
        if let Some(description) = patch.description {
            subscription.description = described(description.unwrap_or_default())?;
        }
        if let Some(profile) = patch.profile {
            subscription.profile = known_profile("profile", profile)?;
        }
        if let Some(overrides) = patch.overrides {
            subscription.overrides =
                overrides.map(|patch| subscription.overrides.patched(patch)).unwrap_or_default();
        }
        let policy = checked(&subscription.profile, &subscription.overrides)?;
        self.check_secret(subscription, &policy.signature).await?;
        if let Some(headers) = patch.headers {
            self.patch_headers(subscription, headers).await?;
        }
        if patch.ordered.is_some_and(|ordered| ordered != subscription.ordered) {
            let wanted = "Whether a subscription is ordered is decided when it is made: make another one, and delete this one.";
            return Err(ApiError::Conflict(wanted.to_owned()));
        }
        if let Some(status) = patch.status {
            subscription.status = status;
            subscription.status_reason = None;
        }
        Ok(())
    }

    fn endpoint(&self, url: &str) -> Result<Endpoint, ApiError> {
        Endpoint::parse(url, &self.egress)
            .map_err(|error| ApiError::invalid("url", error.to_string()))
    }

    async fn patch_headers(
        &self,
        subscription: &mut Subscription,
        patch: Option<BTreeMap<String, Option<String>>>,
    ) -> Result<(), ApiError> {
        let mut headers: BTreeMap<String, String> = match (&subscription.headers, &patch) {
            (Some(sealed), Some(_)) => {
                let keys = self.sealing_keys.for_subscription(subscription, clock::now()).await;
                let json = keys.open(&subscription.id.to_string(), sealed);
                let json = json.map_err(|error| unreadable(subscription, &error))?;
                serde_json::from_str(&json).map_err(|error| unreadable(subscription, &error))?
            }
            _ => BTreeMap::new(),
        };
        for (name, value) in patch.unwrap_or_default() {
            let name = name.to_ascii_lowercase();
            match value {
                Some(value) => headers.insert(name, value),
                None => headers.remove(&name),
            };
        }
        self.set_headers(subscription, headers).await
    }

    async fn set_headers(
        &self,
        subscription: &mut Subscription,
        headers: BTreeMap<String, String>,
    ) -> Result<(), ApiError> {
        let headers = CustomHeaders::try_from(headers);
        let headers = headers.map_err(|error| ApiError::invalid("headers", error.to_string()))?;
        subscription.header_names = headers.iter().map(|(name, _)| name.to_owned()).collect();
        subscription.headers = None;
        if !headers.is_empty() {
            let json = serde_json::to_string(&headers)
                .map_err(|error| unreadable(subscription, &error))?;
            subscription.headers = Some(self.seal(subscription.id, &json).await);
        }
        Ok(())
    }
}

/// The policy that a profile and overrides make together.
fn checked(profile: &str, overrides: &Overrides) -> Result<Arc<Policy>, ApiError> {
    let profile = profile::find(profile).ok_or(ApiError::Internal)?;
    overrides
        .over(profile)
        .map_err(|error| ApiError::invalid(format!("overrides.{}", error.path), error.wanted))
}

fn described(description: String) -> Result<String, ApiError> {
    if description.chars().count() > MAX_DESCRIPTION_LEN {
        return Err(ApiError::invalid(
            "description",
            format!("at most {MAX_DESCRIPTION_LEN} characters are taken"),
        ));
    }
    Ok(description)
}

fn unreadable(subscription: &Subscription, error: &dyn std::fmt::Display) -> ApiError {
    let (tenant, id) = (&subscription.tenant, subscription.id);
    tracing::error!(%tenant, subscription = %id, %error, "the headers of a subscription do not read");
    ApiError::Internal
}
