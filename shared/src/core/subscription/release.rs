//! A release: the held deliveries of a subscription that is active again, or whose receiver answers
//! again, on their way.
//!
//! They go in order of their events, and few at a time: a receiver that just came back is not
//! flooded. The first goes alone; each that is delivered makes room for one more, up to the
//! policy's `release_concurrency`, and each that fails takes half of the room away. What waits for
//! a slot under the rate limit takes up room, so that none is sent faster than that.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::core::delivery::{Delivery, Status};
use crate::core::id::{EventId, SubscriptionId, TenantId};
use crate::core::timestamp::Timestamp;

/// A release is looked at for this long after it began: a delivery that was received before may be
/// marked held a moment after.
const LINGERS: Duration = Duration::from_mins(2);
/// Until it is looked again where nothing was held.
const PAUSE: Duration = Duration::from_mins(1);
/// What is noted as sent is sent within this time, or by nobody.
const SENT_WITHIN: Duration = Duration::from_secs(15);
/// What is under way for longer than this, while nothing else moved, is waited for no more: it has
/// a message, which is lost on nobody, and may be in a dead-letter queue.
const WAITED_FOR: Duration = Duration::from_mins(30);

/// How far a release is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Whose.
    pub tenant: TenantId,
    /// Which subscription's.
    pub subscription: SubscriptionId,
    /// When it began.
    pub resumed_at: Timestamp,
    /// How many may be under way at the same time.
    pub room: u32,
    /// Those that were sent, or are about to be, and were not attempted when it was looked last.
    pub under_way: Vec<EventId>,
    /// Since when the same ones are.
    pub moved_at: Timestamp,
    /// Held deliveries are looked for behind this event's.
    pub after: Option<EventId>,
    /// Whether any was found since the start of this look through all of them.
    pub found: bool,
    /// When it is looked again.
    pub look_at: Timestamp,
    /// Counts the row's writes; 0 for a row that was never written.
    #[serde(skip)]
    pub revision: u64,
}

impl Release {
    /// One that begins.
    #[must_use]
    pub const fn new(tenant: TenantId, subscription: SubscriptionId, now: Timestamp) -> Self {
        Self {
            tenant,
            subscription,
            resumed_at: now,
            room: 1,
            under_way: Vec::new(),
            moved_at: now,
            after: None,
            found: false,
            look_at: now,
            revision: 0,
        }
    }

    /// Follows what is under way: `rows` are those of [`Self::under_way`], as far as there are any.
    /// `most` may be under way at the same time.
    pub fn follow(&mut self, rows: &[Delivery], most: u32, now: Timestamp) {
        let before = self.under_way.len();
        let row = |event: &EventId| rows.iter().find(|row| row.event == *event);
        for event in std::mem::take(&mut self.under_way) {
            match row(&event) {
                Some(row) if !was_attempted(row) => self.under_way.push(event),
                // Another run is about to send it; or has died, and it is found at the next look.
                Some(row)
                    if row.status == Status::Held && self.moved_at.until(now) < SENT_WITHIN =>
                {
                    self.under_way.push(event);
                }
                Some(row) if row.status == Status::Delivered => {
                    self.room = self.room.saturating_add(1);
                }
                Some(row) if row.status == Status::Pending || row.status == Status::Exhausted => {
                    self.room /= 2;
                }
                Some(_) | None => {}
            }
        }
        self.room = self.room.clamp(1, most.max(1));
        if self.under_way.len() < before {
            self.moved_at = now;
        } else if self.moved_at.until(now) > WAITED_FOR {
            self.under_way.clear();
            (self.room, self.moved_at) = (1, now);
        }
    }

    /// How many to send now: none before half of the room is free, for each look costs.
    #[must_use]
    pub fn wanted(&self) -> usize {
        let (room, under_way) = (self.room as usize, self.under_way.len());
        if under_way * 2 > room { 0 } else { room - under_way }
    }

    /// Notes what is to be sent, and that all was looked at up to `after`, `None` for the end.
    /// There the look starts over, for what was marked held meanwhile, until it finds nothing.
    pub fn sent(
        &mut self,
        events: impl IntoIterator<Item = EventId>,
        after: Option<EventId>,
        now: Timestamp,
    ) {
        let before = self.under_way.len();
        self.under_way.extend(events);
        if self.under_way.len() > before {
            (self.found, self.moved_at) = (true, now);
        }
        self.after = after;
        if after.is_none() {
            if !self.found {
                self.look_at = now.after(PAUSE);
            }
            self.found = false;
        }
    }

    /// Whether nothing is held any more, nor can be: it was just looked through all of them, and
    /// nothing was found.
    #[must_use]
    pub fn is_done(&self, now: Timestamp) -> bool {
        let looked_through = self.after.is_none() && self.look_at > now;
        looked_through && self.under_way.is_empty() && self.resumed_at.until(now) > LINGERS
    }
}

/// Whether the attempt that a released delivery was sent for was made, or will not be.
fn was_attempted(row: &Delivery) -> bool {
    row.status != Status::Pending || (row.next.at().is_some() && row.slot_at.is_none())
}

#[cfg(test)]
mod tests;
