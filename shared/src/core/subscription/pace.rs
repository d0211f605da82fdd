//! The pace of a subscription with a rate limit: which attempt may be made when.
//!
//! An attempt takes a slot: now, or as soon as fewer than the limit lie within the minute before
//! it. So the first 100 of a minute go out at once and the 101st waits, and **no** span of a minute
//! ever has more than the limit; a token bucket would let a full bucket and its refill through in
//! one. What must be known for it is when the latest slots were, and that fits one row.

use std::collections::VecDeque;
use std::time::Duration;

use crate::core::timestamp::Timestamp;

/// A minute, the second by which a wait may end after its slot (waits are whole seconds), and
/// another for what lies between a slot and the request: clocks of several machines, reads, the
/// network.
const SPAN: Duration = Duration::from_secs(62);
/// Bytes of a slot in a row: its milliseconds since 1970, as long as 48 bits hold them (until the
/// year 10889).
const SLOT_LEN: usize = 6;

/// The slots handed out within the last span, and those still to come, earliest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pace(VecDeque<Timestamp>);

impl Pace {
    /// Hands out the next slot, `now` or later. Slots are handed out in order.
    #[must_use]
    pub fn take(&mut self, limit: u32, now: Timestamp) -> Timestamp {
        while self.0.front().is_some_and(|slot| slot.after(SPAN) <= now) {
            self.0.pop_front();
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX).max(1);
        let bound = self.0.len().checked_sub(limit).map(|position| self.0[position].after(SPAN));
        let slot =
            [Some(now), bound, self.0.back().copied()].into_iter().flatten().max().unwrap_or(now);
        self.0.push_back(slot);
        // No more than the latest `limit` of them can hold up another.
        while self.0.len() > limit {
            self.0.pop_front();
        }
        slot
    }

    /// The latest slot.
    #[must_use]
    pub fn latest(&self) -> Option<Timestamp> {
        self.0.back().copied()
    }

    /// For its row.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * SLOT_LEN);
        for slot in &self.0 {
            bytes.extend_from_slice(&slot.as_millis().to_be_bytes()[8 - SLOT_LEN..]);
        }
        bytes
    }

    /// From its row.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let slot = |bytes: &[u8]| {
            Timestamp::from_millis(
                bytes.iter().fold(0, |millis, byte| millis << 8 | i64::from(*byte)),
            )
        };
        Self(bytes.chunks_exact(SLOT_LEN).map(slot).collect())
    }
}

#[cfg(test)]
mod tests;
