//! The steps without an attempt: the delivery waits for its slot, is held, or ends, or its message
//! is dropped.

use shared::core::delivery::reason::Reason;
use shared::core::delivery::retry::Placement;
use shared::core::delivery::{Delivery as Row, Dropped, Duty, Received, Status};
use shared::core::timestamp::Timestamp;
use shared::core::trace_context::TraceContext;
use shared::edges::batch::Settle;
use shared::edges::clock;
use shared::edges::failure::Failure;
use shared::edges::queue::messages::DeliveryTask;
use shared::edges::store::deliveries::Change;
use tracing::field::display;

use crate::case::Case;
use crate::counted::{self, Before};
use crate::{Delivery, record};

impl Delivery {
    /// Notes that the attempt waits for its slot, which is no attempt, and has its message wait.
    pub(crate) async fn wait_for_slot(
        &self,
        case: Case<'_>,
        slot: Timestamp,
        placement: Placement,
    ) -> Result<Settle, Failure> {
        let (received, message) = (case.received(), case.message);
        let mut duty = Duty::Attempt;
        let wait = |row: &mut Row| {
            duty = row.duty(&received);
            let waits = duty == Duty::Attempt;
            if waits {
                row.wait_for_slot(slot, &received, placement);
                row.updated_at = clock::now();
            }
            waits
        };
        record::write(&self.log, case.into_row(), received.now, wait).await?;
        let placement = match duty {
            Duty::Attempt => Some(placement),
            Duty::Hide(seconds) => Some(Placement::Hide(seconds)),
            Duty::Drop(_) => None,
        };
        counted::waits(&self.metrics, placement);
        self.settle_by(message, placement).await
    }

    /// Ends or holds a delivery without an attempt. What is settled stays so, and what others wrote
    /// meanwhile stands: if another message carries the delivery by then, it is left to that one.
    pub(crate) async fn end(
        &self,
        row: Row,
        received: &Received<'_>,
        status: Status,
        reason: Reason,
    ) -> Result<Settle, Failure> {
        let (mut before, mut duty) = (Before::from(&row), Duty::Attempt);
        let end = |row: &mut Row| {
            duty = row.duty(received);
            if duty != Duty::Attempt {
                return false;
            }
            before = Before::from(&*row);
            if !before.was_settled() {
                row.settle(status, Some(reason.clone()));
            }
            row.resent(received);
            row.updated_at = clock::now();
            true
        };
        match (self.log.change_delivery(row, received.now, end).await?, duty) {
            (Change::Changed(row), _) => {
                counted::settled(&self.metrics, before, &row);
                let Row { tenant, subscription, event, status, .. } = &row;
                tracing::info!(%tenant, %subscription, %event, status = status.as_str(), %reason, "no attempt was made");
                self.consequences.tell_exhausted(&row, before.was_settled(), false).await?;
                Ok(Settle::Delete)
            }
            // The same message was received twice at once, and still carries the next attempt.
            (Change::AsItWas(_), Duty::Hide(_)) => Ok(Settle::Keep),
            (Change::AsItWas(row), Duty::Drop(_) | Duty::Attempt) => {
                // This may be our own write, whose answer was an error or was lost.
                self.consequences.tell_exhausted(&row, false, true).await?;
                Ok(Settle::Delete)
            }
            (Change::Gone, _) => Ok(Settle::Delete),
            (Change::Contended, _) => Err(Failure::Contended),
        }
    }

    /// Leaves the delivery as it is. Whoever put its last attempt on record may have died before
    /// what follows from that was done.
    pub(crate) async fn leave(&self, case: &Case<'_>, why: Dropped) -> Result<Settle, Failure> {
        if why.is_on_record()
            && let Some(row) = case.facts.known_row()
        {
            self.consequences.end_subscription(row, true).await?;
            self.consequences.tell_exhausted(row, false, true).await?;
        }
        let DeliveryTask { tenant, subscription, event, trace, .. } = &case.task;
        let (trace_id, why) =
            (trace.as_ref().map(TraceContext::trace_id).map(display), why.as_str());
        tracing::debug!(%tenant, %subscription, %event, trace_id, why, "a duplicate task was dropped");
        Ok(Settle::Delete)
    }
}
