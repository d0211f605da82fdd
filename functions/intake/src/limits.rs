//! Keeps each tenant to its events a minute, so that a flood of one leaves room for the others.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::core::tenant::Tenant;
use shared::core::tenant::flow::{self, Flows, Telling, Told, Verdict};
use shared::core::timestamp::Timestamp;
use shared::edges::api::ApiError;
use shared::edges::store::LogStore;
use tokio::time::timeout;

/// Publishing waits no longer than this for what other processes let in.
const PATIENCE: Duration = Duration::from_millis(500);

/// What this process lets in.
#[derive(Debug)]
pub struct Limits {
    log: LogStore,
    /// The limit of a tenant that has none of its own; 0 for none.
    events_per_minute: u32,
    flows: Mutex<Flows>,
}

impl Limits {
    pub fn new(log: LogStore, events_per_minute: u32) -> Self {
        Self { log, events_per_minute, flows: Mutex::default() }
    }

    /// Refuses whatever comes when the tenant's minute is known to be used up.
    pub fn check(&self, tenant: &Tenant, now: Timestamp) -> Result<(), ApiError> {
        let Some(limit) = self.of(tenant) else { return Ok(()) };
        if self.flows().is_full(&tenant.id, limit, now) { Err(refused(limit, now)) } else { Ok(()) }
    }

    /// Lets a request of so many events in, or refuses it.
    pub async fn admit(
        &self,
        tenant: &Tenant,
        events: usize,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let Some(limit) = self.of(tenant) else { return Ok(()) };
        let events = u64::try_from(events).unwrap_or(u64::MAX);
        let mut verdict = self.flows().take(&tenant.id, limit, events, now);
        if let Verdict::Tell(telling) = verdict {
            let told = self.tell(tenant, limit, &telling).await;
            verdict = self.flows().told(&tenant.id, &telling, told);
        }
        if verdict == (Verdict::Refused { first: true }) {
            tracing::info!(tenant = %tenant.id, limit, "a tenant has published as much as it may until the minute ends");
        }
        answer(verdict, limit, events, now)
    }

    /// What all processes let in; `None` if that is not to be learned now. The limit protects, and
    /// nothing is refused for want of it.
    async fn tell(&self, tenant: &Tenant, limit: u32, telling: &Telling) -> Option<Told> {
        let error = match timeout(PATIENCE, self.log.tell_flow(&tenant.id, limit, telling)).await {
            Ok(Ok(told)) => return Some(told),
            Ok(Err(error)) => error.to_string(),
            Err(late) => late.to_string(),
        };
        tracing::warn!(tenant = %tenant.id, error, "a tenant's limit is not shared with other processes for now");
        None
    }

    fn of(&self, tenant: &Tenant) -> Option<u32> {
        flow::limit(tenant.events_per_minute, self.events_per_minute)
    }

    fn flows(&self) -> MutexGuard<'_, Flows> {
        self.flows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer to a request of so many events.
fn answer(verdict: Verdict, limit: u32, events: u64, now: Timestamp) -> Result<(), ApiError> {
    match verdict {
        // Nobody is left to be told: what this process knows is enough.
        Verdict::Admitted | Verdict::Tell(_) => Ok(()),
        Verdict::Refused { .. } => Err(refused(limit, now)),
        Verdict::NeverFits => Err(ApiError::TooLarge(format!(
            "The request makes {events} events, and the tenant may publish {limit} a minute. Send them in several requests."
        ))),
    }
}

fn refused(limit: u32, now: Timestamp) -> ApiError {
    ApiError::TooManyEvents { limit, wait: flow::wait(now) }
}

#[cfg(test)]
mod tests;
