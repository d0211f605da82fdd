//! A delivery: the duty to get one event to one subscription, and the rules by which its row
//! changes.
//!
//! The row says who makes the next attempt ([`Next`]): the SQS message that carries it, or the
//! scheduler from a time on. Any other message for the same delivery is a duplicate and is dropped.
//! See `ARCHITECTURE.md`.

pub mod attempt;
pub mod excerpt;
pub mod headers;
pub mod next;
pub mod order;
pub mod reason;
pub mod retry;
pub mod step;

use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::core::delivery::attempt::{Attempt, EXCERPT_ON_SUCCESS, Ending, Made, Outcome, Trigger};
use crate::core::delivery::excerpt::excerpt;
use crate::core::delivery::headers::{WEBHOOK_ID, WEBHOOK_TIMESTAMP};
use crate::core::delivery::next::Next;
use crate::core::delivery::reason::Reason;
use crate::core::delivery::retry::{Placement, Verdict};
use crate::core::event::event_type::EventTypeName;
use crate::core::id::{EventId, ResendId, SubscriptionId, TenantId};
use crate::core::subscription::policy::Policy;
use crate::core::timestamp::Timestamp;

/// Attempts kept in a row; beyond it the oldest go, and `attempt_count` still counts them.
const MAX_ATTEMPTS_KEPT: usize = 50;
/// The latest attempts, which keep their headers and the whole excerpt of their answers.
const WHOLE_ATTEMPTS: usize = 3;

/// How late a message is that is waited for no more.
const OVERDUE: Duration = Duration::from_hours(1);

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

/// Why a message is deleted and its delivery left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// The row: the resend that it is for was made, or cancelled.
    ResendMade,
    /// The row: it is a probe, and the delivery is not held.
    NotHeld,
    /// The row: the delivery is settled.
    Settled,
    /// The row: the scheduler sends another message in time.
    Parked,
    /// The row: another message makes the next attempt.
    CarriedByAnother,
    /// There is no row, and the message was made from one.
    NoRow,
    /// The subscription was deleted while the message waited for its turn.
    Deleted,
    /// It is a probe, and its subscription is to be probed no more.
    NotProbed,
    /// It is a probe, and would have to wait under the rate limit.
    ProbeWouldWait,
}

impl Dropped {
    /// The reason in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResendMade => "the resend was made",
            Self::NotHeld => "it is not held any more",
            Self::Settled => "the delivery is settled",
            Self::Parked => "the delivery is parked",
            Self::CarriedByAnother => "another message carries it",
            Self::NoRow => "the delivery is no longer on record",
            Self::Deleted => "the subscription was deleted",
            Self::NotProbed => "the receiver is not probed any more",
            Self::ProbeWouldWait => "the probe would have to wait for its slot",
        }
    }

    /// Whether the row alone decides it: the attempt is on record, and whoever made it may have
    /// died before the consequences were drawn.
    #[must_use]
    pub const fn is_on_record(self) -> bool {
        match self {
            Self::ResendMade
            | Self::NotHeld
            | Self::Settled
            | Self::Parked
            | Self::CarriedByAnother => true,
            Self::NoRow | Self::Deleted | Self::NotProbed | Self::ProbeWouldWait => false,
        }
    }
}

/// The schedule that an attempt is part of.
#[derive(Debug, Clone, Copy)]
pub struct Schedule<'a> {
    /// The subscription's policy.
    pub policy: &'a Policy,
    /// The longest wait that is hidden.
    pub hide_limit: Duration,
    /// A number in 0..=1 that spreads the wait within the policy's jitter.
    pub random: f64,
}

