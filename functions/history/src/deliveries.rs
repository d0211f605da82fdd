//! Deliveries of a subscription: the log.

use shared::core::delivery::Status;
use shared::core::id::{EventId, TenantId};
use shared::core::subscription::Subscription;
use shared::edges::api::response::{self, List};
use shared::edges::api::{ApiError, Request};
use shared::edges::clock;
use shared::edges::store::LogStore;
use shared::edges::store::wanted::Wanted;

use crate::owner::Owner;
use crate::views::DeliveryView;
use crate::{Answer, events};

/// Events that one look takes (`BatchGetItem`).
const LOOKED_AT: usize = 100;
/// Bytes of payloads in one answer: Lambda takes 6 MB, with what is around them, and escaping may
/// double a quote.
const MOST_PAYLOAD_BYTES: usize = 2 << 20;

/// `GET
/// …/subscriptions/{id}/deliveries?from&to&type&success&status&response&include_payload&include_attempts&limit
/// &cursor&order`. Where delivered ones are not wanted, none of them is read.
pub async fn list(
    log: &LogStore,
    owner: &Owner,
    subscription: &Subscription,
    request: &Request,
) -> Answer {
    let wanted = Wanted {
        statuses: statuses(request)?,
        responses: request.query_list("response")?,
        event_type: request.query_as("type")?,
    };
    let include_attempts = request.query_flag("include_attempts")?.unwrap_or(false);
    let include_payload = request.query_flag("include_payload")?.unwrap_or(false);
    let (range, page) = (owner.range(request)?, request.page()?);
    let found = log.deliveries(subscription.id, &wanted, range, &page, clock::now()).await?;
    let mut found = found.map(|delivery| DeliveryView::new(delivery, include_attempts));
    if include_payload {
        let added = add_payloads(log, owner.id(), &mut found.items).await?;
        found = found.first(added, |view| view.event.to_string());
    }
    response::ok(&List::from(found))
}

/// `GET …/subscriptions/{id}/deliveries/{event}`: one, with its attempts and the payload.
pub async fn get(
    log: &LogStore,
    owner: &Owner,
    subscription: &Subscription,
    event: EventId,
) -> Answer {
    let event = owner.kept(event, "delivery")?;
    let found = log.delivery(subscription.id, event, clock::now()).await?;
    let mut views = [DeliveryView::new(found.ok_or(ApiError::NotFound("delivery"))?, true)];
    add_payloads(log, owner.id(), &mut views).await?;
    response::ok(&views[0])
}

/// An event that is no longer on record leaves its delivery without a payload. Answers how many of
/// the deliveries have theirs: payloads of more than an answer holds are left to the next page.
async fn add_payloads(
    log: &LogStore,
    tenant: &TenantId,
    views: &mut [DeliveryView],
) -> Result<usize, ApiError> {
    let (mut added, mut bytes) = (0, 0);
    for some in views.chunks_mut(LOOKED_AT) {
        let ids: Vec<_> = some.iter().map(|view| view.event).collect();
        let events = log.events_of(tenant, &ids, clock::now()).await?;
        for view in some {
            if let Some(event) = events.iter().find(|event| event.id == view.event) {
                view.data = events::data(log, event).await?;
            }
            bytes += view.data.as_ref().map_or(0, |data| data.get().len());
            if bytes > MOST_PAYLOAD_BYTES && added > 0 {
                return Ok(added);
            }
            added += 1;
        }
    }
    Ok(added)
}

/// What `success` and `status` ask for together.
fn statuses(request: &Request) -> Result<Vec<Status>, ApiError> {
    let named: Vec<Status> = request.query_list("status")?;
    let wanted: Vec<Status> = match request.query_flag("success")? {
        None => return Ok(named),
        Some(success) => Status::ALL
            .into_iter()
            .filter(|status| (*status == Status::Delivered) == success)
            .collect(),
    };
    if named.is_empty() {
        return Ok(wanted);
    }
    let both: Vec<_> = wanted.into_iter().filter(|status| named.contains(status)).collect();
    if both.is_empty() {
        return Err(ApiError::invalid("status", "no delivery has this status and this success"));
    }
    Ok(both)
}
