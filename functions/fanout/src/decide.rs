//! Decides what a message of the events queue becomes. Pure: the handler loads what it is asked
//! for, and does what it is told.
//!
//! ```text
//! repeat? ─► ReadRow ─► row exists ─► Drop
//!    │          └────► no row ─┐
//!    └─────────────────────────┴─► ReadPage ─► erased ─► Erase
//!                                       └────► Send ─► GoOn here or in a next message, or Record
//! ```

use shared::core::event::MAX_LISTED;
use shared::core::event::payload::Payload;
use shared::core::id::SubscriptionId;
use shared::core::timestamp::Timestamp;
use shared::edges::queue::messages::EventMessage;

use crate::routes::{Route, RoutePage};

/// How the queue that a message came from hands out a tenant's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// In any order.
    Plain,
    /// One after the other (FIFO): the next one waits until this message is deleted.
    InOrder,
}

/// The event's row, as far as it was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// Nobody has looked.
    Unread,
    /// There is none: the event was not fanned out completely.
    Absent,
    /// The event was fanned out.
    Present {
        /// Its payload was erased since.
        erased: bool,
    },
}

/// The facts that a decision is made from.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub source: Source,
    pub row: Row,
    /// The page of subscriptions behind the message's cursor, once it was read.
    pub page: Option<&'a RoutePage>,
}

/// The payload that lies in the log by itself. It was put there before the event was sent, or sent
/// again, so an erasure may not have met it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leftover {
    /// Delete it.
    Delete,
    /// There is none, or it is still wanted.
    Keep,
}

/// The record that an erased event leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remains {
    /// None: everything of the tenant was erased.
    Nothing,
    /// A row without the payload and without subscriptions, kept for so many days; `None` for as
    /// long as the deployment keeps anything.
    WithoutPayload(Option<u16>),
}

/// The step that comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Look whether the event has a row.
    ReadRow,
    /// Read the page of subscriptions behind the message's cursor.
    ReadPage,
    /// Send nothing: the event was fanned out by another message.
    Drop(Leftover),
    /// Send nothing: an erasure was asked for after the event was accepted.
    Erase(Leftover, Remains),
    /// Send tasks, and then go on.
    Send {
        /// One task for each of these.
        to: Vec<&'a Route>,
        /// Days that the event and its deliveries are kept; `None` for as long as the deployment
        /// keeps anything.
        retention_days: Option<u16>,
        /// The step after it.
        then: Then,
    },
}

/// The step after a page's tasks were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// Take the next page, in this message.
    GoOnHere(Progress),
    /// Leave the next page to a message of its own.
    GoOnInNext(Progress),
    /// Write the event's row: every subscription has its task.
    Record {
        /// Subscriptions that matched, over all pages.
        matched: u64,
        /// Their ids; `None` if they are more than [`MAX_LISTED`] or came from several pages.
        listed: Option<Vec<SubscriptionId>>,
    },
}

/// How far an event is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Subscriptions up to here have their tasks.
    pub cursor: String,
    /// How many of them matched.
    pub matched: u64,
}

/// Decides the next step for an event.
#[must_use]
pub fn next<'a>(event: &EventMessage, facts: Facts<'a>) -> Step<'a> {
    match facts.row {
        Row::Unread if event.repeat => return Step::ReadRow,
        Row::Present { erased: true } => return Step::Drop(leftover(event)),
        Row::Present { erased: false } => return Step::Drop(Leftover::Keep),
        Row::Unread | Row::Absent => {}
    }
    let Some(page) = facts.page else { return Step::ReadPage };
    if let Some(remains) = erased(event, page) {
        return Step::Erase(leftover(event), remains);
    }
    let matching = page.routes.iter().filter(|route| route.filter.matches(&event.event_type));
    let matching: Vec<_> = matching.collect();
    let then = then(event, &matching, page.next.as_deref(), facts.source);
    Step::Send { to: matching, retention_days: page.revision.retention_days, then }
}

/// The record that an erasure leaves of the event; `None` if it was accepted after every erasure.
fn erased(event: &EventMessage, page: &RoutePage) -> Option<Remains> {
    let meant =
        |until: Option<Timestamp>| until.is_some_and(|until| event.event.timestamp() <= until);
    if meant(page.revision.erased_until) {
        Some(Remains::Nothing)
    } else if meant(page.revision.payloads_erased_until) {
        Some(Remains::WithoutPayload(page.revision.retention_days))
    } else {
        None
    }
}

fn then(event: &EventMessage, matching: &[&Route], next: Option<&str>, source: Source) -> Then {
    let matched = event.matched + matching.len() as u64;
    let Some(cursor) = next else {
        let all_here = event.cursor.is_none() && matching.len() <= MAX_LISTED;
        let listed = all_here.then(|| matching.iter().map(|route| route.id).collect());
        return Then::Record { matched, listed };
    };
    let progress = Progress { cursor: cursor.to_owned(), matched };
    match source {
        // Another message would come after the tenant's next event.
        Source::InOrder => Then::GoOnHere(progress),
        Source::Plain => Then::GoOnInNext(progress),
    }
}

const fn leftover(event: &EventMessage) -> Leftover {
    match event.payload {
        Payload::Log { .. } => Leftover::Delete,
        Payload::Json(_) | Payload::Zstd(_) => Leftover::Keep,
    }
}

/// The queues of deliveries that a deployment has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queues {
    /// One for all.
    Plain,
    /// Another one (FIFO) for ordered subscriptions.
    PlainAndOrdered,
}

/// A page's routes by the queue that takes their tasks.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lanes<'a> {
    pub plain: Vec<&'a Route>,
    pub ordered: Vec<&'a Route>,
}

/// Splits routes by queue. Without a queue that keeps order, ordered subscriptions share the plain
/// one.
#[must_use]
pub fn lanes<'a>(routes: &[&'a Route], queues: Queues) -> Lanes<'a> {
    let ordered = |route: &&Route| route.ordered && queues == Queues::PlainAndOrdered;
    let (ordered, plain) = routes.iter().copied().partition(ordered);
    Lanes { plain, ordered }
}

#[cfg(test)]
mod tests;
