//! A tenant's limit of events a minute, and who knows how many it has published.
//!
//! Every process of intake counts what it lets in. All of them share one row for each tenant and
//! minute, to which a process adds what it has not told yet as soon as that is a hundredth of the
//! limit (a thousandth for its first time in the minute, but no fewer than ten events), and which
//! answers with what all let in. So a tenant far below its limit costs no write, and one at its
//! limit about a hundred a minute. What is refused is so before anything of it is durable, and from
//! then on the process refuses without asking anybody.
//!
//! How exact that is: a single process never goes over the limit. Several may, by what each has not
//! told: less than a hundredth each, nothing under a limit of 200. Where more than ten share the
//! tenant they tell the sooner, so that all of them together have a tenth untold at most; but in
//! the first minute of a flood they do not know of each other yet. Minutes are those of the clock:
//! a span of a minute that lies across two of them may have twice the limit.

use std::collections::HashMap;
use std::time::Duration;

use crate::core::id::TenantId;
use crate::core::timestamp::Timestamp;

/// Events a minute that a limit may be at most.
pub const MAX_EVENTS_PER_MINUTE: u32 = 10_000_000;
const MINUTE: i64 = 60_000;
/// As many parts of the limit one process tells of at least.
const PARTS: u64 = 100;
/// As many at its first time in a minute, by which it learns of the others; but no fewer events
/// than these.
const FIRST_PARTS: u64 = 1_000;
const FIRST_EVENTS: u64 = 10;
/// Into as many parts of the limit each process divides what all may have untold.
const PARTS_OF_EACH: u64 = 10;

/// What a process let in of each tenant within the present minute.
#[derive(Debug)]
pub struct Flows {
    minute: Timestamp,
    flows: HashMap<TenantId, Flow>,
}

/// What a process knows of a tenant's minute.
#[derive(Debug, Default)]
struct Flow {
    /// What all processes had let in when this one told of its own.
    known: u64,
    /// What this one let in since.
    untold: u64,
    /// How many had told of theirs by then.
    processes: u64,
    /// How many did so in the minute before.
    earlier: u64,
    has_told: bool,
    has_refused: bool,
}

/// What is to be done with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Let it in.
    Admitted,
    /// Tell the others first: they may have used up the limit.
    Tell(Telling),
    /// It does not fit into the minute.
    Refused {
        /// Whether it is the first that this process refuses in this minute.
        first: bool,
    },
    /// It makes more events than a whole minute takes. Nothing is counted for it.
    NeverFits,
}

/// What is added to the row of a tenant's minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Telling {
    /// When the minute began.
    pub minute: Timestamp,
    /// Events that were let in, those of the request in question included.
    pub events: u64,
    /// Those of the request in question.
    pub asked: u64,
    /// Whether the process tells of any for the first time in this minute.
    pub is_first: bool,
}

/// What the row says then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Whether it was added; not if the limit has no room for it.
    pub is_added: bool,
    /// Events that all processes let in.
    pub events: u64,
    /// Processes that have told of any.
    pub processes: u64,
}

impl Default for Flows {
    fn default() -> Self {
        Self { minute: Timestamp::from_millis(0), flows: HashMap::new() }
    }
}

impl Flows {
    /// Whether the tenant has nothing left of its minute, as far as this process knows.
    pub fn is_full(&mut self, tenant: &TenantId, limit: u32, now: Timestamp) -> bool {
        self.turn(now);
        self.flows.get(tenant).is_some_and(|flow| flow.known + flow.untold >= u64::from(limit))
    }

    /// Decides on a request of so many events, and counts them unless it is refused.
    pub fn take(&mut self, tenant: &TenantId, limit: u32, events: u64, now: Timestamp) -> Verdict {
        self.turn(now);
        if events > u64::from(limit) {
            return Verdict::NeverFits;
        }
        let flow = self.flows.entry(tenant.clone()).or_default();
        if flow.known + flow.untold + events > u64::from(limit) {
            return Verdict::Refused { first: !std::mem::replace(&mut flow.has_refused, true) };
        }
        flow.untold += events;
        if flow.untold < flow.tells_at(limit) {
            return Verdict::Admitted;
        }
        Verdict::Tell(Telling {
            minute: self.minute,
            events: flow.untold,
            asked: events,
            is_first: !flow.has_told,
        })
    }

    /// Decides on the request for which the others were to be told, by what they know; `None` if
    /// they could not be told, and this process goes on by what it knows itself.
    pub fn told(&mut self, tenant: &TenantId, telling: &Telling, told: Option<Told>) -> Verdict {
        let flow = self.flows.get_mut(tenant).filter(|_| telling.minute == self.minute);
        let Some(flow) = flow else { return Verdict::Admitted };
        let Some(told) = told else {
            flow.untold = flow.untold.saturating_sub(telling.events);
            flow.known += telling.events;
            return Verdict::Admitted;
        };
        (flow.known, flow.processes) = (told.events, told.processes);
        if told.is_added {
            flow.untold = flow.untold.saturating_sub(telling.events);
            flow.has_told = true;
            return Verdict::Admitted;
        }
        flow.untold = flow.untold.saturating_sub(telling.asked);
        Verdict::Refused { first: !std::mem::replace(&mut flow.has_refused, true) }
    }

    /// Begins the minute of `now`. Of the last one it stays known where many processes shared a
    /// tenant.
    fn turn(&mut self, now: Timestamp) {
        let minute = Timestamp::from_millis(now.as_millis() / MINUTE * MINUTE);
        if minute == self.minute {
            return;
        }
        self.minute = minute;
        self.flows.retain(|_, flow| flow.processes * PARTS_OF_EACH > PARTS);
        for flow in self.flows.values_mut() {
            *flow = Flow { earlier: flow.processes, ..Flow::default() };
        }
    }
}

impl Flow {
    /// How many untold events are enough to be told.
    fn tells_at(&self, limit: u32) -> u64 {
        let limit = u64::from(limit);
        let first = if self.has_told { u64::MAX } else { (limit / FIRST_PARTS).max(FIRST_EVENTS) };
        let processes = self.processes.max(self.earlier);
        (limit / PARTS.max(processes * PARTS_OF_EACH)).clamp(1, first)
    }
}

/// The limit of a tenant, in events a minute: its `own`, or else the deployment's. `None` where that
/// is 0: it may publish any number.
#[must_use]
pub fn limit(own: Option<u32>, deployment: u32) -> Option<u32> {
    Some(own.unwrap_or(deployment)).filter(|limit| *limit > 0)
}

/// Whole seconds until the next minute, 1 to 60.
#[must_use]
pub fn wait(now: Timestamp) -> u64 {
    let end = Timestamp::from_millis((now.as_millis() / MINUTE + 1) * MINUTE);
    now.until(end).as_millis().div_ceil(1000).try_into().unwrap_or(Duration::from_mins(1).as_secs())
}

#[cfg(test)]
mod tests;
