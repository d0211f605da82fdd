//! What follows an attempt, or a slot that is not now: the row's next state, and how the message
//! waits.

use std::time::Duration;

use crate::core::delivery::attempt::Made;
use crate::core::delivery::next::Next;
use crate::core::delivery::reason::Reason;
use crate::core::delivery::retry::{self, Placement, Verdict};
use crate::core::delivery::{Delivery, Duty, Received, Status};
use crate::core::subscription::policy::Policy;
use crate::core::timestamp::Timestamp;

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

impl Delivery {
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
    /// message. `duty` is what the row says of the message: an attempt for the row that the attempt
    /// was decided from. `received.now` is when the attempt ended.
    pub fn attempted(
        &mut self,
        duty: Duty,
        made: &Made,
        received: &Received<'_>,
        schedule: Schedule<'_>,
    ) -> Option<Placement> {
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
    pub(super) fn follow(
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
}
