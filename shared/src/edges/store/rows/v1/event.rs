//! An event that was fanned out.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::values::{Bytes, Seconds};
use crate::core::event as domain;
use crate::core::event::event_type::EventTypeName;
use crate::core::event::payload::Payload;
use crate::core::id::{EventId, SubscriptionId, TenantId};
use crate::core::trace_context::TraceContext;
use crate::edges::store::stored::EventRow;
use crate::edges::store::{StoreError, keys};
use crate::edges::version::Version;

/// Bytes of a subscription's id in `subscriptions`.
const ID_LEN: usize = 16;

#[derive(Serialize, Deserialize)]
pub struct Event {
    v: Version<1>,
    partition: String,
    sort: EventId,
    event_type: EventTypeName,
    /// The exact JSON text.
    payload_json: Option<String>,
    /// Or its zstd frame.
    payload_zstd: Option<Bytes>,
    /// Or it lies in the log by itself, in so many chunks.
    payload_chunks: Option<u32>,
    /// They are those of a zstd frame.
    chunks_zstd: Option<bool>,
    /// Or it was erased.
    payload_erased: Option<bool>,
    parent: Option<EventId>,
    traceparent: Option<String>,
    tracestate: Option<String>,
    matched: u64,
    /// The 16 bytes of each id.
    subscriptions: Option<Bytes>,
    expires_at: Seconds,
}

impl Event {
    pub fn new(tenant: &TenantId, event: &domain::Event, expires_at: i64) -> Self {
        let domain::Event {
            id,
            event_type,
            payload,
            parent,
            trace,
            matched,
            subscriptions,
            expires_at: _,
        } = event;
        let mut row = Self {
            v: Version,
            partition: keys::events(tenant, keys::shard(*id)),
            sort: *id,
            event_type: event_type.clone(),
            payload_json: None,
            payload_zstd: None,
            payload_chunks: None,
            chunks_zstd: None,
            payload_erased: None,
            parent: *parent,
            traceparent: trace.as_ref().map(TraceContext::traceparent),
            tracestate: trace.as_ref().and_then(TraceContext::tracestate).map(str::to_owned),
            matched: *matched,
            subscriptions: subscriptions
                .as_ref()
                .filter(|ids| !ids.is_empty())
                .map(|ids| Bytes(ids.iter().flat_map(|id| id.to_bytes()).collect())),
            expires_at: Seconds(expires_at),
        };
        match payload {
            Some(Payload::Json(json)) => row.payload_json = Some(json.get().to_owned()),
            Some(Payload::Zstd(frame)) => row.payload_zstd = Some(Bytes(frame.clone())),
            Some(Payload::Log { chunks, zstd }) => {
                row.payload_chunks = Some(*chunks);
                row.chunks_zstd = zstd.then_some(true);
            }
            None => row.payload_erased = Some(true),
        }
        row
    }

    fn is_erased(&self) -> bool {
        self.payload_erased == Some(true)
    }
}

impl TryFrom<Event> for domain::Event {
    type Error = StoreError;

    fn try_from(row: Event) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt(what.to_owned());
        let payload = if row.is_erased() {
            None
        } else if let Some(chunks) = row.payload_chunks {
            Some(Payload::Log { chunks, zstd: row.chunks_zstd == Some(true) })
        } else if let Some(Bytes(frame)) = row.payload_zstd {
            Some(Payload::Zstd(frame))
        } else {
            let json = row.payload_json.ok_or_else(|| corrupt("there is no payload"))?;
            let json = RawValue::from_string(json).map_err(|_| corrupt("payload_json"))?;
            Some(Payload::Json(json))
        };
        let listed = row.subscriptions.map(|Bytes(bytes)| {
            let ids = bytes.chunks_exact(ID_LEN).filter_map(|id| id.try_into().ok());
            ids.map(SubscriptionId::from_bytes).collect()
        });
        Ok(Self {
            id: row.sort,
            event_type: row.event_type,
            payload,
            parent: row.parent,
            trace: row
                .traceparent
                .and_then(|parent| TraceContext::parse(&parent, row.tracestate.as_deref())),
            matched: row.matched,
            subscriptions: listed.or_else(|| (row.matched == 0).then(Vec::new)),
            expires_at: Some(row.expires_at.into()),
        })
    }
}

impl TryFrom<Event> for EventRow {
    type Error = StoreError;

    fn try_from(row: Event) -> Result<Self, StoreError> {
        let (erased, chunked) = (row.is_erased(), row.payload_chunks.is_some());
        Ok(Self { id: row.sort, erased, chunked })
    }
}
