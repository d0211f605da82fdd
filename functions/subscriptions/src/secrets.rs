//! The secrets of a subscription: read, and rotated with overlap.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::core::id::{SubscriptionId, TenantId};
use shared::core::sealing::{Sealed, SealingKeys};
use shared::core::signature::{InvalidSecret, Kind, Secret};
use shared::core::subscription::policy::{Policy, Scheme};
use shared::core::subscription::release::Release;
use shared::core::subscription::{Secrets, Status, Subscription};
use shared::core::timestamp::Timestamp;
use shared::edges::api::response;
use shared::edges::api::schemas::GivenSecret;
use shared::edges::api::{ApiError, Request};
use shared::edges::clock;
use shared::edges::store::Saved;

use crate::{Answer, ROUNDS, Subscriptions};

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

/// The kinds of Standard Webhooks secret that can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecretType {
    /// `whsec_`, which signs v1.
    Hmac,
    /// A key pair, which signs v1a: `whsk_` stays here, `whpk_` verifies.
    Ed25519,
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

impl Subscriptions {
    /// `GET …/secret`.
    pub(crate) async fn get_secret(&self, tenant: &TenantId, id: &str) -> Answer {
        let subscription = self.subscription(tenant, id).await?;
        response::ok(&self.secret_view(&subscription).await?)
    }

    /// `POST …/secret/rotate`: the new secret signs at once, the earlier one as well until the
    /// overlap ends.
    pub(crate) async fn rotate_secret(
        &self,
        tenant: &TenantId,
        id: &str,
        request: &Request,
    ) -> Answer {
        let Rotate { secret, secret_type, overlap_seconds } = request.json_or_default()?;
        let overlap = overlap_seconds.unwrap_or(DEFAULT_OVERLAP);
        if overlap > MAX_OVERLAP {
            return Err(ApiError::invalid(
                "overlap_seconds",
                format!("0 to {MAX_OVERLAP} seconds are wanted"),
            ));
        }
        for _ in 0..ROUNDS {
            let mut subscription = self.subscription(tenant, id).await?;
            let scheme = &policy(&subscription)?.signature;
            let secret = chosen_or_new(secret.as_deref(), secret_type, scheme)?;
            let now = clock::now();
            let current = self.seal(subscription.id, &secret.reveal()).await;
            let earlier = std::mem::replace(&mut subscription.secrets.current, current);
            let until = now.after(Duration::from_secs(overlap));
            subscription.secrets.previous = (overlap > 0).then_some((earlier, until));
            subscription.updated_at = now;
            // The receiver may have refused because of the secret.
            let anew = subscription.status == Status::Active
                && subscription.health.failing_since.is_some();
            let release = anew.then(|| Release::new(tenant.clone(), subscription.id, now));
            if self.store.save_subscription(&subscription, release.as_ref()).await? == Saved::Saved
            {
                return response::ok(&self.secret_view(&subscription).await?);
            }
        }
        Err(ApiError::contended())
    }

    /// Seals text for a subscription's row, under what is the first key by now.
    pub(crate) async fn seal(&self, owner: SubscriptionId, text: &str) -> Sealed {
        self.sealing_keys.current(clock::now()).await.seal(
            &owner.to_string(),
            text,
            clock::random(),
        )
    }

    /// The secrets of a subscription that is being made.
    pub(crate) async fn first_secret(
        &self,
        owner: SubscriptionId,
        secret: Option<&str>,
        secret_type: Option<SecretType>,
        scheme: &Scheme,
    ) -> Result<Secrets, ApiError> {
        let secret = chosen_or_new(secret, secret_type, scheme)?;
        Ok(Secrets { current: self.seal(owner, &secret.reveal()).await, previous: None })
    }

    /// A subscription's profile or overrides were changed: its secret must still be one that they
    /// can use.
    pub(crate) async fn check_secret(
        &self,
        subscription: &Subscription,
        scheme: &Scheme,
    ) -> Result<(), ApiError> {
        let keys = self.sealing_keys.for_subscription(subscription, clock::now()).await;
        let secret = open_secret(&keys, subscription, &subscription.secrets.current)?;
        let fits = scheme.takes(&secret);
        fits.map_err(|wanted| {
            ApiError::invalid("secret", format!("{wanted}; rotate the secret first"))
        })
    }

    async fn secret_view(&self, subscription: &Subscription) -> Result<SecretView, ApiError> {
        let keys = self.sealing_keys.for_subscription(subscription, clock::now()).await;
        let open = |sealed| open_secret(&keys, subscription, sealed);
        let current = open(&subscription.secrets.current)?;
        let previous =
            subscription.secrets.previous.as_ref().filter(|(_, until)| clock::now() < *until);
        let until = previous.map(|(_, until)| *until);
        let previous = previous.map(|(sealed, _)| open(sealed)).transpose()?;
        let shown = |secret: &Secret| secret.public_key().is_none().then(|| secret.reveal());
        let public_key = |secret: &Secret| secret.public_key().map(|key| key.to_string());
        Ok(SecretView {
            secret: shown(&current),
            public_key: public_key(&current),
            previous_secret: previous.as_ref().and_then(shown),
            previous_public_key: previous.as_ref().and_then(public_key),
            previous_secret_until: until,
        })
    }
}

fn open_secret(
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
fn chosen_or_new(
    given: Option<&str>,
    asked: Option<SecretType>,
    scheme: &Scheme,
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
        (None, Some(SecretType::Hmac)) => Secret::new(Kind::Hmac, clock::random()),
        (None, Some(SecretType::Ed25519)) => Secret::new(Kind::Ed25519, clock::random()),
        (None, None) => Secret::new(scheme.kind(), clock::random()),
    };
    let path = if asked.is_some() { "secret_type" } else { "secret" };
    scheme.takes(&secret).map_err(|wanted| ApiError::invalid(path, wanted.to_string()))?;
    Ok(secret)
}

/// How a subscription's deliveries are made. What is saved was checked, so that a failure is on our
/// side.
pub fn policy(subscription: &Subscription) -> Result<Arc<Policy>, ApiError> {
    subscription.policy().map_err(|error| {
        let (tenant, id) = (&subscription.tenant, subscription.id);
        tracing::error!(%tenant, subscription = %id, %error, "a subscription's policy cannot be used");
        ApiError::Internal
    })
}
