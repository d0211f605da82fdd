//! A subscription changed by merge patch: decided from the subscription, the patch, and what was
//! opened of its secrets.

use std::collections::BTreeMap;

use shared::core::signature::Secret;
use shared::core::subscription::Subscription;
use shared::core::subscription::custom_headers::CustomHeaders;
use shared::core::timestamp::Timestamp;
use shared::edges::api::ApiError;

use crate::forms::{self, Patch};
use crate::terms::Terms;

/// What was opened of a subscription for a patch.
pub struct Opened {
    /// Its secret.
    pub secret: Secret,
    /// Its custom headers, where [`Patch::keeps_headers`].
    pub headers: BTreeMap<String, String>,
}

/// A changed subscription. Its health is still the one that it was loaded with.
#[derive(Debug)]
pub struct Changed {
    /// The subscription, but for `headers`.
    pub subscription: Subscription,
    /// Its custom headers, not sealed yet, if they are other ones.
    pub headers: Option<CustomHeaders>,
}

impl Changed {
    /// Applies a patch, as far as the profile, the secret and the deployment allow it.
    pub fn new(
        before: &Subscription,
        patch: Patch,
        opened: Opened,
        terms: &Terms,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        let mut subscription = Subscription { updated_at: now, ..before.clone() };
        if let Some(url) = patch.url {
            subscription.endpoint = terms.endpoint(&url)?;
        }
        if let Some(filter) = patch.event_types {
            subscription.filter = filter;
        }
        if let Some(description) = patch.description {
            subscription.description = forms::description(description.unwrap_or_default())?;
        }
        if let Some(profile) = patch.profile {
            subscription.profile = forms::profile(profile)?;
        }
        if let Some(overrides) = patch.overrides {
            subscription.overrides =
                overrides.map(|patch| subscription.overrides.patched(patch)).unwrap_or_default();
        }
        let policy = forms::policy(&subscription.profile, &subscription.overrides)?;
        // The secret stays, so that it must be one that the policy can use.
        policy.signature.takes(&opened.secret).map_err(|wanted| {
            ApiError::invalid("secret", format!("{wanted}; rotate the secret first"))
        })?;
        let headers = patch
            .headers
            .map(|patch| forms::headers(merged(opened.headers, patch.unwrap_or_default())))
            .transpose()?;
        if patch.ordered.is_some_and(|ordered| ordered != subscription.ordered) {
            let wanted = "Whether a subscription is ordered is decided when it is made: make another one, and delete this one.";
            return Err(ApiError::Conflict(wanted.to_owned()));
        }
        if let Some(status) = patch.status {
            subscription.status = status;
            subscription.status_reason = None;
        }
        Ok(Self { subscription, headers })
    }
}

/// Headers with those of a patch; one that is null is removed. Names are the same in either case.
fn merged(
    mut headers: BTreeMap<String, String>,
    patch: BTreeMap<String, Option<String>>,
) -> BTreeMap<String, String> {
    for (name, value) in patch {
        let name = name.to_ascii_lowercase();
        match value {
            Some(value) => headers.insert(name, value),
            None => headers.remove(&name),
        };
    }
    headers
}

#[cfg(test)]
mod tests;
