//! The secrets of a subscription: read, and rotated with overlap.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use shared::api::response;
use shared::api::{ApiError, Request};
use shared::clock;
use shared::id::{SubscriptionId, TenantId};
use shared::sealing::Sealed;
use shared::signature::Secret;
use shared::store::Saved;
use shared::subscription::{Secrets, Subscription};
use shared::timestamp::Timestamp;

use crate::{Answer, ROUNDS, Subscriptions};

/// How long the earlier secret signs as well when the caller does not say: 24 hours.
const DEFAULT_OVERLAP: u64 = 86_400;
/// The longest overlap: 7 days.
const MAX_OVERLAP: u64 = 7 * 86_400;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotate {
    /// A secret of the caller's; absent to have one made.
    secret: Option<String>,
    overlap_seconds: Option<u64>,
}

#[derive(Serialize)]
struct SecretView {
    secret: String,
    previous_secret: Option<String>,
    /// Until when the previous secret signs as well.
    previous_secret_until: Option<Timestamp>,
}

impl Subscriptions {
    /// `GET …/secret`.
    pub(crate) async fn get_secret(&self, tenant: &TenantId, id: &str) -> Answer {
        let subscription = self.subscription(tenant, id).await?;
        response::ok(&self.secret_view(&subscription)?)
    }

    /// `POST …/secret/rotate`: the new secret signs at once, the earlier one as well until the overlap ends.
    pub(crate) async fn rotate_secret(&self, tenant: &TenantId, id: &str, request: &Request) -> Answer {
        let Rotate { secret, overlap_seconds } = request.json_or_default()?;
        let overlap = overlap_seconds.unwrap_or(DEFAULT_OVERLAP);
        if overlap > MAX_OVERLAP {
            return Err(ApiError::invalid("overlap_seconds", format!("0 to {MAX_OVERLAP} seconds are wanted")));
        }
        let secret = chosen_or_new(secret)?;
        for _ in 0..ROUNDS {
            let mut subscription = self.subscription(tenant, id).await?;
            let now = clock::now();
            let current = self.seal(subscription.id, &secret.reveal());
            let earlier = std::mem::replace(&mut subscription.secrets.current, current);
            let until = now.after(Duration::from_secs(overlap));
            subscription.secrets.previous = (overlap > 0).then_some((earlier, until));
            subscription.updated_at = now;
            if self.store.save_subscription(&subscription, None).await? == Saved::Saved {
                return response::ok(&self.secret_view(&subscription)?);
            }
        }
        Err(contended())
    }

    /// Seals text for a subscription's row.
    pub(crate) fn seal(&self, owner: SubscriptionId, text: &str) -> Sealed {
        self.sealing_keys.seal(&owner.to_string(), text, clock::random())
    }

    /// The secrets of a subscription that is being made.
    pub(crate) fn first_secret(&self, owner: SubscriptionId, secret: Option<String>) -> Result<Secrets, ApiError> {
        let secret = chosen_or_new(secret)?;
        Ok(Secrets { current: self.seal(owner, &secret.reveal()), previous: None })
    }

    fn secret_view(&self, subscription: &Subscription) -> Result<SecretView, ApiError> {
        let owner = subscription.id.to_string();
        let open = |sealed: &Sealed| {
            self.sealing_keys.open(&owner, sealed).map_err(|error| {
                tracing::error!(subscription = owner, %error, "a secret does not open");
                ApiError::Internal
            })
        };
        let previous = subscription.secrets.previous.as_ref().filter(|(_, until)| clock::now() < *until);
        Ok(SecretView {
            secret: open(&subscription.secrets.current)?,
            previous_secret: previous.map(|(sealed, _)| open(sealed)).transpose()?,
            previous_secret_until: previous.map(|(_, until)| *until),
        })
    }
}

fn chosen_or_new(secret: Option<String>) -> Result<Secret, ApiError> {
    match secret {
        Some(text) => text.parse().map_err(|error| ApiError::invalid("secret", format!("{error}"))),
        None => Ok(Secret::new(clock::random())),
    }
}

/// Others changed the same subscription each time.
pub fn contended() -> ApiError {
    ApiError::Conflict("The subscription was changed by others at the same time. Send the request again.".to_owned())
}
