//! The facts of a subscription that decide whether what is held for it goes out.

use std::sync::Arc;

use shared::core::subscription::breaker;
use shared::core::subscription::policy::Policy;
use shared::core::subscription::{Health, Status, Subscription, Unusable};

/// A subscription that is active: its receiver gets deliveries, unless its breaker is open.
#[derive(Debug, Clone)]
pub struct Receiver {
    pub health: Health,
    pub policy: Arc<Policy>,
}

impl Receiver {
    /// The receiver of a subscription; `None` if it is gone, paused or disabled.
    pub fn of(found: Option<&Subscription>) -> Result<Option<Self>, Unusable> {
        let active = found.filter(|found| found.status == Status::Active);
        active.map(|found| Ok(Self { health: found.health, policy: found.policy()? })).transpose()
    }

    /// Its breaker is open: deliveries are held.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        breaker::is_open(self.health, &self.policy)
    }
}