/// What to do with a received message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Make the attempt.
    Attempt,
    /// Hide the message for this many seconds: it came early.
    Hide(i32),
    /// Delete the message: what it asks for is done, or another message does it.
    Drop(Dropped),
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

    /// Decides what a received message asks for, given the row as it stands.
    #[must_use]
    pub fn duty(&self, received: &Received<'_>) -> Duty {
        if received.resend.is_some() {
            return match self.resend_slot_at {
                _ if self.resend != received.resend => Duty::Drop(Dropped::ResendMade),
                Some(slot) if slot > received.now => Duty::Hide(hidden_seconds(received.now, slot)),
                _ => Duty::Attempt,
            };
        }
        let now = received.now;
        match &self.next {
            _ if received.probe && self.status != Status::Held => Duty::Drop(Dropped::NotHeld),
            _ if self.status.is_settled() => Duty::Drop(Dropped::Settled),
            Next::Parked { at } if *at > now => Duty::Drop(Dropped::Parked),
            Next::Carried { by, .. } if by != received.message_id && !self.is_overdue(now) => {
                Duty::Drop(Dropped::CarriedByAnother)
            }
            Next::Carried { at: Some(at), .. } if *at > now => Duty::Hide(hidden_seconds(now, *at)),
            Next::Carried { .. } | Next::Parked { .. } | Next::InLine | Next::Nobody => {
                Duty::Attempt
            }
        }
    }

    /// Whether the message that carries the next attempt is long in coming: it may be among the
    /// dead letters. One that was sent from there has another id, and takes its place.
    fn is_overdue(&self, now: Timestamp) -> bool {
        self.next.at().unwrap_or(self.updated_at).after(OVERDUE) <= now
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
        let nobody = self.next == Next::Nobody && self.resend.is_none();
        if received.resend.is_some() && self.status == Status::Pending && nobody {
            self.settle(Status::Exhausted, Some(Reason::ResendFailed));
        }
    }

    /// Whether the attempt that a message is for has its slot already.
    #[must_use]
    pub fn has_slot(&self, received: &Received<'_>) -> bool {
        let slot = if received.resend.is_some() { self.resend_slot_at } else { self.slot_at };
        slot.is_some_and(|at| at <= received.now)
    }

    /// Notes the slot that an attempt waits for, which is no attempt itself, and how its message
    /// waits.
    pub fn wait_for_slot(
        &mut self,
        slot: Timestamp,
        received: &Received<'_>,
        placement: Placement,
    ) {
        if received.resend.is_some() {
            self.resend_slot_at = Some(slot);
        } else {
            self.slot_at = Some(slot);
            self.wait_until(slot, received, placement);
        }
    }

    /// The next attempt comes at `at`: its message is hidden until then, or the delivery parked.
    fn wait_until(&mut self, at: Timestamp, received: &Received<'_>, placement: Placement) {
        self.status = Status::Pending;
        self.reason = None;
        self.next = match placement {
            Placement::Hide(_) => {
                Next::Carried { by: received.message_id.to_owned(), at: Some(at) }
            }
            Placement::Park => Next::Parked { at },
        };
    }

    /// Adds an attempt that was made for `received` to the row as it stands, with what follows from
    /// it. Returns how the message waits for the next attempt; `None` if no attempt follows by this
    /// message. `received.now` is when the attempt ended.
    pub fn attempted(
        &mut self,
        made: &Made,
        received: &Received<'_>,
        schedule: Schedule<'_>,
    ) -> Option<Placement> {
        let duty = self.duty(received);
        self.note(made.attempt.clone());
        self.updated_at = received.now;
        self.ending = made.ending;
        if received.resend.is_some() {
            self.resent(received);
            return None;
        }
        match duty {
            // Held on, if it was in vain: a probe is none of the schedule's attempts.
            _ if received.probe => None,
            Duty::Attempt => {
                let result = retry::Result {
                    outcome: made.attempt.outcome,
                    status: made.attempt.status,
                    retry_after: made.retry_after.as_deref(),
                    ending: made.ending,
                };
                let (count, now) = (self.scheduled_attempts, received.now);
                let verdict = retry::after(schedule.policy, count, result, now, schedule.random);
                self.follow(&verdict, received, schedule.hide_limit)
            }
            // The same message was received twice at once, as SQS may do: it still carries the next
            // attempt.
            Duty::Hide(seconds) => Some(Placement::Hide(seconds)),
            Duty::Drop(_) => None,
        }
    }

    /// Applies what follows the schedule's attempt. Returns how the message waits for the next
    /// attempt, or `None` when there is none.
    fn follow(
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
                let at = received.now.after(*wait);
                let placement = retry::place(received.now, at, hide_limit);
                self.wait_until(at, received, placement);
                Some(placement)
            }
        }
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

/// SQS hides a message for 12 hours at most, counted from its receive; a minute is left for what
/// happens since.
const LONGEST_HIDE_SECONDS: i32 = 12 * 3600 - 60;

fn hidden_seconds(now: Timestamp, until: Timestamp) -> i32 {
    retry::whole_seconds(now.until(until)).min(LONGEST_HIDE_SECONDS)
}

#[cfg(test)]
mod tests;
