//! One received task, and what was loaded for it: the facts that decide, and what the attempt needs
//! beyond them.

use std::sync::Arc;

use shared::core::delivery::order::Line;
use shared::core::delivery::step::{EventRow, Fact, Facts, Load, Payload, Slot, Standing, Task};
use shared::core::delivery::{Delivery as Row, Received};
use shared::core::event::event_type::EventTypeName;
use shared::core::event::payload::{Packed, Payload as Place};

use shared::core::tenant::days;
use shared::core::timestamp::Timestamp;
use shared::core::trace_context::TraceContext;
use shared::edges::batch::Message;
use shared::edges::clock;
use shared::edges::failure::Failure;
use shared::edges::queue::messages::{Content, DeliveryTask};
use shared::edges::receiver::Receiver;

use crate::Delivery;

/// A task, and as much as is known of its delivery.
#[derive(Debug)]
pub struct Case<'a> {
    pub message: &'a Message,
    pub task: DeliveryTask,
    pub facts: Facts<'a>,
    /// The row of a delivery of which nothing is on record, if the task has what it takes.
    new: Option<Row>,
    /// The data, or where it is.
    place: Option<Place>,
    receiver: Option<Arc<Receiver>>,
    data: Option<Packed>,
    trace: Option<TraceContext>,
}

/// What an attempt needs.
#[derive(Debug)]
pub struct Ready {
    pub row: Row,
    pub receiver: Arc<Receiver>,
    pub data: Packed,
    pub trace: Option<TraceContext>,
}

impl<'a> Case<'a> {
    /// A task that was received at `now`; nothing is loaded.
    pub fn new(mut task: DeliveryTask, message: &'a Message, now: Timestamp) -> Self {
        let (event_type, place) = match task.content.take() {
            Some(Content { event_type, payload }) => (Some(event_type), Some(payload)),
            None => (None, None),
        };
        let received =
            Received { message_id: &message.id, resend: task.resend, probe: task.probe, now };
        let facts = Facts::of(Task {
            received,
            event: task.event,
            line: line(message),
            receive_count: message.receive_count,
            repeat: task.repeat,
            has_content: place.is_some(),
        });
        let new = event_type.map(|event_type| fresh(&task, event_type, now));
        let trace = task.trace.clone();
        Self { message, task, facts, new, place, receiver: None, data: None, trace }
    }

    /// The message, and the attempt that it asks for.
    pub const fn received(&self) -> Received<'a> {
        self.facts.task.received
    }

    /// The row as it was loaded, or one of which nothing is on record yet.
    ///
    /// # Panics
    /// If there is neither; no step writes a row then.
    pub fn into_row(self) -> Row {
        let row = match self.facts.row {
            Fact::Known(row) => row,
            Fact::Unknown => None,
        };
        row.or(self.new).expect("without a row and content the task is dropped")
    }

    /// What the attempt needs.
    ///
    /// # Panics
    /// If it was not loaded; no attempt is the next step then.
    pub fn ready(mut self) -> Ready {
        let (receiver, data) = (self.receiver.take(), self.data.take());
        let trace = self.trace.take();
        Ready {
            row: self.into_row(),
            receiver: receiver.expect("the subscription is loaded before an attempt"),
            data: data.expect("the data is loaded before an attempt"),
            trace,
        }
    }
}

impl Delivery {
    /// Looks up a fact.
    pub(crate) async fn load(&self, what: Load, case: &mut Case<'_>) -> Result<(), Failure> {
        let (task, now) = (&case.task, case.received().now);
        match what {
            Load::Row => {
                let row = self.log.delivery(task.subscription, task.event, now).await?;
                case.facts.row = Fact::Known(row);
            }
            Load::Event => self.load_event(case).await?,
            Load::Subscription => {
                let is_first = case.facts.task.is_first();
                let receiver = self.receivers.find(task, is_first, now).await?;
                case.facts.subscription = Fact::Known(receiver.as_deref().map(standing));
                case.receiver = receiver;
            }
            Load::HideLimit => {
                case.facts.hide_limit = Fact::Known(self.in_flight.hide_limit(now).await);
            }
            Load::Payload => {
                if let Some(place) = case.place.take() {
                    case.data = self.log.payload(task.event, place).await?;
                }
                let there = if case.data.is_some() { Payload::There } else { Payload::Gone };
                case.facts.payload = Fact::Known(there);
            }
        }
        Ok(())
    }

    async fn load_event(&self, case: &mut Case<'_>) -> Result<(), Failure> {
        let (task, now) = (&case.task, case.received().now);
        let found = self.log.event(&task.tenant, task.event, now).await?;
        let stands = match &found {
            Some(event) if event.payload.is_none() => EventRow::Erased,
            Some(_) => EventRow::Kept,
            None if self.log.has_expired(task.event, now) => EventRow::Expired,
            None => EventRow::Missing,
        };
        case.facts.event = Fact::Known(stands);
        // The content of a message is taken before that of the row.
        if !case.facts.task.has_content {
            (case.place, case.trace) = found.map_or((None, None), |row| (row.payload, row.trace));
        }
        Ok(())
    }

    /// Takes a slot under the subscription's rate limit.
    pub(crate) async fn take_slot(&self, case: &mut Case<'_>) -> Result<(), Failure> {
        let limit = case.receiver.as_ref().map_or(0, |it| it.policy.rate_limit_per_minute);
        let taken = self.pacer.take(case.task.subscription, limit).await?;
        let slot = taken.map(|at| Slot { at, taken_at: clock::now() });
        case.facts.slot = Fact::Known(slot);
        Ok(())
    }
}

/// The kind of queue that a message was received from.
pub const fn line(message: &Message) -> Line {
    if message.fifo { Line::Fifo } else { Line::Standard }
}

fn standing(receiver: &Receiver) -> Standing {
    Standing {
        status: receiver.status,
        is_failing: receiver.is_failing(),
        rate_limit_per_minute: receiver.policy.rate_limit_per_minute,
        updated_at: receiver.updated_at,
    }
}

fn fresh(task: &DeliveryTask, event_type: EventTypeName, now: Timestamp) -> Row {
    let expires_at = task.retention_days.map(|kept| task.event.timestamp().after(days(kept)));
    let new = Row::new(task.tenant.clone(), task.subscription, task.event, event_type, now);
    Row { expires_at, ..new }
}
