//! The subscriptions of the simulation: their health and breakers as the store keeps them, by the
//! rules of `shared`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use shared::core::delivery::step::Standing;
use shared::core::id::{SubscriptionId, TenantId};
use shared::core::subscription::breaker::{self, Breaker, Change};
use shared::core::subscription::policy::Policy;
use shared::core::subscription::release::Release;
use shared::core::subscription::{Health, Status};
use shared::core::timestamp::Timestamp;

/// How long another process may go by what it has read of a subscription before.
const CACHED: Duration = Duration::from_secs(5);
/// What an attempt takes that is answered.
pub const ANSWERED_MS: i64 = 50;

/// One subscription.
#[derive(Debug)]
pub struct Subscription {
    pub tenant: TenantId,
    pub id: SubscriptionId,
    pub policy: Arc<Policy>,
    /// Its receiver is dead until then.
    pub dead_until: Timestamp,
    /// How long an attempt at a dead receiver takes.
    pub dead_ms: i64,
    health: Health,
    /// Its open breaker.
    pub breaker: Option<Breaker>,
    /// The release that is under way.
    pub release: Option<Release>,
    /// The events whose deliveries are held.
    pub held: BTreeSet<u32>,
}

impl Subscription {
    pub fn new(
        id: SubscriptionId,
        policy: &Arc<Policy>,
        (dead_until, dead_ms): (Timestamp, i64),
    ) -> Self {
        Self {
            tenant: TenantId::operations(),
            id,
            policy: Arc::clone(policy),
            dead_until,
            dead_ms,
            health: Health::default(),
            breaker: None,
            release: None,
            held: BTreeSet::new(),
        }
    }

    /// How it stands, as a process sees it that has read it anew, or at worst five seconds ago.
    pub fn standing(&self, anew: bool, now: Timestamp) -> Standing {
        Standing {
            status: Status::Active,
            is_failing: self.is_held(anew, now),
            rate_limit_per_minute: self.policy.rate_limit_per_minute,
            updated_at: self.id.timestamp(),
        }
    }

    /// Whether an attempt is held, as a process sees it that has read it anew, or at worst five
    /// seconds ago.
    pub fn is_held(&self, anew: bool, now: Timestamp) -> bool {
        let known =
            self.health.failing_since.is_some_and(|since| anew || since.after(CACHED) <= now);
        known && breaker::is_open(self.health, &self.policy)
    }

    /// Whether an attempt that starts now succeeds, and what it takes.
    pub fn attempt(&self, now: Timestamp) -> (bool, i64) {
        if now < self.dead_until { (false, self.dead_ms) } else { (true, ANSWERED_MS) }
    }

    /// What delivery makes of an attempt that ended now.
    pub fn attempted(&mut self, succeeded: bool, now: Timestamp, random: f64) {
        if succeeded {
            if self.health.failing_since.is_some() {
                self.breaker = None;
                self.release = Some(Release::new(self.tenant.clone(), self.id, now));
            }
            self.health = Health::default();
            return;
        }
        self.health.failed_attempts += 1;
        self.health.failed_ms += self.dead_ms.unsigned_abs();
        if breaker::after_failure(self.health, &self.policy, now) == Some(Change::Failing) {
            self.health.failing_since = Some(now);
            self.health.has_open_breaker = self.policy.has_breaker();
            self.breaker = Breaker::open(&self.tenant, self.id, now, &self.policy, random);
        }
    }
}
