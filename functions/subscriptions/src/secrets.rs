//! The secrets of a subscription: read, and rotated with overlap.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::core::id::{SubscriptionId, TenantId};
use shared::core::sealing::{Sealed, SealingKeys};
use shared::core::signature::{InvalidSecret, Kind, Secret};
use shared::core::subscription::policy::{Policy, Scheme};
use shared::core::subscription::{Secrets, Subscription};
use shared::core::timestamp::Timestamp;
use shared::edges::api::response;
use shared::edges::api::schemas::GivenSecret;
use shared::edges::api::{ApiError, Request};
use shared::edges::clock;
use shared::edges::deployment_secret::DeploymentSecret;
use shared::edges::store::{ConfigStore, Saved, rounds};

use crate::Answer;
use crate::find::find;
use crate::forms::SecretType;

/// How long the earlier secret signs as well when the caller does not say: 24 hours.
const DEFAULT_OVERLAP: u64 = 86_400;
/// The longest overlap: 7 days.
const MAX_OVERLAP: u64 = 7 * 86_400;

/// How a secret is to be replaced.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RotateSecret")]
pub struct Rotate {
    /// A secret of the caller's; absent to have one made.
    #[schemars(with = "Option<GivenSecret>", example = None::<String>)]
    secret: Option<String>,
    /// What kind of secret to make; absent for the profile's.
    secret_type: Option<SecretType>,
    /// How long the earlier secret signs as well; 24 hours where it is not given.
    #[schemars(range(max = MAX_OVERLAP), example = 3_600)]
    overlap_seconds: Option<u64>,
}

/// What verifies a subscription's signatures.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Secret")]
pub struct SecretView {
    /// What both sides have; `null` where the receiver verifies with the public key.
    #[schemars(example = &"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    secret: Option<String>,
    /// The public key of a private one, which stays here.
    public_key: Option<String>,
    /// The secret before this one, while it signs as well.
    previous_secret: Option<String>,
    /// Its public key, where it has one.
    previous_public_key: Option<String>,
    /// Until when the previous secret signs as well.
    #[schemars(example = None::<Timestamp>)]
    previous_secret_until: Option<Timestamp>,
}

/// `GET …/secret`.
pub async fn get(
    config: &ConfigStore,
    keys: &DeploymentSecret<SealingKeys>,
    tenant: &TenantId,
    id: SubscriptionId,
) -> Answer {
    let subscription = find(config, tenant, id).await?;
    let (keys, now) = opening(keys, &subscription).await;
    response::ok(&SecretView::new(&keys, &subscription, now)?)
}

/// `POST …/secret/rotate`: the new secret signs at once, the earlier one as well until the overlap
/// ends.
pub async fn rotate(
    config: &ConfigStore,
    keys: &DeploymentSecret<SealingKeys>,
    tenant: &TenantId,
    id: SubscriptionId,
    request: &Request,
) -> Answer {
    let rotate: Rotate = request.json_or_default()?;
    let overlap = rotate.overlap()?;
    for () in rounds() {
        let before = find(config, tenant, id).await?;
        let scheme = &policy(&before)?.signature;
        let (given, asked) = (rotate.secret.as_deref(), rotate.secret_type);
        let secret = chosen_or_new(given, asked, scheme, clock::random())?;
        let now = clock::now();
        let sealing = keys.current(now).await;
        let secret = sealing.seal(&id.to_string(), &secret.reveal(), clock::random());
        let subscription = rotated(&before, secret, overlap, now);
        // The receiver may have refused because of the secret.
        let release = subscription.new_start(&before);
        if config.save_subscription(&subscription, release.as_ref()).await? == Saved::Saved {
            let (keys, now) = opening(keys, &subscription).await;
            return response::ok(&SecretView::new(&keys, &subscription, now)?);
        }
    }
    Err(ApiError::contended("It"))
}

