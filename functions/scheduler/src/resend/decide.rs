//! Decides what a step of a bulk resend does. Pure.

use std::time::Duration;

use shared::core::bulk_resend::{BulkResend, State, Which};
use shared::core::delivery::Delivery;
use shared::core::event::Event;
use shared::core::event::event_type::Filter;
use shared::core::id::{EventId, SubscriptionId};
use shared::core::timestamp::Timestamp;

/// What is under way for longer is sent again: its message may have been lost. A duplicate is
/// dropped.
const SENT_AGAIN_AFTER: Duration = Duration::from_mins(30);
/// How long one that was cancelled is followed: what was in the queue is counted, but nobody waits
/// for it for ever.
const FOLLOWED_FOR: Duration = Duration::from_mins(5);
/// What went to the subscription and has no row may be in the queue for its first attempt, which is
/// left to make it for so long; and where it is not on record whether it went, only guessed, for so
/// long.
const FIRST_ATTEMPT_WITHIN: Duration = Duration::from_hours(24);
const GUESSED_WITHIN: Duration = Duration::from_hours(1);
/// In order it waits in the queue until its turn comes, as long as SQS keeps it.
const IN_ORDER_WITHIN: Duration = Duration::from_hours(14 * 24);

/// The start of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Nothing is planned: the step is free to go on.
    Free,
    /// Another run sends what is planned at this moment: leave it to that one.
    Busy,
    /// A crash has left what is planned: claim it, and send it.
    TakeOver,
}

/// Decides how a step starts. A run lasts no longer than a `tick`.
#[must_use]
pub fn start(resend: &BulkResend, tick: Duration, now: Timestamp) -> Start {
    if resend.planned.is_empty() {
        Start::Free
    } else if resend.claimed_at.until(now) < tick {
        Start::Busy
    } else {
        Start::TakeOver
    }
}

/// The next things to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum More {
    /// Nothing for now.
    Nothing,
    /// All that is under way, again.
    Again,
    /// So many of those that were not looked at yet, at most; at least one.
    Look(usize),
}

/// Decides what to send next, at so many attempts a minute (0: no limit).
#[must_use]
pub fn more(resend: &BulkResend, rate_limit_per_minute: u32, now: Timestamp) -> More {
    if !resend.under_way.is_empty() && resend.planned_at.until(now) > SENT_AGAIN_AFTER {
        return More::Again;
    }
    match resend.room(rate_limit_per_minute) {
        0 => More::Nothing,
        _ if resend.looked_through => More::Nothing,
        room => More::Look(room),
    }
}

/// The times of the events that a resend looks at: those asked for that are still kept. `tenant` is
/// how long the tenant's are kept, at most as long as the `deployment` keeps any.
#[must_use]
pub fn range(
    resend: &BulkResend,
    tenant: Option<Duration>,
    deployment: Duration,
    now: Timestamp,
) -> (Timestamp, Timestamp) {
    let kept_since = now.before(tenant.unwrap_or(deployment).min(deployment));
    (resend.request.from.unwrap_or(kept_since).max(kept_since), resend.to)
}

/// Chooses the failed ones of a page of deliveries.
#[must_use]
pub fn failed(resend: &BulkResend, rows: &[Delivery]) -> Vec<EventId> {
    let wanted = |row: &&Delivery| resend.wants_type(&row.event_type) && BulkResend::is_failed(row);
    rows.iter().filter(wanted).map(|row| row.event).collect()
}

/// The subscription that a resend is for.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    pub id: SubscriptionId,
    pub filter: &'a Filter,
    pub ordered: bool,
}

/// The events of a page that a resend of missing ones, or of all, may send: they are of the types
/// that are wanted, and have their data.
#[must_use]
pub fn wanted<'a>(resend: &BulkResend, target: &Target<'_>, events: &'a [Event]) -> Vec<&'a Event> {
    let wanted = |event: &&Event| {
        let name = &event.event_type;
        event.payload.is_some() && target.filter.matches(name) && resend.wants_type(name)
    };
    events.iter().filter(wanted).collect()
}

/// Chooses those of the `wanted` events that are sent. `rows` are the deliveries among them that
/// are on record.
#[must_use]
pub fn chosen(
    resend: &BulkResend,
    target: &Target<'_>,
    wanted: &[&Event],
    rows: &[Delivery],
    now: Timestamp,
) -> Vec<EventId> {
    let chosen = |event: &&&Event| {
        let went = rows.iter().any(|row| row.event == event.id);
        if went { resend.request.which == Which::All } else { !is_on_its_way(event, target, now) }
    };
    wanted.iter().filter(chosen).map(|event| event.id).collect()
}

/// The first attempt of an event without a row may still be made by itself.
fn is_on_its_way(event: &Event, target: &Target<'_>, now: Timestamp) -> bool {
    let (went, within) = match &event.subscriptions {
        Some(listed) => (listed.contains(&target.id), FIRST_ATTEMPT_WITHIN),
        None => (target.id.timestamp() <= event.id.timestamp(), GUESSED_WITHIN),
    };
    let within = if target.ordered { IN_ORDER_WITHIN } else { within };
    went && event.id.timestamp().until(now) < within
}

/// Chooses what is sent of a plan, whose `rows` are those on record. Of a resend that has ended, it
/// is only what is marked already: nobody else would make that attempt.
#[must_use]
pub fn still_sent(resend: &BulkResend, planned: &[EventId], rows: &[Delivery]) -> Vec<EventId> {
    let marked = |event: &&EventId| {
        let row = rows.iter().find(|row| row.event == **event);
        row.is_some_and(|row| row.resend == Some(resend.id) || resend.was_made(row))
    };
    match resend.state {
        State::Running => planned.to_vec(),
        State::Done | State::Cancelled => planned.iter().filter(marked).copied().collect(),
    }
}

/// The mark that a planned delivery needs before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It is not sent: it was made, it waits for its slot, or it is wanted no more.
    Skip,
    /// It is marked already: send it.
    Send,
    /// Note the resend in its row.
    Ask,
    /// Make a row for it: it was never due.
    Make,
}

/// Decides about a planned delivery by its row as it stands.
#[must_use]
pub fn mark(resend: &BulkResend, row: Option<&Delivery>, now: Timestamp) -> Mark {
    let Some(row) = row else { return Mark::Make };
    if resend.was_made(row) {
        return Mark::Skip;
    }
    if row.resend == Some(resend.id) {
        // Its message may wait for a slot under the rate limit.
        let waits = row.resend_slot_at.is_some_and(|at| at > now);
        return if waits { Mark::Skip } else { Mark::Send };
    }
    match resend.request.which {
        // It came by itself meanwhile, or is wanted no more.
        Which::Missing => Mark::Skip,
        Which::Failed if !BulkResend::is_failed(row) => Mark::Skip,
        Which::Failed | Which::All => Mark::Ask,
    }
}

/// Decides whether a resend that has ended is worked on no more.
#[must_use]
pub fn is_over(resend: &BulkResend, now: Timestamp) -> bool {
    let over = |at: Timestamp| resend.under_way.is_empty() || at.until(now) > FOLLOWED_FOR;
    resend.finished_at.is_some_and(over)
}

#[cfg(test)]
mod tests;
