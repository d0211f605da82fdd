//! A delivery: the duty to get one event to one subscription, and the rules by which its row
//! changes.
//!
//! The row names the SQS message that carries its next attempt (`carrier`), or the time from which
//! the scheduler will send one (`due_at`). Any other message for the same delivery is a duplicate
//! and is dropped. See `ARCHITECTURE.md`.

pub mod attempt;
pub mod excerpt;
pub mod headers;
pub mod retry;

use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::core::delivery::attempt::{Attempt, EXCERPT_ON_SUCCESS, Ending, Outcome, Trigger};
use crate::core::delivery::excerpt::excerpt;
use crate::core::delivery::headers::{WEBHOOK_ID, WEBHOOK_TIMESTAMP};
use crate::core::delivery::retry::{Placement, Verdict};
use crate::core::event::event_type::EventTypeName;
use crate::core::id::{EventId, ResendId, SubscriptionId, TenantId};
use crate::core::timestamp::Timestamp;

/// Attempts kept in a row; beyond it the oldest go, and `attempt_count` still counts them.
const MAX_ATTEMPTS_KEPT: usize = 50;
/// The latest attempts, which keep their headers and the whole excerpt of their answers.
const WHOLE_ATTEMPTS: usize = 3;

/// How late a message is that is waited for no more.
const OVERDUE: Duration = Duration::from_hours(1);

/// Why a delivery stands as it does, where others go by it.
pub mod reasons {
    /// Somebody cancelled it.
    pub const ON_REQUEST: &str = "it was cancelled on request";
    /// Its payload was erased while it waited.
    pub const ERASED: &str = "the payload was erased";
    /// Its subscription was disabled.
    pub const DISABLED: &str = "the subscription is disabled";
    /// Its subscription is paused.
    pub const PAUSED: &str = "the subscription is paused";
    /// The breaker of its subscription is open.
    pub const FAILING: &str = "the receiver is failing, and probed until it answers";
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DeliveryStatus")]
pub enum Status {
    /// An attempt is still to come.
    Pending,
    /// The receiver has it.
    Delivered,
    /// The receiver never accepted it.
    Exhausted,
    /// Ended without the receiver: the subscription was disabled or deleted.
    Cancelled,
    /// Waits until its subscription is active again.
    Held,
}

/// Text that is no status of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("pending, delivered, exhausted, cancelled or held is wanted")]
pub struct InvalidStatus;

impl FromStr for Status {
    type Err = InvalidStatus;

    fn from_str(text: &str) -> Result<Self, InvalidStatus> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(InvalidStatus)
    }
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::Delivered, Self::Exhausted, Self::Cancelled, Self::Held];

    /// The name in tables and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Exhausted => "exhausted",
            Self::Cancelled => "cancelled",
            Self::Held => "held",
        }
    }

    /// Whether no automatic attempt follows.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Delivered | Self::Exhausted | Self::Cancelled)
    }
}

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
    pub reason: Option<String>,
    /// The latest attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// All attempts ever made.
    pub attempt_count: u32,
    /// Those of them that the schedule made; asked-for ones do not count against it.
    pub scheduled_attempts: u32,
    /// When the next automatic attempt comes.
    pub next_attempt_at: Option<Timestamp>,
    /// The SQS message that carries the next attempt.
    pub carrier: Option<String>,
    /// From when the scheduler sends a message for the next attempt: parked.
    pub due_at: Option<Timestamp>,
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

/// The message that a delivery was received with.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// SQS's id of the message.
    pub message_id: &'a str,
    /// The resend that the message is for; `None` for the schedule's.
    pub resend: Option<ResendId>,
    /// Whether it is a probe: to be attempted although its subscription is failing, and held on if
    /// that is in vain.
    pub probe: bool,
    /// The present.
    pub now: Timestamp,
}

impl Received<'_> {
    /// Why the attempt is made that the message asks for.
    #[must_use]
    pub const fn trigger(&self) -> Trigger {
        match (self.resend, self.probe) {
            (Some(_), _) => Trigger::Resend,
            (None, true) => Trigger::Probe,
            (None, false) => Trigger::Event,
        }
    }
}

