//! Bulk resends: asked for, followed, cancelled. The scheduler makes them.

use lambda_http::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use shared::core::bulk_resend::{self, BulkResend, State, Which};
use shared::core::event::event_type::Filter;
use shared::core::id::{EventId, ResendId, SubscriptionId};
use shared::core::page::Order;
use shared::core::subscription::{Status, Subscription};
use shared::core::timestamp::Timestamp;
use shared::edges::api::response::{self, List};
use shared::edges::api::{ApiError, Request};
use shared::edges::clock;
use shared::edges::store::{ConfigStore, Created, LogStore, Saved, rounds};

use crate::{Answer, contended};

/// Many deliveries again, and how far that is.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BulkResend")]
pub struct ResendView {
    id: ResendId,
    subscription: SubscriptionId,
    which: Which,
    from: Option<Timestamp>,
    to: Timestamp,
    types: Option<Filter>,
    status: State,
    reason: Option<String>,
    /// Deliveries found to be sent again, so far.
    #[schemars(example = 12)]
    found: u64,
    /// Of these, sent.
    #[schemars(example = 10)]
    sent: u64,
    /// Of these, delivered.
    #[schemars(example = 8)]
    delivered: u64,
    /// Of these, not.
    #[schemars(example = 1)]
    failed: u64,
    /// The time of the last event that was looked at.
    position: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
    #[schemars(example = None::<Timestamp>)]
    finished_at: Option<Timestamp>,
}

impl From<BulkResend> for ResendView {
    fn from(found: BulkResend) -> Self {
        Self {
            id: found.id,
            subscription: found.subscription,
            which: found.request.which,
            from: found.request.from,
            to: found.to,
            types: found.request.types,
            status: found.state,
            reason: found.reason,
            found: found.found,
            sent: found.sent,
            delivered: found.delivered,
            failed: found.failed,
            position: found.position.map(EventId::timestamp),
            created_at: found.created_at,
            updated_at: found.updated_at,
            finished_at: found.finished_at,
        }
    }
}

/// `POST …/subscriptions/{id}/resend`: 202 with what is started; 200 with what runs, if that is the
/// same.
pub async fn start(
    config: &ConfigStore,
    log: &LogStore,
    subscription: &Subscription,
    request: &Request,
) -> Answer {
    let asked: bulk_resend::Request = request.json_or_default()?;
    if asked.from.zip(asked.to).is_some_and(|(from, to)| from > to) {
        return Err(ApiError::invalid("from", "from must not be later than to"));
    }
    if subscription.status == Status::Disabled {
        let detail = "The subscription is disabled. Set its status to active, then resend.";
        return Err(ApiError::Conflict(detail.to_owned()));
    }
    let now = clock::now();
    let id = ResendId::new(now, clock::random_bits());
    let owner = (subscription.tenant.clone(), subscription.id);
    let resend = BulkResend::new(id, owner, asked, now);
    for () in rounds() {
        if config.begin_resend(&resend).await? == Created::Created {
            return response::json(StatusCode::ACCEPTED, &ResendView::from(resend));
        }
        match config.running_resend(subscription.id).await? {
            Some(running)
                if running.request == resend.request && running.state == State::Running =>
            {
                return response::ok(&ResendView::from(running));
            }
            // One that has ended is only followed: it is put away as it is.
            Some(ended) if ended.state != State::Running && ended.planned.is_empty() => {
                log.put_resend(&ended).await?;
                config.end_resend(&ended).await?;
            }
            Some(running) => {
                let id = running.id;
                let detail = format!(
                    "Resend {id} of this subscription is running. Cancel it, or wait until it is done."
                );
                return Err(ApiError::Conflict(detail));
            }
            // It ended in between.
            None => {}
        }
    }
    Err(contended())
}

/// `GET …/subscriptions/{id}/resends`: the running one with those that have ended.
pub async fn list(
    config: &ConfigStore,
    log: &LogStore,
    subscription: &Subscription,
    request: &Request,
) -> Answer {
    let page = request.page()?;
    let running = config.running_resend(subscription.id).await?;
    let mut ended = log.resends(subscription.id, &page).await?;
    // The latest of all: it comes first, or last of the last page.
    let here = match page.order {
        Order::Descending => page.cursor.is_none(),
        Order::Ascending => ended.next.is_none(),
    };
    if let Some(running) = running.filter(|_| here) {
        ended.items.retain(|resend| resend.id != running.id);
        match page.order {
            Order::Descending => ended.items.insert(0, running),
            Order::Ascending => ended.items.push(running),
        }
    }
    response::ok(&List::from(ended.map(ResendView::from)))
}

/// `GET …/subscriptions/{id}/resends/{resend}`: how far it is.
pub async fn get(
    config: &ConfigStore,
    log: &LogStore,
    subscription: &Subscription,
    id: ResendId,
) -> Answer {
    response::ok(&ResendView::from(find(config, log, subscription.id, id).await?))
}

/// `POST …/subscriptions/{id}/resends/{resend}/cancel`: nothing more is sent; what is in the queue
/// goes out. One that has ended stays as it is.
pub async fn cancel(
    config: &ConfigStore,
    log: &LogStore,
    subscription: &Subscription,
    id: ResendId,
) -> Answer {
    for () in rounds() {
        let mut resend = find(config, log, subscription.id, id).await?;
        if resend.state != State::Running {
            return response::ok(&ResendView::from(resend));
        }
        resend.cancel("it was cancelled on request", clock::now());
        if config.save_resend(&mut resend).await? == Saved::Saved {
            return response::ok(&ResendView::from(resend));
        }
    }
    Err(contended())
}

async fn find(
    config: &ConfigStore,
    log: &LogStore,
    subscription: SubscriptionId,
    id: ResendId,
) -> Result<BulkResend, ApiError> {
    let running = config.running_resend(subscription).await?;
    if let Some(running) = running.filter(|found| found.id == id) {
        return Ok(running);
    }
    log.resend(subscription, id).await?.ok_or(ApiError::NotFound("resend"))
}
