//! Version 1: the JSON of messages, and nothing else. A member's name or form never changes here;
//! another one is another version.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::core::event::event_type::EventTypeName;
use crate::core::event::payload;
use crate::core::id::{EventId, ResendId, SubscriptionId, TenantId};
use crate::core::trace_context::TraceContext;
use crate::edges::version::Version;

#[derive(Serialize, Deserialize)]
pub struct EventMessage {
    v: Version<1>,
    tenant: TenantId,
    event: EventId,
    event_type: EventTypeName,
    payload: Payload,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trace: Option<Trace>,
    #[serde(default, skip_serializing_if = "is_false")]
    repeat: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    matched: u64,
}

#[derive(Serialize, Deserialize)]
pub struct DeliveryTask {
    v: Version<1>,
    tenant: TenantId,
    subscription: SubscriptionId,
    version: u64,
    event: EventId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retention_days: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trace: Option<Trace>,
    #[serde(default, skip_serializing_if = "is_false")]
    repeat: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resend: Option<ResendId>,
    #[serde(default, skip_serializing_if = "is_false")]
    probe: bool,
}

#[derive(Serialize, Deserialize)]
struct Content {
    event_type: EventTypeName,
    payload: Payload,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Payload {
    /// The exact JSON text.
    Json(Box<RawValue>),
    /// Its zstd frame, in base64.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    Zstd(Vec<u8>),
    /// In the log, in this many chunks; of a zstd frame, or of the JSON text.
    Log { chunks: u32, zstd: bool },
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "TraceText", try_from = "TraceText")]
struct Trace(TraceContext);

#[derive(Serialize, Deserialize)]
struct TraceText {
    traceparent: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tracestate: Option<String>,
}

impl From<super::EventMessage> for EventMessage {
    fn from(message: super::EventMessage) -> Self {
        let super::EventMessage {
            tenant,
            event,
            event_type,
            payload,
            parent,
            trace,
            repeat,
            cursor,
            matched,
        } = message;
        Self {
            v: Version,
            tenant,
            event,
            event_type,
            payload: payload.into(),
            parent,
            trace: trace.map(Trace),
            repeat,
            cursor,
            matched,
        }
    }
}

impl From<EventMessage> for super::EventMessage {
    fn from(read: EventMessage) -> Self {
        Self {
            tenant: read.tenant,
            event: read.event,
            event_type: read.event_type,
            payload: read.payload.into(),
            parent: read.parent,
            trace: read.trace.map(|trace| trace.0),
            repeat: read.repeat,
            cursor: read.cursor,
            matched: read.matched,
        }
    }
}

impl From<super::DeliveryTask> for DeliveryTask {
    fn from(task: super::DeliveryTask) -> Self {
        let super::DeliveryTask {
            tenant,
            subscription,
            version,
            event,
            retention_days,
            content,
            trace,
            repeat,
            resend,
            probe,
        } = task;
        let content = content.map(|super::Content { event_type, payload }| Content {
            event_type,
            payload: payload.into(),
        });
        Self {
            v: Version,
            tenant,
            subscription,
            version,
            event,
            retention_days,
            content,
            trace: trace.map(Trace),
            repeat,
            resend,
            probe,
        }
    }
}

impl From<DeliveryTask> for super::DeliveryTask {
    fn from(read: DeliveryTask) -> Self {
        let content = read.content.map(|Content { event_type, payload }| super::Content {
            event_type,
            payload: payload.into(),
        });
        Self {
            tenant: read.tenant,
            subscription: read.subscription,
            version: read.version,
            event: read.event,
            retention_days: read.retention_days,
            content,
            trace: read.trace.map(|trace| trace.0),
            repeat: read.repeat,
            resend: read.resend,
            probe: read.probe,
        }
    }
}

impl From<payload::Payload> for Payload {
    fn from(payload: payload::Payload) -> Self {
        match payload {
            payload::Payload::Json(json) => Self::Json(json),
            payload::Payload::Zstd(frame) => Self::Zstd(frame),
            payload::Payload::Log { chunks, zstd } => Self::Log { chunks, zstd },
        }
    }
}

impl From<Payload> for payload::Payload {
    fn from(read: Payload) -> Self {
        match read {
            Payload::Json(json) => Self::Json(json),
            Payload::Zstd(frame) => Self::Zstd(frame),
            Payload::Log { chunks, zstd } => Self::Log { chunks, zstd },
        }
    }
}

impl From<Trace> for TraceText {
    fn from(Trace(trace): Trace) -> Self {
        let tracestate = trace.tracestate().map(str::to_owned);
        Self { traceparent: trace.traceparent(), tracestate }
    }
}

impl TryFrom<TraceText> for Trace {
    type Error = &'static str;

    fn try_from(read: TraceText) -> Result<Self, Self::Error> {
        let trace = TraceContext::parse(&read.traceparent, read.tracestate.as_deref());
        trace.map(Self).ok_or("a W3C traceparent is wanted")
    }
}

/// The member `trace` of a message by itself.
pub fn trace<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TraceContext>, D::Error> {
    Ok(Option::<Trace>::deserialize(deserializer)?.map(|trace| trace.0))
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

fn to_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    BASE64.decode(text.as_bytes()).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests;