/// What to do with a received message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Make the attempt.
    Attempt,
    /// Hide the message for this many seconds: it came early.
    Hide(i32),
    /// Delete the message: what it asks for is done, or another message does it.
    Drop(&'static str),
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
            next_attempt_at: None,
            carrier: None,
            due_at: None,
            slot_at: None,
            resend: None,
            resend_slot_at: None,
            ending: None,
            expires_at: None,
            updated_at: now,
            revision: 0,
        }
    }

    /// Decides what a received message asks for, given the row as it stands.
    #[must_use]
    pub fn duty(&self, received: &Received<'_>) -> Duty {
        if received.resend.is_some() {
            return match self.resend_slot_at {
                _ if self.resend != received.resend => Duty::Drop("the resend was made"),
                Some(slot) if slot > received.now => Duty::Hide(hidden_seconds(received.now, slot)),
                _ => Duty::Attempt,
            };
        }
        match (self.status, self.due_at, self.carrier.as_deref()) {
            (status, _, _) if received.probe && status != Status::Held => {
                Duty::Drop("it is not held any more")
            }
            (status, _, _) if status.is_settled() => Duty::Drop("the delivery is settled"),
            (_, Some(due), _) if due > received.now => Duty::Drop("the delivery is parked"),
            (_, _, Some(carrier))
                if carrier != received.message_id && !self.is_overdue(received.now) =>
            {
                Duty::Drop("another message carries it")
            }
            (_, None, Some(_)) => match self.next_attempt_at {
                Some(at) if at > received.now => Duty::Hide(hidden_seconds(received.now, at)),
                _ => Duty::Attempt,
            },
            _ => Duty::Attempt,
        }
    }

    /// Whether the message that carries the next attempt is long in coming: it may be among the
    /// dead letters. One that was sent from there has another id, and takes its place.
    fn is_overdue(&self, now: Timestamp) -> bool {
        self.next_attempt_at.unwrap_or(self.updated_at).after(OVERDUE) <= now
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

    /// Notes that the resend which a message was for was made. One that was asked for meanwhile is
    /// still to be made.
    pub fn resent(&mut self, received: &Received<'_>) {
        if self.resend == received.resend {
            self.resend = None;
            self.resend_slot_at = None;
        }
        // Made for the resend alone, because the event was never due here: nobody else attempts it.
        let nobody = self.carrier.is_none() && self.due_at.is_none() && self.resend.is_none();
        if received.resend.is_some() && self.status == Status::Pending && nobody {
            self.settle(
                Status::Exhausted,
                Some("the resend failed, and there is no schedule".to_owned()),
            );
        }
    }

    /// Whether the attempt that a message is for has its slot already.
    #[must_use]
    pub fn has_slot(&self, received: &Received<'_>) -> bool {
        let slot = if received.resend.is_some() { self.resend_slot_at } else { self.slot_at };
        slot.is_some_and(|at| at <= received.now)
    }

    /// Notes the slot that an attempt waits for, which is none itself. Returns how its message
    /// waits. A resend waits hidden, however long: whoever asked for it sees it in the queue.
    pub fn wait_for_slot(
        &mut self,
        slot: Timestamp,
        received: &Received<'_>,
        hide_limit: Duration,
    ) -> Placement {
        if received.resend.is_some() {
            self.resend_slot_at = Some(slot);
            return Placement::Hide(hidden_seconds(received.now, slot));
        }
        self.slot_at = Some(slot);
        self.wait_until(slot, received, hide_limit)
    }

    /// The next attempt comes at `at`: its message is hidden until then, or the delivery parked.
    fn wait_until(
        &mut self,
        at: Timestamp,
        received: &Received<'_>,
        hide_limit: Duration,
    ) -> Placement {
        let placement = retry::place(received.now, at, hide_limit);
        self.status = Status::Pending;
        self.reason = None;
        self.next_attempt_at = Some(at);
        self.carrier =
            matches!(placement, Placement::Hide(_)).then(|| received.message_id.to_owned());
        self.due_at = (placement == Placement::Park).then_some(at);
        placement
    }

    /// Applies what follows the schedule's attempt. Returns how the message waits for the next
    /// attempt, or `None` when there is none.
    pub fn follow(
        &mut self,
        verdict: &Verdict,
        received: &Received<'_>,
        hide_limit: Duration,
    ) -> Option<Placement> {
        match verdict {
            Verdict::Delivered => {
                self.settle(Status::Delivered, None);
                None
            }
            Verdict::Exhausted(reason) => {
                self.settle(Status::Exhausted, Some(reason.clone()));
                None
            }
            Verdict::Retry(wait) => {
                Some(self.wait_until(received.now.after(*wait), received, hide_limit))
            }
        }
    }

    /// Ends it because somebody asked: no attempt follows, by the schedule or by a resend that was
    /// not made yet. Answers whether that changes anything: what is delivered, exhausted or
    /// cancelled stays so.
    pub fn cancel(&mut self, reason: &str, now: Timestamp) -> bool {
        if self.status.is_settled() && self.resend.is_none() {
            return false;
        }
        if !self.status.is_settled() {
            self.settle(Status::Cancelled, Some(reason.to_owned()));
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
        let cancelled = self.cancel(reasons::ERASED, now);
        let marked =
            matches!(self.status, Status::Exhausted | Status::Cancelled) && !self.is_erased();
        if marked {
            let reason = self.reason.take().unwrap_or_default();
            self.reason = Some(format!("{reason}; {}", reasons::ERASED));
        }
        answers | cancelled | marked
    }

    /// Whether its payload was erased before it was delivered: there is nothing to send again.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.reason.as_deref().is_some_and(|reason| reason.ends_with(reasons::ERASED))
    }

    /// Whether it is a test push: on record, and of no event.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.attempts.first().is_some_and(|first| first.trigger == Trigger::Test)
    }

    /// Ends the delivery, or holds it: no message carries it any more.
    pub fn settle(&mut self, status: Status, reason: Option<String>) {
        self.status = status;
        self.reason = reason;
        self.next_attempt_at = None;
        self.carrier = None;
        self.due_at = None;
        self.slot_at = None;
    }
}

/// SQS hides a message for 12 hours at most, counted from its receive; a minute is left for what
/// happens since.
const LONGEST_HIDE_SECONDS: i32 = 12 * 3600 - 60;

fn hidden_seconds(now: Timestamp, until: Timestamp) -> i32 {
    retry::whole_seconds(now.until(until)).min(LONGEST_HIDE_SECONDS)
}

#[cfg(test)]
mod tests;
