//! Acceptance: each event gets its id and goes into the events queue. 202 means that it is there.

use schemars::JsonSchema;
use serde::Serialize;
use shared::core::event::event_type::EventTypeName;
use shared::core::event::payload::Packed;
use shared::core::event::split;
use shared::core::id::EventId;
use shared::core::tenant::Tenant;
use shared::core::timestamp::Timestamp;
use shared::core::trace_context::TraceContext;
use shared::edges::api::ApiError;
use shared::edges::clock;
use shared::edges::queue::messages::EventMessage;
use shared::edges::queue::{Outgoing, Queue};
use shared::edges::store::LogStore;
use tracing::field::display;

use crate::identity::{self, Identity, Made};
use crate::plan::{self, Lane, Place, Planned, Sending};
use crate::request::{NewEvent, Published};

/// An accepted event as it is answered.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Accepted {
    id: EventId,
    r#type: EventTypeName,
    timestamp: Timestamp,
    /// What it was split into, where its type wants that: events of their own, each of which names
    /// this one as parent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    events: Vec<Self>,
    /// Whether its key had made it before.
    #[serde(skip)]
    pub repeat: bool,
}

impl Accepted {
    fn new(event: &NewEvent, made: Made) -> Self {
        let id = made.id;
        let parts = 0..event.parts.len();
        let part = |number| Self::whole(event, Made { id: split::child(id, number), ..made });
        Self { events: parts.map(part).collect(), ..Self::whole(event, made) }
    }

    fn whole(event: &NewEvent, Made { id, is_repeat }: Made) -> Self {
        Self {
            id,
            r#type: event.r#type.clone(),
            timestamp: id.timestamp(),
            events: Vec::new(),
            repeat: is_repeat,
        }
    }
}

/// An accepted batch as it is answered, in the order of the request.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AcceptedBatch<'a> {
    pub events: &'a [Accepted],
}

/// Makes every event of the request durable. On an error some of a batch may be; with idempotency
/// keys, sending the request again is harmless.
pub async fn accept(
    log: &LogStore,
    queue: &Queue,
    tenant: &Tenant,
    published: &mut Published,
    now: Timestamp,
) -> Result<Vec<Accepted>, ApiError> {
    let made = identify(log, tenant, published, now).await?;
    let lane = if queue.is_fifo() { Lane::InOrder } else { Lane::Plain };
    let mut outgoing = Vec::with_capacity(published.count());
    for planned in plan::events(published, &made) {
        let message = message(log, tenant, &planned, published.trace.clone()).await?;
        outgoing.push(written(lane, &message)?);
    }
    match plan::sending(lane, outgoing.len()) {
        Sending::OneByOne => queue.send_in_order(outgoing).await?,
        Sending::Together => queue.send_all(outgoing).await.map(drop)?,
    }
    let trace_id = published.trace.as_ref().map(TraceContext::trace_id);
    let accepted: Vec<_> =
        published.events.iter().zip(made).map(|(event, made)| Accepted::new(event, made)).collect();
    for event in accepted.iter().flat_map(|event| std::iter::once(event).chain(&event.events)) {
        tracing::debug!(tenant = %tenant.id, event = %event.id, trace_id = trace_id.map(display), "accepted");
    }
    Ok(accepted)
}

/// Claims each event's key, one after the other: of two events with one key the second is a repeat
/// or a conflict, and a conflict claims no key behind it.
async fn identify(
    log: &LogStore,
    tenant: &Tenant,
    published: &mut Published,
    now: Timestamp,
) -> Result<Vec<Made>, ApiError> {
    let random = published.events.iter().map(|_| clock::random_bits());
    let ids = identity::ids(now, random);
    let mut made = Vec::with_capacity(ids.len());
    for (position, id) in ids.into_iter().enumerate() {
        let event = &published.events[position];
        let identity = match &event.idempotency_key {
            None => Identity::New(id),
            Some(key) => {
                let origin = identity::origin(event);
                let claim = log.claim(tenant, key, id, &origin, now).await?;
                identity::identify(id, &origin, claim)
            }
        };
        made.push(identity::settle(published, position, identity)?);
    }
    Ok(made)
}

/// The message of an event, its data put into the log where it has no room in it.
async fn message(
    log: &LogStore,
    tenant: &Tenant,
    planned: &Planned<'_>,
    trace: Option<TraceContext>,
) -> Result<EventMessage, ApiError> {
    let packed = Packed::new(planned.data.to_owned());
    let payload = match plan::place(&packed) {
        Place::Message => packed.into(),
        Place::Log => {
            let expires_at = tenant.retention().map(|kept| planned.id.timestamp().after(kept));
            log.put_payload(planned.id, &packed, expires_at).await?
        }
    };
    Ok(EventMessage {
        tenant: tenant.id.clone(),
        event: planned.id,
        event_type: planned.event_type.clone(),
        payload,
        parent: planned.parent,
        trace,
        repeat: planned.is_repeat,
        cursor: None,
        matched: 0,
    })
}

fn written(lane: Lane, message: &EventMessage) -> Result<Outgoing, ApiError> {
    plan::outgoing(lane, message).map_err(|error| {
        let trace_id = message.trace.as_ref().map(TraceContext::trace_id).map(display);
        tracing::error!(tenant = %message.tenant, event = %message.event, trace_id, %error, "it does not serialise");
        ApiError::Internal
    })
}