impl Rotate {
    /// How long the earlier secret signs as well.
    fn overlap(&self) -> Result<Duration, ApiError> {
        let seconds = self.overlap_seconds.unwrap_or(DEFAULT_OVERLAP);
        if seconds > MAX_OVERLAP {
            return Err(ApiError::invalid(
                "overlap_seconds",
                format!("0 to {MAX_OVERLAP} seconds are wanted"),
            ));
        }
        Ok(Duration::from_secs(seconds))
    }
}

/// The subscription with a new secret. The one before it stays for the overlap, if there is any;
/// one before that is gone.
fn rotated(
    before: &Subscription,
    secret: Sealed,
    overlap: Duration,
    now: Timestamp,
) -> Subscription {
    let earlier = (before.secrets.current.clone(), now.after(overlap));
    let previous = (!overlap.is_zero()).then_some(earlier);
    let secrets = Secrets { current: secret, previous };
    Subscription { secrets, updated_at: now, ..before.clone() }
}

impl SecretView {
    /// The secret, and the one before it while it signs as well.
    fn new(
        keys: &SealingKeys,
        subscription: &Subscription,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let current = open(keys, subscription, &subscription.secrets.current)?;
        let previous = subscription.secrets.previous.as_ref().filter(|(_, until)| now < *until);
        let until = previous.map(|(_, until)| *until);
        let previous = previous.map(|(sealed, _)| open(keys, subscription, sealed)).transpose()?;
        let shown = |secret: &Secret| secret.public_key().is_none().then(|| secret.reveal());
        let public_key = |secret: &Secret| secret.public_key().map(|key| key.to_string());
        Ok(Self {
            secret: shown(&current),
            public_key: public_key(&current),
            previous_secret: previous.as_ref().and_then(shown),
            previous_public_key: previous.as_ref().and_then(public_key),
            previous_secret_until: until,
        })
    }
}

/// The keys that open a subscription's secrets, and the present.
async fn opening(
    keys: &DeploymentSecret<SealingKeys>,
    subscription: &Subscription,
) -> (Arc<SealingKeys>, Timestamp) {
    let now = clock::now();
    (keys.for_subscription(subscription, now).await, now)
}

/// Opens a secret of a subscription. What was sealed was checked, so that a failure is on our side.
pub fn open(
    keys: &SealingKeys,
    subscription: &Subscription,
    sealed: &Sealed,
) -> Result<Secret, ApiError> {
    let internal = |error: &dyn std::fmt::Display| {
        let (tenant, id) = (&subscription.tenant, subscription.id);
        tracing::error!(%tenant, subscription = %id, %error, "a secret does not open");
        ApiError::Internal
    };
    let text = keys.open(&subscription.id.to_string(), sealed).map_err(|error| internal(&error))?;
    text.parse().map_err(|error: InvalidSecret| internal(&error))
}

/// The caller's secret, or a new one: of the type that was asked for, or of the scheme's own.
pub fn chosen_or_new(
    given: Option<&str>,
    asked: Option<SecretType>,
    scheme: &Scheme,
    random: [u8; 32],
) -> Result<Secret, ApiError> {
    let secret: Secret = match (given, asked) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid(
                "secret_type",
                "a secret that is given has its own type",
            ));
        }
        (Some(text), None) => {
            text.parse().map_err(|error| ApiError::invalid("secret", format!("{error}")))?
        }
        (None, Some(SecretType::Hmac)) => Secret::new(Kind::Hmac, random),
        (None, Some(SecretType::Ed25519)) => Secret::new(Kind::Ed25519, random),
        (None, None) => Secret::new(scheme.kind(), random),
    };
    let path = if asked.is_some() { "secret_type" } else { "secret" };
    scheme.takes(&secret).map_err(|wanted| ApiError::invalid(path, wanted.to_string()))?;
    Ok(secret)
}

/// How a subscription's deliveries are made. What is saved was checked, so that a failure is on our
/// side.
fn policy(subscription: &Subscription) -> Result<Arc<Policy>, ApiError> {
    subscription.policy().map_err(|error| {
        let (tenant, id) = (&subscription.tenant, subscription.id);
        tracing::error!(%tenant, subscription = %id, %error, "a subscription's policy cannot be used");
        ApiError::Internal
    })
}

#[cfg(test)]
mod tests;
