//! Subscriptions: a tenant's standing order to have certain events delivered to an endpoint.

use serde::{Deserialize, Serialize};

use crate::endpoint::Endpoint;
use crate::event_type::Filter;
use crate::id::{SubscriptionId, TenantId};
use crate::profile::{self, Overrides, Policy};
use crate::sealing::Sealed;
use crate::timestamp::Timestamp;

/// Whether a subscription gets deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// A subscription as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its id.
    pub id: SubscriptionId,
    /// Counts its changes, from 1. Delivery tasks carry it, so that none is made with an older state.
    pub version: u64,
    /// Where to.
    pub endpoint: Endpoint,
    /// What.
    pub filter: Filter,
    /// Whether.
    pub status: Status,
    /// Why it has that status, where it was not asked for.
    pub status_reason: Option<String>,
    /// For people.
    pub description: String,
    /// The profile it starts from.
    pub profile: String,
    /// What it does otherwise than its profile.
    pub overrides: Overrides,
    /// Custom headers: the JSON of a [`crate::custom_headers::CustomHeaders`], sealed.
    pub headers: Option<Sealed>,
    /// The names of the custom headers, to be shown.
    pub header_names: Vec<String>,
    /// What signs.
    pub secrets: Secrets,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Subscription {
    /// How its deliveries are made. A profile that this build does not know counts as the default one.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let profile = profile::find(&self.profile).unwrap_or_else(|| &profile::all()[0]);
        Policy::new(profile, &self.overrides)
    }

    /// The secrets that sign an attempt at `now`, current first.
    pub fn signing_secrets(&self, now: Timestamp) -> impl Iterator<Item = &Sealed> {
        let previous = self.secrets.previous.as_ref().filter(|(_, until)| now < *until).map(|(secret, _)| secret);
        std::iter::once(&self.secrets.current).chain(previous)
    }
}
