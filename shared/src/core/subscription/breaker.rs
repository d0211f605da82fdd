//! The breaker of a subscription: when its receiver counts as failing, and when it is asked again.
//!
//! ```text
//! closed ── enough failed attempts in a row ──► open ── one success ──► closed, and what was held is released
//!    ▲                                             ├── a wait is over ──► a probe; the next one after a longer wait
//!    └── somebody changes the subscription ────────┴── open for too long ──► the subscription is disabled
//! ```
//!
//! While it is open, deliveries are held: none is attempted but the probe, which is one of them,
//! and what somebody asks to be sent again. A policy without probes has no breaker: its receiver is
//! only said to be failing.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::core::delivery::retry;
use crate::core::id::{SubscriptionId, TenantId};
use crate::core::subscription::Health;
use crate::core::subscription::policy::Policy;
use crate::core::timestamp::Timestamp;

/// How a subscription's breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "BreakerState")]
pub enum State {
    /// Its policy has none: deliveries keep to their schedule, whatever comes of them.
    None,
    /// Deliveries are attempted.
    Closed,
    /// The receiver fails: deliveries are held, and it is probed from time to time.
    Open,
}

impl State {
    /// As `health` and `policy` make it.
    #[must_use]
    pub const fn of(health: Health, policy: &Policy) -> Self {
        match (policy.has_breaker(), health.has_open_breaker) {
            (false, _) => Self::None,
            (true, false) => Self::Closed,
            (true, true) => Self::Open,
        }
    }
}

/// What a failed attempt makes of its subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It counts as failing from now on; its breaker opens, where it has one.
    Failing,
    /// It has been failing since then, which is too long: it is disabled.
    TooLong(Timestamp),
}

/// What follows from a failed attempt, which `health` counts already.
#[must_use]
pub fn after_failure(health: Health, policy: &Policy, now: Timestamp) -> Option<Change> {
    match health.failing_since {
        None if is_enough(health, policy) => Some(Change::Failing),
        Some(since) => {
            let limit = policy.disable_after_failing().filter(|limit| since.after(*limit) <= now);
            limit.map(|_| Change::TooLong(since))
        }
        None => None,
    }
}

/// A receiver that hangs is found out by fewer attempts than one that refuses: each takes the time
/// of many.
fn is_enough(health: Health, policy: &Policy) -> bool {
    let seconds = u64::from(policy.failing_after_seconds);
    health.failed_attempts >= policy.failing_after_attempts
        || (seconds > 0 && health.failed_ms >= seconds * 1_000)
}

/// Whether deliveries are held: the breaker is open.
#[must_use]
pub fn is_open(health: Health, policy: &Policy) -> bool {
    State::of(health, policy) == State::Open
}

/// An open breaker: when its receiver is probed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaker {
    /// Whose.
    pub tenant: TenantId,
    /// Which subscription's.
    pub subscription: SubscriptionId,
    /// When it opened; the same as the subscription's `failing_since`.
    pub opened_at: Timestamp,
    /// Probes so far, those among them for which nothing was held.
    pub probes: u32,
    /// When the next one is due.
    pub next_probe_at: Timestamp,
}

impl Breaker {
    /// One that opens `now`; `None` if the policy has no breaker. `random` lies in 0..=1, here and
    /// below, and spreads the waits within the policy's jitter, so that receivers that died
    /// together are not probed together for ever.
    #[must_use]
    pub fn open(
        tenant: &TenantId,
        subscription: SubscriptionId,
        now: Timestamp,
        policy: &Policy,
        random: f64,
    ) -> Option<Self> {
        let (tenant, next_probe_at) = (tenant.clone(), now.after(wait(policy, 0, random)?));
        Some(Self { tenant, subscription, opened_at: now, probes: 0, next_probe_at })
    }

    /// As it stands once a probe was sent for `at`, or nothing was held to probe with: the next one
    /// comes after a wait that is longer, up to the last of the policy's. `None` if the policy has
    /// no breaker any more.
    #[must_use]
    pub fn probed(&self, at: Timestamp, policy: &Policy, random: f64) -> Option<Self> {
        let probes = self.probes.saturating_add(1);
        Some(Self {
            probes,
            next_probe_at: at.after(wait(policy, probes, random)?),
            ..self.clone()
        })
    }
}

fn wait(policy: &Policy, probes: u32, random: f64) -> Option<Duration> {
    let waits = &policy.probe_waits_seconds;
    let seconds = waits.get(probes as usize).or(waits.last())?;
    Some(retry::spread(Duration::from_secs(u64::from(*seconds)), policy.jitter_percent, random))
}

#[cfg(test)]
mod tests;
