//! Acceptance: each event gets its id and goes into the events queue. 202 means that it is there.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use shared::core::event::event_type::EventTypeName;
use shared::core::event::payload::{MAX_INLINE_BYTES, Packed};
use shared::core::event::split;
use shared::core::id::EventId;
use shared::core::timestamp::Timestamp;
use shared::core::trace_context::TraceContext;
use shared::edges::api::ApiError;
use shared::edges::clock;
use shared::edges::queue::messages::{EventMessage, write};
use shared::edges::queue::{Outgoing, Queue};
use shared::edges::store::LogStore;
use shared::edges::store::idempotency::{Claim, Origin};
use shared::edges::store::tenants::Tenant;
use tracing::field::display;

use crate::request::{NewEvent, Published};

/// A repeated request sends its event again, for the first may have died before its send; this long
/// after, when the first has been fanned out if it did not, so that the repeat is dropped.
const REPEAT_DELAY_SECONDS: i32 = 5;

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
    fn new(id: EventId, event: &NewEvent, repeat: bool) -> Self {
        Self {
            id,
            r#type: event.r#type.clone(),
            timestamp: id.timestamp(),
            events: Vec::new(),
            repeat,
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
    let mut accepted = Vec::with_capacity(published.events.len());
    let mut outgoing = Vec::with_capacity(published.events.len());
    // In order of the request: one millisecond has them all.
    let mut ids: Vec<_> =
        published.events.iter().map(|_| EventId::new(now, clock::random_bits())).collect();
    ids.sort_unstable();
    for (position, id) in ids.into_iter().enumerate() {
        let (id, repeat) = identify(log, tenant, published, (position, id)).await?;
        let event = &published.events[position];
        let mut answer = Accepted::new(id, event, repeat);
        if event.parts.is_empty() {
            let message = message(log, tenant, event, id, &event.data).await?;
            outgoing.push(written(
                queue,
                &EventMessage { repeat, trace: published.trace.clone(), ..message },
            )?);
        }
        for (number, part) in event.parts.iter().enumerate() {
            let child = split::child(id, number);
            let message = message(log, tenant, event, child, part).await?;
            let trace = published.trace.clone();
            outgoing.push(written(
                queue,
                &EventMessage { repeat, parent: Some(id), trace, ..message },
            )?);
            answer.events.push(Accepted::new(child, event, repeat));
        }
        accepted.push(answer);
    }
    if queue.is_fifo() || outgoing.len() == 1 {
        queue.send_in_order(outgoing).await?;
    } else {
        queue.send_all(outgoing).await?;
    }
    let trace_id = published.trace.as_ref().map(TraceContext::trace_id);
    for event in accepted.iter().flat_map(|event| std::iter::once(event).chain(&event.events)) {
        tracing::debug!(tenant = %tenant.id, event = %event.id, trace_id = trace_id.map(display), "accepted");
    }
    Ok(accepted)
}

/// The event's id — the one that is meant for its position, or the one that its idempotency key had
/// made before: then it is split as it was then — and whether it had.
async fn identify(
    log: &LogStore,
    tenant: &Tenant,
    published: &mut Published,
    (position, id): (usize, EventId),
) -> Result<(EventId, bool), ApiError> {
    let event = &published.events[position];
    let Some(key) = &event.idempotency_key else { return Ok((id, false)) };
    let origin = Origin { fingerprint: fingerprint(event), split: event.split.clone() };
    match log.claim(tenant, key, id, &origin, id.timestamp()).await? {
        Claim::Claimed => Ok((id, false)),
        Claim::Taken(earlier, made) if made.fingerprint == origin.fingerprint => {
            if made.split != origin.split {
                let split = published.events[position].split(made.split);
                split.map_err(|error| {
                    ApiError::invalid(published.path(position, "data"), error.to_string())
                })?;
            }
            Ok((earlier, true))
        }
        Claim::Taken(earlier, _) => Err(ApiError::Conflict(format!(
            "{}: this key made event {earlier} from another type or other data. Use a new key for a new event.",
            published.path(position, "idempotency_key")
        ))),
    }
}

fn fingerprint(event: &NewEvent) -> String {
    let mut hash = Sha256::new();
    hash.update(event.r#type.as_str());
    hash.update([0]);
    hash.update(event.data.get());
    hex::encode(hash.finalize())
}

async fn message(
    log: &LogStore,
    tenant: &Tenant,
    event: &NewEvent,
    id: EventId,
    data: &RawValue,
) -> Result<EventMessage, ApiError> {
    let packed = Packed::new(data.to_owned());
    let payload = if packed.message_len() > MAX_INLINE_BYTES {
        let expires_at = tenant.retention().map(|kept| id.timestamp().after(kept));
        log.put_payload(id, &packed, expires_at).await?
    } else {
        packed.into()
    };
    Ok(EventMessage {
        tenant: tenant.id.clone(),
        event: id,
        event_type: event.r#type.clone(),
        payload,
        parent: None,
        trace: None,
        repeat: false,
        cursor: None,
        matched: 0,
    })
}

fn written(queue: &Queue, message: &EventMessage) -> Result<Outgoing, ApiError> {
    let body = write(message).map_err(|error| {
        let trace_id = message.trace.as_ref().map(TraceContext::trace_id).map(display);
        tracing::error!(tenant = %message.tenant, event = %message.event, trace_id, %error, "it does not serialise");
        ApiError::Internal
    })?;
    if queue.is_fifo() {
        // SQS drops a repeat within five minutes by itself, and puts a later one behind the first:
        // neither has to wait.
        let (group, once) = (Some(message.tenant.to_string()), Some(message.event.to_string()));
        return Ok(Outgoing { body, group, once, delay_seconds: 0 });
    }
    let delay_seconds = if message.repeat { REPEAT_DELAY_SECONDS } else { 0 };
    Ok(Outgoing { body, group: None, once: None, delay_seconds })
}
