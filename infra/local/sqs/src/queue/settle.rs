//! What a receiver does with a message that it holds: deletes it, or changes how long it is hidden.

use super::Queue;
use crate::change::Change;
use crate::message::Place;
use crate::receipt::Receipt;
use crate::refusal::{Kind, Refusal};
use crate::settings::Millis;

/// A message may be hidden for 12 hours in all, from the receive that hid it.
const LONGEST_HIDING: Millis = 43_200_000;

impl Queue {
    /// Deletes by receipt. The handle of an earlier receive succeeds and deletes nothing on a
    /// standard queue, the worst of what `DeleteMessage` documents, and is refused on a FIFO queue.
    pub(crate) fn delete(
        &mut self,
        receipt: Receipt,
        changes: &mut Vec<Change>,
    ) -> Result<(), Refusal> {
        self.check_origin(receipt)?;
        let Some(message) = self.messages.get(&receipt.sequence) else {
            return Ok(());
        };
        if message.receives != receipt.receive {
            return if self.settings.fifo { Err(expired(receipt)) } else { Ok(()) };
        }
        if self.settings.fifo && matches!(message.place, Place::Waiting(_)) {
            return Err(expired(receipt));
        }
        self.remove(receipt.sequence);
        changes.push(Change::Deleted { sequence: receipt.sequence });
        Ok(())
    }

    /// Hides a message that is in flight for `timeout` from now on, instead of what it had.
    pub(crate) fn hide(
        &mut self,
        receipt: Receipt,
        timeout: Millis,
        now: Millis,
        changes: &mut Vec<Change>,
    ) -> Result<(), Refusal> {
        self.check_origin(receipt)?;
        let message = self
            .messages
            .get_mut(&receipt.sequence)
            .filter(|message| message.receives == receipt.receive);
        let Some(message) = message else {
            let reason =
                "Message does not exist or is not available for visibility timeout change.";
            return Err(Refusal::value(receipt.to_text(), "ReceiptHandle", reason));
        };
        let Place::InFlight(due) = message.place else {
            return Err(Refusal::new(
                Kind::MessageNotInflight,
                "The specified message isn't in flight.",
            ));
        };
        let until = now + timeout;
        if timeout > 0 && until > message.received_at + LONGEST_HIDING {
            let reason =
                "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]";
            return Err(Refusal::value(timeout / 1000, "VisibilityTimeout", reason));
        }
        changes.push(message.hiding(receipt.sequence, until));
        message.place = Place::InFlight(until);
        self.hidden.remove(&(due, receipt.sequence));
        if timeout > 0 {
            self.show_at(until, receipt.sequence);
        } else {
            self.land(receipt.sequence);
            self.queue_up(receipt.sequence);
        }
        Ok(())
    }

    fn check_origin(&self, receipt: Receipt) -> Result<(), Refusal> {
        if receipt.queue == self.number {
            return Ok(());
        }
        let message = format!(
            "The input receipt handle \"{}\" is not a valid receipt handle.",
            receipt.to_text()
        );
        Err(Refusal::new(Kind::ReceiptHandleIsInvalid, message))
    }
}

fn expired(receipt: Receipt) -> Refusal {
    Refusal::value(receipt.to_text(), "ReceiptHandle", "The receipt handle has expired.")
}
