//! Subscriptions: a tenant's standing order to have certain events delivered to an endpoint.

pub mod breaker;
pub mod custom_headers;
pub mod pace;
pub mod policy;
pub mod profile;
pub mod release;
pub mod status_rule;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::core::endpoint::Endpoint;
use crate::core::event::event_type::Filter;
use crate::core::id::{SubscriptionId, TenantId};
use crate::core::sealing::{Sealed, SealingError};
use crate::core::subscription::policy::{InvalidPolicy, Policy};
use crate::core::subscription::profile::Overrides;
use crate::core::subscription::release::Release;
use crate::core::timestamp::Timestamp;

/// Whether a subscription gets deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SubscriptionStatus")]
pub enum Status {
    /// Deliveries are attempted.
    Active,
    /// Deliveries are held, and attempted when it is active again.
    Paused,
    /// No new deliveries; what was pending is cancelled.
    Disabled,
}

impl Status {
    /// The name in tables and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
        }
    }
}

/// The secret that signs, and the one before it while they overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets {
    /// Signs first.
    pub current: Sealed,
    /// Signs as well, until then.
    pub previous: Option<(Sealed, Timestamp)>,
}

/// How the attempts at a subscription's endpoint went. Written on failures, and on the first
/// success after one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    /// Failed attempts since the last success.
    pub failed_attempts: u32,
    /// What they took in all, in milliseconds.
    pub failed_ms: u64,
    /// Since when it counts as failing: its policy's number of failed attempts in a row was
    /// reached, or of seconds that they took.
    pub failing_since: Option<Timestamp>,
    /// Whether its breaker opened then. (A policy may get one while it is failing already.)
    pub has_open_breaker: bool,
}

/// A subscription as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its id.
    pub id: SubscriptionId,
    /// Counts its changes, from 1. Delivery tasks carry it, so that none is made with an older
    /// state.
    pub version: u64,
    /// Where to.
    pub endpoint: Endpoint,
    /// What.
    pub filter: Filter,
    /// Whether.
    pub status: Status,
    /// Why it has that status, where it was not asked for.
    pub status_reason: Option<String>,
    /// Whether its deliveries are made in order, each once those before it are settled. Decided
    /// when it is made.
    pub ordered: bool,
    /// For people.
    pub description: String,
    /// The profile it starts from.
    pub profile: String,
    /// What it does otherwise than its profile.
    pub overrides: Overrides,
    /// Custom headers: the JSON of a [`crate::core::subscription::custom_headers::CustomHeaders`],
    /// sealed.
    pub headers: Option<Sealed>,
    /// The names of the custom headers, to be shown.
    pub header_names: Vec<String>,
    /// What signs.
    pub secrets: Secrets,
    /// How its attempts went.
    pub health: Health,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Why a subscription's row cannot be used. A fault on our side: what is saved was checked.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// A secret or the headers do not open.
    #[error(transparent)]
    Sealing(#[from] SealingError),
    /// What was sealed does not read.
    #[error("a subscription's {0} cannot be used")]
    Content(&'static str),
    /// This build has no such profile.
    #[error("a subscription has the profile '{0}', which this build does not have")]
    Profile(String),
    /// Its overrides do not fit its profile.
    #[error("a subscription's overrides do not fit its profile: {0}")]
    Policy(#[source] InvalidPolicy),
}

impl Subscription {
    /// All that is sealed of it.
    pub fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        let previous = self.secrets.previous.as_ref().map(|(sealed, _)| sealed);
        [Some(&self.secrets.current), previous, self.headers.as_ref()].into_iter().flatten()
    }

    /// The release with which a changed subscription starts anew: the failures of before count no
    /// more, and what is held goes out. A subscription that is active after the change starts anew
    /// if it was not active before, or if it was failing: the change may be what its receiver
    /// needed.
    #[must_use]
    pub fn new_start(&self, before: &Self) -> Option<Release> {
        let starts = self.status == Status::Active
            && (before.status != Status::Active || before.health.failing_since.is_some());
        starts.then(|| Release::new(self.tenant.clone(), self.id, self.updated_at))
    }

    /// How its deliveries are made.
    pub fn policy(&self) -> Result<Arc<Policy>, Unusable> {
        let profile =
            profile::find(&self.profile).ok_or_else(|| Unusable::Profile(self.profile.clone()))?;
        self.overrides.over(profile).map_err(Unusable::Policy)
    }
}

#[cfg(test)]
mod tests;
