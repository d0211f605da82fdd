//! W3C Trace Context (<https://www.w3.org/TR/trace-context/>): the trace that an event belongs to,
//! from its publisher to each of its attempts. None is begun here: a receiver would see a trace
//! that nobody has recorded.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Serialize, Serializer};

/// The header that names the trace and the caller's span.
pub const TRACEPARENT: &str = "traceparent";
/// The header in which tracing systems keep what is their own.
pub const TRACESTATE: &str = "tracestate";

/// Characters of `traceparent` in version 00; later versions may have more behind a dash (§3.2.4).
const PARENT_LEN: usize = 55;
/// The version of which nothing is known but that it is invalid (§3.2.2.1).
const INVALID_VERSION: u128 = 0xff;
/// Flags that are passed on: sampled, and of level 2 random-trace-id. Others must be zero
/// (§3.2.2.5.2).
const KNOWN_FLAGS: u128 = 0b11;

/// Characters of `tracestate` that are kept, as many as must be passed on at least (§3.3.1.5).
const MAX_STATE_LEN: usize = 512;
/// Members of a `tracestate` at most (§3.3.1.1).
const MAX_MEMBERS: usize = 32;
/// A member of more characters is the first to go where there are too many (§3.3.1.5).
const LONG_MEMBER: usize = 128;
/// Characters of a member's key, and of its value, at most (§3.3.1.3).
const MAX_PART_LEN: usize = 256;

/// The id of a trace, not zero; written as 32 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceId(u128);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for TraceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The publisher's place in its trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    trace: TraceId,
    /// The publisher's span, not zero.
    parent: u64,
    flags: u8,
    state: Option<String>,
}

impl TraceContext {
    /// What a request says of its trace. `None` without `traceparent`, or with one that is invalid
    /// or not the only one: as the specification wants it, that is no fault of the request.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let texts = |name| headers.get_all(name).iter().map(HeaderValue::to_str);
        let mut parents = texts(TRACEPARENT);
        let (parent, None) = (parents.next()?.ok()?, parents.next()) else { return None };
        let states: Option<Vec<_>> = texts(TRACESTATE).map(Result::ok).collect();
        Self::parse(parent, states.map(|states| states.join(",")).as_deref())
    }

    /// Reads the values of the two headers. `None` if `traceparent` is invalid; a `tracestate` that
    /// is invalid counts as none, and one that is too long loses whole members.
    #[must_use]
    pub fn parse(traceparent: &str, tracestate: Option<&str>) -> Option<Self> {
        let (fields, further) = traceparent.split_at_checked(PARENT_LEN)?;
        let mut fields = fields.split('-');
        let mut field = |len| hex(fields.next()?, len);
        let (version, trace, parent, flags) = (field(2)?, field(32)?, field(16)?, field(2)?);
        let fits = if version == 0 {
            further.is_empty()
        } else {
            further.is_empty() || further.starts_with('-')
        };
        if !fits || version == INVALID_VERSION || trace == 0 || parent == 0 {
            return None;
        }
        Some(Self {
            trace: TraceId(trace),
            parent: u64::try_from(parent).ok()?,
            flags: u8::try_from(flags & KNOWN_FLAGS).ok()?,
            state: tracestate.and_then(kept_state),
        })
    }

    /// The trace's id.
    #[must_use]
    pub const fn trace_id(&self) -> TraceId {
        self.trace
    }

    /// The publisher's own `traceparent`, in version 00.
    #[must_use]
    pub fn traceparent(&self) -> String {
        self.child(self.parent)
    }

    /// What tracing systems have added.
    #[must_use]
    pub fn tracestate(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// The `traceparent` of a request that is made on the publisher's behalf, as a span of its own.
    /// Zero is no span's id, and is made one.
    #[must_use]
    pub fn child(&self, span: u64) -> String {
        format!("00-{}-{:016x}-{:02x}", self.trace, span.max(1), self.flags)
    }

    /// Puts both headers into a request that is such a span: a new `traceparent`, and `tracestate`
    /// as it is.
    pub fn write(&self, span: u64, headers: &mut HeaderMap) {
        let values = [(TRACEPARENT, Some(self.child(span))), (TRACESTATE, self.state.clone())];
        for (name, value) in values {
            // Both are printable ASCII.
            if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// Exactly so many lower-case hex digits.
fn hex(text: &str, len: usize) -> Option<u128> {
    let is_digit = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
    let digits = text.len() == len && text.bytes().all(is_digit);
    digits.then(|| u128::from_str_radix(text, 16).ok())?
}

/// A `tracestate` as it is kept: unchanged, or without its longest and last members if it has too
/// many characters. `None` for one with a member that is none: nothing of it is known then.
fn kept_state(text: &str) -> Option<String> {
    let text = text.trim_matches([' ', '\t']);
    let members = text.split(',').map(|member| member.trim_matches([' ', '\t']));
    let mut members: Vec<_> = members.filter(|member| !member.is_empty()).collect();
    if members.is_empty() || !members.iter().all(|member| is_member(member)) {
        return None;
    }
    // Empty ones count in the list as it is written (§3.3.1.1).
    if text.len() <= MAX_STATE_LEN && text.split(',').count() <= MAX_MEMBERS {
        return Some(text.to_owned());
    }
    members.truncate(MAX_MEMBERS);
    let len = |members: &[&str]| members.iter().map(|member| member.len() + 1).sum::<usize>() - 1;
    while !members.is_empty() && len(&members) > MAX_STATE_LEN {
        let long = members.iter().rposition(|member| member.len() > LONG_MEMBER);
        members.remove(long.unwrap_or(members.len() - 1));
    }
    (!members.is_empty()).then(|| members.join(","))
}

/// `key=value` (§3.3.1.3).
fn is_member(text: &str) -> bool {
    let Some((key, value)) = text.split_once('=') else { return false };
    let in_key = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"_-*/@".contains(&c);
    let in_value = |c: u8| c == b' ' || (c.is_ascii_graphic() && c != b'=');
    let fits = |part: &str| (1..=MAX_PART_LEN).contains(&part.len());
    fits(key) && key.bytes().all(in_key) && fits(value) && value.bytes().all(in_value)
}

#[cfg(test)]
mod tests;
