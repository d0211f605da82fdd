//! A message in a queue, and how its receiver gets it.

use std::sync::Arc;

use crate::change::Change;
use crate::content::Content;
use crate::receipt::Receipt;
use crate::settings::Millis;

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In its group's line, at this rank.
    Waiting(u64),
    /// With a receiver until then.
    InFlight(Millis),
    /// Not to be received before then.
    Delayed(Millis),
}

/// A message in a queue.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) content: Arc<Content>,
    pub(crate) sent_at: Millis,
    /// The ARN of the queue whose redrive policy moved it here.
    pub(crate) source: Option<Arc<str>>,
    pub(crate) receives: u32,
    /// 0 before the first receive; also `received_at`, the latest receive.
    pub(crate) first_received: Millis,
    pub(crate) received_at: Millis,
    pub(crate) place: Place,
}

impl Message {
    /// A message that nobody has received yet.
    pub(crate) fn new(content: Arc<Content>, sent_at: Millis) -> Message {
        let place = Place::Waiting(0);
        Message {
            content,
            sent_at,
            source: None,
            receives: 0,
            first_received: 0,
            received_at: 0,
            place,
        }
    }

    /// Marks the message as received, and tells its receiver.
    pub(crate) fn receive(
        &mut self,
        queue: u64,
        fifo: bool,
        sequence: u64,
        now: Millis,
    ) -> Delivery {
        self.receives += 1;
        self.received_at = now;
        if self.first_received == 0 {
            self.first_received = now;
        }
        Delivery {
            receipt: Receipt { queue, sequence, receive: self.receives },
            content: self.content.clone(),
            sent_at: self.sent_at,
            receives: self.receives,
            first_received: self.first_received,
            source: self.source.clone(),
            fifo,
        }
    }

    /// What the journal is told when the message shows at another time than before.
    pub(crate) fn hiding(&self, sequence: u64, visible_at: Millis) -> Change {
        Change::Hidden {
            sequence,
            receives: self.receives,
            first_received: self.first_received,
            received_at: self.received_at,
            visible_at,
        }
    }
}

/// A message as its receiver gets it.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) receipt: Receipt,
    pub(crate) content: Arc<Content>,
    pub(crate) sent_at: Millis,
    pub(crate) receives: u32,
    pub(crate) first_received: Millis,
    pub(crate) source: Option<Arc<str>>,
    pub(crate) fifo: bool,
}

/// How many messages are where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) visible: usize,
    pub(crate) in_flight: usize,
    pub(crate) delayed: usize,
}
