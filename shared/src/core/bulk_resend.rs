//! Bulk resends: many of a subscription's deliveries again, in the background, as far as they are.
//!
//! What is to be sent is written down before it is sent, and what was sent is followed until its
//! attempt was made. So a crash in between sends nothing twice that was attempted, and counts
//! nothing twice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::core::delivery::attempt::{Outcome, Trigger};
use crate::core::delivery::reason::Reason;
use crate::core::delivery::{Delivery, Status};
use crate::core::event::event_type::{EventTypeName, Filter};
use crate::core::id::{EventId, ResendId, SubscriptionId, TenantId};
use crate::core::timestamp::Timestamp;

/// Attempts that are under way at most.
pub const WINDOW: usize = 200;

/// Which deliveries are sent again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// What was attempted in vain, given up on, or cancelled because the subscription was disabled.
    #[default]
    Failed,
    /// Events that the subscription's filter chooses, and that never went to it.
    Missing,
    /// Every event that the subscription's filter chooses, delivered or not.
    All,
}

/// What was asked for. The same asked for again while it runs is the same resend.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewResend")]
pub struct Request {
    /// Events accepted from then on; absent for as far back as the record goes.
    pub from: Option<Timestamp>,
    /// Events accepted until then; absent for now.
    pub to: Option<Timestamp>,
    /// Which of them.
    #[serde(default)]
    pub which: Which,
    /// Of which types; absent for all.
    pub types: Option<Filter>,
}

/// How a bulk resend stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ResendState")]
pub enum State {
    /// It goes on.
    Running,
    /// Everything was sent, and each attempt made.
    Done,
    /// It was ended before; what was in the queue went out all the same.
    Cancelled,
}

impl State {
    /// The word in the API and the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A bulk resend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkResend {
    /// Its id; also the resend of each of its deliveries.
    pub id: ResendId,
    /// Whose.
    pub tenant: TenantId,
    /// To whom.
    pub subscription: SubscriptionId,
    /// What was asked for.
    pub request: Request,
    /// The latest event's time.
    pub to: Timestamp,
    /// How it stands.
    pub state: State,
    /// Why it ended, where it was not done.
    pub reason: Option<String>,
    /// Deliveries found to be sent again.
    pub found: u64,
    /// Deliveries sent again.
    pub sent: u64,
    /// Of these, delivered.
    pub delivered: u64,
    /// Of these, not.
    pub failed: u64,
    /// The last event that was looked at.
    pub position: Option<EventId>,
    /// Whether all were looked at.
    pub looked_through: bool,
    /// To be sent, and perhaps sent already.
    pub planned: Vec<EventId>,
    /// Sent, and not known to be attempted.
    pub under_way: Vec<EventId>,
    /// When the latest plan was made.
    pub planned_at: Timestamp,
    /// When somebody last took it on to send what is planned: nobody else does, as long as a run
    /// may last.
    pub claimed_at: Timestamp,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last got on.
    pub updated_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Counts the row's writes; 0 for a row that was never written.
    pub revision: u64,
}

impl BulkResend {
    /// One that was asked for at `now`.
    #[must_use]
    pub fn new(
        id: ResendId,
        (tenant, subscription): (TenantId, SubscriptionId),
        request: Request,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            tenant,
            subscription,
            to: request.to.unwrap_or(now).min(now),
            request,
            state: State::Running,
            reason: None,
            found: 0,
            sent: 0,
            delivered: 0,
            failed: 0,
            position: None,
            looked_through: false,
            planned: Vec::new(),
            under_way: Vec::new(),
            planned_at: now,
            claimed_at: now,
            created_at: now,
            updated_at: now,
            finished_at: None,
            revision: 0,
        }
    }

    /// Whether an event of this type is among those asked for.
    #[must_use]
    pub fn wants_type(&self, name: &EventTypeName) -> bool {
        self.request.types.as_ref().is_none_or(|types| types.matches(name))
    }

    /// Whether a delivery counts as failed: no success, and nothing that was wanted so or comes by
    /// itself.
    #[must_use]
    pub fn is_failed(delivery: &Delivery) -> bool {
        match delivery.status {
            Status::Exhausted => !delivery.is_erased(),
            Status::Cancelled => delivery.reason == Some(Reason::Disabled),
            Status::Pending => delivery.attempt_count > 0,
            Status::Delivered | Status::Held => false,
        }
    }

    /// How many more may be under way, at so many attempts a minute (0: no limit).
    #[must_use]
    pub fn room(&self, rate_limit_per_minute: u32) -> usize {
        let limit = usize::try_from(rate_limit_per_minute).unwrap_or(WINDOW);
        let window = if limit == 0 { WINDOW } else { limit.min(WINDOW) };
        window.saturating_sub(self.under_way.len())
    }

    /// Whether a planned delivery was attempted by this resend since the plan was made.
    #[must_use]
    pub fn was_made(&self, delivery: &Delivery) -> bool {
        let latest =
            delivery.attempts.iter().rev().find(|attempt| attempt.trigger == Trigger::Resend);
        delivery.resend != Some(self.id)
            && latest.is_some_and(|attempt| attempt.started_at >= self.planned_at)
    }

    /// Counts those under way whose attempt was made, as their `rows` say; one that has none is no
    /// longer on record.
    pub fn follow(&mut self, rows: &[Delivery]) {
        for event in std::mem::take(&mut self.under_way) {
            match rows.iter().find(|row| row.event == event) {
                Some(row) if row.resend == Some(self.id) => self.under_way.push(event),
                Some(row) if self.has_succeeded(row) => self.delivered += 1,
                _ => self.failed += 1,
            }
        }
    }

    /// What was delivered before stays so, whatever came of the resend.
    fn has_succeeded(&self, row: &Delivery) -> bool {
        let latest = row.attempts.iter().rev().find(|attempt| attempt.trigger == Trigger::Resend);
        match latest {
            Some(attempt) if self.request.which == Which::All => {
                attempt.outcome == Outcome::Succeeded
            }
            _ => row.status == Status::Delivered,
        }
    }

    /// Ends it if there is nothing left to do.
    pub fn end_if_done(&mut self, now: Timestamp) {
        if self.state == State::Running
            && self.looked_through
            && self.planned.is_empty()
            && self.under_way.is_empty()
        {
            self.state = State::Done;
            self.finished_at = Some(now);
        }
    }

    /// Ends it before it is done.
    pub fn cancel(&mut self, reason: &str, now: Timestamp) {
        self.state = State::Cancelled;
        self.reason = Some(reason.to_owned());
        self.finished_at = Some(now);
        self.updated_at = now;
    }
}

#[cfg(test)]
mod tests;
