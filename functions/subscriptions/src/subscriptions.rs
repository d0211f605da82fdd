//! Subscriptions: created, listed, changed by merge patch, deleted.

use std::collections::BTreeMap;
use std::time::Duration;

use lambda_http::http::StatusCode;
use shared::core::id::{SubscriptionId, TenantId};
use shared::core::sealing::SealingKeys;
use shared::core::subscription::{Health, Subscription};
use shared::edges::api::response::{self, List};
use shared::edges::api::{ApiError, Request};
use shared::edges::clock;
use shared::edges::deployment_secret::DeploymentSecret;
use shared::edges::store::{ConfigStore, Saved, rounds};

use crate::change::{Changed, Opened};
use crate::draft::Draft;
use crate::find::find;
use crate::forms::{NewSubscription, Patch, SubscriptionView};
use crate::terms::Terms;
use crate::{Answer, secrets};

/// `POST …/subscriptions`. Events accepted after the answer are delivered to it. Its secret is read
/// at `…/secret`.
pub async fn create(
    config: &ConfigStore,
    keys: &DeploymentSecret<SealingKeys>,
    terms: &Terms,
    tenant: &TenantId,
    request: &Request,
) -> Answer {
    let new: NewSubscription = request.json()?;
    let owner = if new.asks_its_tenant() { config.tenant(tenant).await? } else { None };
    let draft = Draft::new(new, owner.as_ref(), terms, clock::random())?;
    let now = clock::now();
    let (id, keys) = (SubscriptionId::new(now, clock::random_bits()), keys.current(now).await);
    let seal = |text: &str| keys.seal(&id.to_string(), text, clock::random());
    let subscription = draft.sealed(tenant.clone(), id, now, seal);
    for () in rounds() {
        if config.save_subscription(&subscription, None).await? == Saved::Saved {
            return response::json(StatusCode::CREATED, &SubscriptionView::from(subscription));
        }
    }
    Err(ApiError::contended("It"))
}

/// `GET …/subscriptions?limit&cursor&order`.
pub async fn list(config: &ConfigStore, tenant: &TenantId, request: &Request) -> Answer {
    let page = config.subscriptions(tenant, &request.page()?).await?;
    response::ok(&List::from(page.map(SubscriptionView::from)))
}

/// `GET …/subscriptions/{id}`.
pub async fn get(config: &ConfigStore, tenant: &TenantId, id: SubscriptionId) -> Answer {
    response::ok(&SubscriptionView::from(find(config, tenant, id).await?))
}

/// `PATCH …/subscriptions/{id}`. Set active again, or changed while its receiver fails, it starts
/// anew: what failed before counts no more, and what is held is released within a minute or so.
pub async fn patch(
    config: &ConfigStore,
    keys: &DeploymentSecret<SealingKeys>,
    terms: &Terms,
    (tenant, id): (&TenantId, SubscriptionId),
    request: &Request,
) -> Answer {
    let patch: Patch = request.json()?;
    for () in rounds() {
        let before = find(config, tenant, id).await?;
        let opened = open(keys, &before, &patch).await?;
        let changed = Changed::new(&before, patch.clone(), opened, terms, clock::now())?;
        let release = changed.subscription.new_start(&before);
        let mut subscription = seal(keys, changed).await;
        if config.save_subscription(&subscription, release.as_ref()).await? == Saved::Saved {
            if release.is_some() {
                subscription.health = Health::default();
            }
            return response::ok(&SubscriptionView::from(subscription));
        }
    }
    Err(ApiError::contended("It"))
}

/// `DELETE …/subscriptions/{id}`: what is pending is cancelled; its deliveries can no longer be
/// listed.
pub async fn delete(
    config: &ConfigStore,
    retention: Duration,
    tenant: &TenantId,
    id: SubscriptionId,
) -> Answer {
    let found = find(config, tenant, id).await?;
    config.delete_subscription(tenant, found.id, clock::now().after(retention)).await?;
    Ok(response::no_content())
}

/// Opens of a subscription what a patch depends on.
async fn open(
    keys: &DeploymentSecret<SealingKeys>,
    subscription: &Subscription,
    patch: &Patch,
) -> Result<Opened, ApiError> {
    let keys = keys.for_subscription(subscription, clock::now()).await;
    let secret = secrets::open(&keys, subscription, &subscription.secrets.current)?;
    let headers = match &subscription.headers {
        Some(sealed) if patch.keeps_headers() => {
            let json = keys.open(&subscription.id.to_string(), sealed);
            let json = json.map_err(|error| unreadable(subscription, &error))?;
            serde_json::from_str(&json).map_err(|error| unreadable(subscription, &error))?
        }
        _ => BTreeMap::new(),
    };
    Ok(Opened { secret, headers })
}

/// Seals the headers of a changed subscription, if they changed.
async fn seal(keys: &DeploymentSecret<SealingKeys>, changed: Changed) -> Subscription {
    let Changed { mut subscription, headers } = changed;
    if let Some(headers) = headers {
        let owner = subscription.id.to_string();
        subscription.header_names = headers.names();
        subscription.headers = match headers.json() {
            Some(json) => {
                let keys = keys.current(clock::now()).await;
                Some(keys.seal(&owner, &json, clock::random()))
            }
            None => None,
        };
    }
    subscription
}

fn unreadable(subscription: &Subscription, error: &dyn std::fmt::Display) -> ApiError {
    let (tenant, id) = (&subscription.tenant, subscription.id);
    tracing::error!(%tenant, subscription = %id, %error, "the headers of a subscription do not read");
    ApiError::Internal
}
