//! Events: listed, shown, and where they went.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use shared::core::event::Event;
use shared::core::id::{EventId, SubscriptionId, TenantId};
use shared::core::page::{Cursor, Order, PageRequest};
use shared::core::timestamp::Timestamp;
use shared::core::trace_context::TraceContext;
use shared::edges::api::response::{self, List};
use shared::edges::api::{ApiError, Request};
use shared::edges::clock;
use shared::edges::store::{ConfigStore, LogStore};

use crate::Answer;
use crate::owner::Owner;
use crate::views::{self, DeliveryView, EventView};

/// Rows that one look at many deliveries takes (`BatchGetItem`).
const LOOKED_AT: usize = 100;

/// An event whose fan-out was held up joins the record late, among earlier ones. A poll starts no
/// later than this before the one before it, and shows again what was accepted since: longer than a
/// message waits that was received in vain.
const OVERLAP: Duration = Duration::from_mins(15);

/// A page of events; oldest first, with where to poll from next time.
#[derive(Serialize, JsonSchema)]
pub struct EventList {
    #[serde(flatten)]
    list: List<EventView>,
    /// Where the next poll starts; only of a page with the oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    resume_cursor: Option<String>,
}

/// `GET …/events?from&to&type&limit&cursor&order`: newest first, without payloads. Oldest first, it
/// also says where the next poll starts.
pub async fn list(log: &LogStore, owner: &Owner, request: &Request) -> Answer {
    let (range, page, event_type) =
        (owner.range(request)?, request.page()?, request.query_as("type")?);
    let now = clock::now();
    let events = log.events(owner.id(), event_type.as_ref(), range, &page, now).await?;
    let resume_cursor =
        (page.order == Order::Ascending).then(|| resume(events.next.as_ref(), range.1, now));
    let list = List::from(events.map(|event| view(&event, None)));
    response::ok(&EventList { list, resume_cursor })
}

/// `GET …/events/{event}`: with its payload.
pub async fn get(log: &LogStore, owner: &Owner, id: EventId) -> Answer {
    let event = find(log, owner, id).await?;
    let data = data(log, &event).await?;
    response::ok(&view(&event, data))
}

/// `GET …/events/{event}/deliveries`: every subscription it went to, and how that stands. An event
/// that went to very many is answered by the subscriptions that the tenant has now.
pub async fn deliveries(
    config: &ConfigStore,
    log: &LogStore,
    owner: &Owner,
    id: EventId,
    request: &Request,
) -> Answer {
    let (page, event) = (request.page()?, find(log, owner, id).await?);
    let (subscriptions, next_cursor) = match &event.subscriptions {
        Some(listed) => (listed.clone(), None),
        None => present_subscriptions(config, owner.id(), page).await?,
    };
    let mut found = Vec::new();
    for some in subscriptions.chunks(LOOKED_AT) {
        found.extend(log.deliveries_of_event(event.id, some, clock::now()).await?);
    }
    let mut items = Vec::with_capacity(subscriptions.len());
    for id in subscriptions {
        match found.iter().position(|delivery| delivery.subscription == id) {
            Some(position) => items.push(DeliveryView::new(found.swap_remove(position), false)),
            None if event.subscriptions.is_some() => {
                items.push(DeliveryView::unrecorded(id, event.id));
            }
            None => {}
        }
    }
    response::ok(&List { items, next_cursor })
}

/// An event that is on record.
pub async fn find(log: &LogStore, owner: &Owner, id: EventId) -> Result<Event, ApiError> {
    let id = owner.kept(id, "event")?;
    log.event(owner.id(), id, clock::now()).await?.ok_or(ApiError::NotFound("event"))
}

/// The payload of an event, if it is there.
pub async fn data(log: &LogStore, event: &Event) -> Result<Option<Box<RawValue>>, ApiError> {
    let Some(payload) = event.payload.clone() else { return Ok(None) };
    let packed = log.payload(event.id, payload).await?;
    packed.map(|packed| views::json(event.id, &packed)).transpose()
}

async fn present_subscriptions(
    config: &ConfigStore,
    tenant: &TenantId,
    page: PageRequest,
) -> Result<(Vec<SubscriptionId>, Option<String>), ApiError> {
    let page = config.subscriptions(tenant, &page).await?;
    let next = page.next.as_ref().map(Cursor::to_string);
    Ok((page.items.iter().map(|subscription| subscription.id).collect(), next))
}

/// Where the next poll starts: where this one ends, and not within the overlap.
fn resume(next: Option<&Cursor>, to: Timestamp, now: Timestamp) -> String {
    let end = EventId::first_at(to.min(now.before(OVERLAP))).to_string();
    match next {
        Some(next) if next.sort() < end.as_str() => next.to_string(),
        _ => Cursor::after(end).to_string(),
    }
}

fn view(event: &Event, data: Option<Box<RawValue>>) -> EventView {
    EventView {
        id: event.id,
        r#type: event.event_type.clone(),
        timestamp: event.id.timestamp(),
        parent: event.parent,
        trace_id: event.trace.as_ref().map(TraceContext::trace_id),
        tracestate: event.trace.as_ref().and_then(TraceContext::tracestate).map(str::to_owned),
        matched: event.matched,
        payload_erased: event.payload.is_none(),
        data,
    }
}
