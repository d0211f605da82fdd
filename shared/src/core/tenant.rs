//! A tenant: the platform's customer, and how many events it may publish.

pub mod flow;

use std::time::Duration;

use crate::core::id::TenantId;
use crate::core::subscription::profile;
use crate::core::timestamp::Timestamp;

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Chosen by the platform.
    pub id: TenantId,
    /// For people.
    pub name: String,
    /// The profile of its subscriptions that name none.
    pub default_profile: String,
    /// How many days its events, deliveries and attempts are kept; `None` for as long as the
    /// deployment keeps any.
    pub retention_days: Option<u16>,
    /// How many events it may publish in a minute, 0 for any number; `None` for as many as the
    /// deployment lets a tenant.
    pub events_per_minute: Option<u32>,
    /// Whether its events keep their order up to its subscriptions, which may then be ordered as
    /// well.
    pub ordered: bool,
    /// When it was first put.
    pub created_at: Timestamp,
    /// When it was last put.
    pub updated_at: Timestamp,
    /// Portal links of before open nothing: they were revoked, or are those of a deleted tenant of
    /// this name.
    pub portal_links_from: Timestamp,
}

impl Tenant {
    /// The reserved tenant of Postrider's own events: it has no row.
    #[must_use]
    pub fn operations() -> Self {
        let epoch = Timestamp::from_millis(0);
        Self {
            id: TenantId::operations(),
            name: "Postrider's own events".to_owned(),
            default_profile: profile::DEFAULT.to_owned(),
            retention_days: None,
            events_per_minute: Some(0),
            ordered: false,
            created_at: epoch,
            updated_at: epoch,
            portal_links_from: epoch,
        }
    }

    /// How long what happened to it is kept; `None` for as long as the deployment keeps anything.
    #[must_use]
    pub fn retention(&self) -> Option<Duration> {
        self.retention_days.map(days)
    }
}

/// Days as a duration.
#[must_use]
pub fn days(days: u16) -> Duration {
    Duration::from_hours(24 * u64::from(days))
}
