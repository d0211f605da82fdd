//! What is done with a delivery without an attempt: it waits for its slot, it is held, or it ends.

use shared::core::delivery::retry::Placement;
use shared::core::delivery::{self as rules, Duty, Received};
use shared::core::timestamp::Timestamp;
use shared::edges::batch::{Message, Settle};
use shared::edges::clock;
use shared::edges::failure::Failure;
use shared::edges::store::Saved;

use crate::counted::{self, Before};
use crate::{Delivery, ROUNDS};

impl Delivery {
    /// Notes that the attempt waits for its slot, which is no attempt, and has its message wait.
    pub(crate) async fn wait_for_slot(
        &self,
        mut row: rules::Delivery,
        slot: Timestamp,
        received: &Received<'_>,
        message: &Message,
    ) -> Result<Settle, Failure> {
        let hide_limit = self.hide_limit(message, row.event, received.now).await;
        for _ in 0..ROUNDS {
            let placement = row.wait_for_slot(slot, received, hide_limit);
            row.updated_at = clock::now();
            if self.log.save_delivery(&row).await? == Saved::Saved {
                counted::waits(&self.metrics, Some(placement));
                return match placement {
                    Placement::Hide(seconds) => self.hide(message, seconds).await,
                    Placement::Park => Ok(Settle::Delete),
                };
            }
            match self.log.delivery(row.subscription, row.event, received.now).await? {
                Some(fresh) => match fresh.duty(received) {
                    Duty::Attempt => row = fresh,
                    Duty::Hide(seconds) => return self.hide(message, seconds).await,
                    Duty::Drop(_) => return Ok(Settle::Delete),
                },
                None => row.revision = 0,
            }
        }
        Err(Failure::Contended)
    }

    /// Ends or holds a delivery without an attempt. What is settled stays so, and what others wrote
    /// meanwhile stands: if another message carries the delivery by then, it is left to that one.
    pub(crate) async fn end(
        &self,
        mut row: rules::Delivery,
        received: &Received<'_>,
        status: rules::Status,
        reason: &str,
    ) -> Result<Settle, Failure> {
        for _ in 0..ROUNDS {
            row.updated_at = clock::now();
            let (before, was_settled) = (Before::from(&row), row.status.is_settled());
            if !was_settled {
                row.settle(status, Some(reason.to_owned()));
            }
            row.resent(received);
            if self.log.save_delivery(&row).await? == Saved::Saved {
                counted::settled(&self.metrics, before, &row);
                let rules::Delivery { tenant, subscription, event, status, .. } = &row;
                tracing::info!(%tenant, %subscription, %event, status = status.as_str(), reason, "no attempt was made");
                self.consequences.tell_exhausted(&row, was_settled, false).await?;
                return Ok(Settle::Delete);
            }
            match self.log.delivery(row.subscription, row.event, received.now).await? {
                Some(fresh) => match fresh.duty(received) {
                    Duty::Attempt => row = fresh,
                    // The same message was received twice at once, and still carries the next
                    // attempt.
                    Duty::Hide(_) => return Ok(Settle::Keep),
                    Duty::Drop(_) => {
                        // This may be our own write, whose answer was an error or was lost.
                        self.consequences.tell_exhausted(&fresh, false, true).await?;
                        return Ok(Settle::Delete);
                    }
                },
                None => return Ok(Settle::Delete),
            }
        }
        Err(Failure::Contended)
    }
}
