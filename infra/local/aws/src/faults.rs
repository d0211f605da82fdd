//! Faults, for the soak: what may go wrong around the functions, done to them on purpose.
//!
//! [`plan`] decides, by a seed, which requests are struck; a layer before each stand-in does it
//! ([`dynamodb`], [`sqs`]), to requests of functions and of what polls for them alone. That
//! processes die and clocks jump is up to the soak, which has the processes and the clock.

mod dynamodb;
mod plan;
mod sqs;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use tokio::time;

use crate::rights::{Service, access_key_id, operation};
use plan::Plan;
pub use plan::{Kind, Kinds};

/// Longer than the functions wait for one answer (5 s), who then ask again for what was done.
const TOO_LATE: Duration = Duration::from_millis(5_500);
/// Of so many late answers one is too late; the others are up to this late.
const TOO_LATE_OF: u64 = 20;
const LATE_MS: u64 = 1_000;

/// The faults of a stack. Clones are handles to the same ones; without kinds there never are any.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    plan: Plan,
    /// Since when there are faults. None: now there are none.
    since: Mutex<Option<Instant>>,
    /// Of each kind, how often it was asked for.
    asked: [AtomicU64; Kind::ALL.len()],
    counts: Mutex<BTreeMap<&'static str, u64>>,
    /// Messages that will be delivered again.
    again: sqs::Again,
}

impl Faults {
    /// Faults of these kinds, none of which is there before [`Faults::begin`].
    #[must_use]
    pub fn new(kinds: Kinds, seed: u64) -> Self {
        Self(Arc::new(Shared { plan: Plan { kinds, seed }, ..Shared::default() }))
    }

    /// Their kinds.
    #[must_use]
    pub fn kinds(&self) -> &Kinds {
        &self.0.plan.kinds
    }

    /// What they are decided by.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.0.plan.seed
    }

    /// From now on there are faults.
    pub fn begin(&self) {
        *self.since() = Some(Instant::now());
    }

    /// From now on there are none.
    pub fn end(&self) {
        *self.since() = None;
    }

    /// How often what was done.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes what was done.
    pub fn note(&self, what: &'static str) {
        *self.0.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(what).or_default() += 1;
    }

    /// The next random number of a kind.
    #[must_use]
    pub fn roll(&self, kind: Kind) -> u64 {
        self.0.plan.roll(kind, self.next(kind))
    }

    /// Whether a kind strikes a request that is made now; and if, a random number for how.
    fn strikes(&self, kind: Kind) -> Option<u64> {
        let second = (*self.since())?.elapsed().as_secs();
        self.0.plan.strikes(kind, second, self.next(kind))
    }

    fn next(&self, kind: Kind) -> u64 {
        self.0.asked[kind as usize].fetch_add(1, Ordering::Relaxed)
    }

    fn since(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A stand-in's routes, with what may go wrong before them.
    pub fn before(&self, stand_in: Router, service: Service) -> Router {
        if self.kinds().is_empty() {
            return stand_in;
        }
        stand_in.layer(middleware::from_fn_with_state((self.clone(), service), pass))
    }
}

async fn pass(
    State((faults, service)): State<(Faults, Service)>,
    request: Request,
    next: Next,
) -> Response {
    if faults.since().is_none() || access_key_id(request.headers()).is_none() {
        return next.run(request).await;
    }
    let late = faults.strikes(Kind::Slow).map(|roll| match roll % TOO_LATE_OF {
        0 => ("slow: answered after the caller gave up", TOO_LATE),
        _ => ("slow: answered late", Duration::from_millis(roll / TOO_LATE_OF % LATE_MS)),
    });
    let operation = operation(request.headers()).to_owned();
    let response = match service {
        Service::DynamoDb => dynamodb::pass(&faults, request, next).await,
        Service::Sqs => sqs::pass(&faults, &operation, request, next).await,
        Service::SecretsManager => next.run(request).await,
    };
    if let Some((what, late)) = late {
        faults.note(what);
        time::sleep(late).await;
    }
    response
}

#[cfg(test)]
mod tests;
