//! Erasures: all payloads of a tenant, or the tenant with everything. Asked for here, made by the
//! scheduler.

use std::time::Duration;

use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use shared::core::erasure::{Erasure, What};
use shared::core::id::TenantId;
use shared::core::timestamp::Timestamp;
use shared::edges::api::{ApiError, response};
use shared::edges::clock;
use shared::edges::store::{ConfigStore, Saved, rounds};

use crate::Answer;
use crate::tenants::unreserved;

/// Subscriptions that are removed while the caller waits; the scheduler removes the others.
const REMOVED_AT_ONCE: usize = 200;

/// What of a tenant is erased, and how far that is.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Erasure")]
pub struct ErasureView {
    tenant: TenantId,
    /// What is removed.
    what: What,
    #[schemars(extend("enum" = ["running", "done"]))]
    status: &'static str,
    /// Events erased so far.
    #[schemars(example = 1200)]
    events: u64,
    /// Deliveries erased so far.
    #[schemars(example = 2400)]
    deliveries: u64,
    /// Subscriptions looked at in the present look.
    #[schemars(example = 2)]
    subscriptions: u64,
    /// It looks twice, the second time for what was in a queue at the first.
    #[schemars(range(min = 1, max = 2))]
    look: u8,
    /// When the present look starts, or has started.
    look_at: Timestamp,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// When it was done.
    #[schemars(example = None::<Timestamp>)]
    finished_at: Option<Timestamp>,
}

impl From<Erasure> for ErasureView {
    fn from(found: Erasure) -> Self {
        Self {
            status: if found.is_running() { "running" } else { "done" },
            tenant: found.tenant,
            what: found.what,
            events: found.events,
            deliveries: found.deliveries,
            subscriptions: found.subscriptions,
            look: found.look,
            look_at: found.look_at,
            created_at: found.created_at,
            updated_at: found.updated_at,
            finished_at: found.finished_at,
        }
    }
}

/// What follows from asking for an erasure.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// Everything is being erased already, which is all there is to do.
    Runs(Erasure),
    /// This one begins, or begins again.
    Begins(Erasure),
}

/// `GET …/erasure`: the one that runs, or the last; also of a tenant that is gone.
pub async fn get(config: &ConfigStore, tenant: &TenantId) -> Answer {
    let found = config.erasure(tenant).await?.ok_or(ApiError::NotFound("erasure"))?;
    response::ok(&ErasureView::from(found))
}

/// `DELETE …/payloads`: erases those of all events accepted until now. `DELETE
/// /v1/tenants/{tenant}`: erases the tenant with everything.
pub async fn ask(
    config: &ConfigStore,
    retention: Duration,
    tenant: &TenantId,
    what: What,
) -> Answer {
    unreserved(tenant)?;
    for () in rounds() {
        let now = clock::now();
        let erasure = match next(config.erasure(tenant).await?, tenant, what, now) {
            Next::Runs(erasure) => return accepted(erasure),
            Next::Begins(erasure) => erasure,
        };
        config.tenant(tenant).await?.ok_or(ApiError::NotFound("tenant"))?;
        if config.begin_erasure(&erasure).await? == Saved::Lost {
            continue;
        }
        if what == What::Everything {
            // The rest, and what fails here, is the scheduler's.
            let kept_until = now.after(retention);
            let removed =
                config.remove_keys_and_subscriptions(tenant, REMOVED_AT_ONCE, kept_until).await;
            if let Err(error) = removed {
                tracing::warn!(%tenant, %error, "keys and subscriptions are left to the scheduler");
            }
        }
        return accepted(erasure);
    }
    Err(ApiError::contended("It"))
}

/// An erasure that is asked for again while it runs starts over, for what was accepted since. While
/// everything is being erased, nothing is left to do.
fn next(known: Option<Erasure>, tenant: &TenantId, what: What, now: Timestamp) -> Next {
    match known.filter(Erasure::is_running) {
        Some(running) if running.what == What::Everything => Next::Runs(running),
        Some(running) => Next::Begins(running.anew(what, now)),
        None => Next::Begins(Erasure::new(tenant.clone(), what, now)),
    }
}

fn accepted(erasure: Erasure) -> Answer {
    response::json(StatusCode::ACCEPTED, &ErasureView::from(erasure))
}

#[cfg(test)]
mod tests;
