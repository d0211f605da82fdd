//! A delivery: the duty to get one event to one subscription, and the rules by which its row
//! changes.
//!
//! The row says who makes the next attempt ([`Next`]): the SQS message that carries it, or the
//! scheduler from a time on. Any other message for the same delivery is a duplicate and is dropped.
//! See `ARCHITECTURE.md`.

pub mod attempt;
mod duty;
pub mod excerpt;
mod following;
pub mod headers;
pub mod next;
pub mod order;
pub mod reason;
pub mod retry;
mod status;
pub mod step;

use crate::core::delivery::attempt::{Attempt, EXCERPT_ON_SUCCESS, Ending, Outcome, Trigger};
use crate::core::delivery::excerpt::excerpt;
use crate::core::delivery::headers::{WEBHOOK_ID, WEBHOOK_TIMESTAMP};
use crate::core::delivery::next::Next;
use crate::core::delivery::reason::Reason;
use crate::core::event::event_type::EventTypeName;
use crate::core::id::{EventId, ResendId, SubscriptionId, TenantId};
use crate::core::timestamp::Timestamp;

pub use duty::{Dropped, Duty, Received};
pub use following::Schedule;
pub use status::{InvalidStatus, Status};

/// Attempts kept in a row; beyond it the oldest go, and `attempt_count` still counts them.
const MAX_ATTEMPTS_KEPT: usize = 50;
/// The latest attempts, which keep their headers and the whole excerpt of their answers.
const WHOLE_ATTEMPTS: usize = 3;

/// The row of one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Whose it is.
    pub tenant: TenantId,
    /// To whom.
    pub subscription: SubscriptionId,
    /// What.
    pub event: EventId,
    /// The event's type.
    pub event_type: EventTypeName,
    /// How it stands.
    pub status: Status,
    /// Why it stands so, where it is not plain: what ended or holds it.
    pub reason: Option<Reason>,
    /// The latest attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// All attempts ever made.
    pub attempt_count: u32,
    /// Those of them that the schedule made; asked-for ones do not count against it.
    pub scheduled_attempts: u32,
    /// Who makes the next automatic attempt, and when.
    pub next: Next,
    /// The slot that the next attempt has under the subscription's rate limit.
    pub slot_at: Option<Timestamp>,
    /// The resend that was asked for and not made yet.
    pub resend: Option<ResendId>,
    /// The slot that the resend has.
    pub resend_slot_at: Option<Timestamp>,
    /// What the latest attempt's answer meant for the subscription.
    pub ending: Option<Ending>,
    /// Until when it is kept; `None` for as long as the deployment keeps anything.
    pub expires_at: Option<Timestamp>,
    /// When the row was last written.
    pub updated_at: Timestamp,
    /// Counts the row's writes; 0 for a row that was never written.
    pub revision: u64,
}

impl Delivery {
    /// A delivery of which nothing is on record yet.
    #[must_use]
    pub const fn new(
        tenant: TenantId,
        subscription: SubscriptionId,
        event: EventId,
        event_type: EventTypeName,
        now: Timestamp,
    ) -> Self {
        Self {
            tenant,
            subscription,
            event,
            event_type,
            status: Status::Pending,
            reason: None,
            attempts: Vec::new(),
            attempt_count: 0,
            scheduled_attempts: 0,
            next: Next::Nobody,
            slot_at: None,
            resend: None,
            resend_slot_at: None,
            ending: None,
            expires_at: None,
            updated_at: now,
            revision: 0,
        }
    }

    /// Notes an attempt that was made, giving it its number.
    pub fn note(&mut self, mut attempt: Attempt) {
        self.attempt_count += 1;
        attempt.number = self.attempt_count;
        match attempt.trigger {
            Trigger::Event => {
                self.scheduled_attempts += 1;
                self.slot_at = None;
            }
            Trigger::Resend => self.resend_slot_at = None,
            Trigger::Test | Trigger::Probe => {}
        }
        if attempt.outcome == Outcome::Succeeded {
            self.settle(Status::Delivered, None);
        }
        self.attempts.push(attempt);
        if self.attempts.len() > MAX_ATTEMPTS_KEPT {
            self.attempts.remove(0);
        }
        let older = self.attempts.len().saturating_sub(WHOLE_ATTEMPTS);
        for attempt in &mut self.attempts[..older] {
            let cut = attempt.response_excerpt.take();
            attempt.response_excerpt =
                cut.and_then(|text| excerpt(text.as_bytes(), EXCERPT_ON_SUCCESS));
            (attempt.request_headers, attempt.response_headers) = (None, None);
        }
    }

    /// The attempts as they are shown: with the headers that the row leaves out, because they
    /// follow from it.
    #[must_use]
    pub fn shown_attempts(&self) -> Vec<Attempt> {
        let mut attempts = self.attempts.clone();
        for attempt in &mut attempts {
            if let Some(headers) = &mut attempt.request_headers {
                headers.insert(WEBHOOK_ID.to_owned(), self.event.to_string());
                headers.insert(
                    WEBHOOK_TIMESTAMP.to_owned(),
                    attempt.started_at.as_unix_seconds().to_string(),
                );
            }
        }
        attempts
    }

    /// Ends it because somebody asked: no attempt follows, by the schedule or by a resend that was
    /// not made yet. Answers whether that changes anything: what is delivered, exhausted or
    /// cancelled stays so.
    pub fn cancel(&mut self, reason: Reason, now: Timestamp) -> bool {
        if self.status.is_settled() && self.resend.is_none() {
            return false;
        }
        if !self.status.is_settled() {
            self.settle(Status::Cancelled, Some(reason));
        }
        (self.resend, self.resend_slot_at) = (None, None);
        self.updated_at = now;
        true
    }

    /// Its payload was erased: it is cancelled if it was still to be made, and what receivers
    /// answered is left out, for it may hold what they were sent. Answers whether that changes
    /// anything.
    pub fn erase(&mut self, now: Timestamp) -> bool {
        let erase = |attempt: &mut Attempt| {
            attempt.response_excerpt.take().is_some() | attempt.response_headers.take().is_some()
        };
        // Each of them, whatever the others say.
        let answers = self.attempts.iter_mut().map(erase).fold(false, |any, erased| any | erased);
        let cancelled = self.cancel(Reason::Erased(None), now);
        let marked =
            matches!(self.status, Status::Exhausted | Status::Cancelled) && !self.is_erased();
        if marked {
            self.reason = Some(Reason::Erased(self.reason.take().map(Box::new)));
        }
        answers | cancelled | marked
    }

    /// Whether its payload was erased before it was delivered: there is nothing to send again.
    #[must_use]
    pub const fn is_erased(&self) -> bool {
        matches!(self.reason, Some(Reason::Erased(_)))
    }

    /// Whether it is a test push: on record, and of no event.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.attempts.first().is_some_and(|first| first.trigger == Trigger::Test)
    }

    /// Ends the delivery, or holds it: no message carries it any more.
    pub fn settle(&mut self, status: Status, reason: Option<Reason>) {
        self.status = status;
        self.reason = reason;
        self.next = if status == Status::Held { Next::InLine } else { Next::Nobody };
        self.slot_at = None;
    }
}

#[cfg(test)]
mod tests;
