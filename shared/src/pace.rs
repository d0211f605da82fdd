//! The pace of a subscription with a rate limit: which attempt may be made when.
//!
//! An attempt takes a slot: now, or as soon as fewer than the limit lie within the minute before it. So the first 100
//! of a minute go out at once and the 101st waits, and **no** span of a minute ever has more than the limit; a token
//! bucket would let a full bucket and its refill through in one. What must be known for it is when the latest slots
//! were, and that fits one row.

use std::collections::VecDeque;
use std::time::Duration;

use crate::timestamp::Timestamp;

/// A minute, the second by which a wait may end after its slot (waits are whole seconds), and another for what lies
/// between a slot and the request: clocks of several machines, reads, the network.
const SPAN: Duration = Duration::from_secs(62);
/// Bytes of a slot in a row: its milliseconds since 1970, as long as 48 bits hold them (until the year 10889).
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
        let slot = [Some(now), bound, self.0.back().copied()].into_iter().flatten().max().unwrap_or(now);
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
        let slot =
            |bytes: &[u8]| Timestamp::from_millis(bytes.iter().fold(0, |millis, byte| millis << 8 | i64::from(*byte)));
        Self(bytes.chunks_exact(SLOT_LEN).map(slot).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    #[test]
    fn a_hundred_go_at_once_and_the_next_waits_for_the_first_ones_minute_to_end() {
        let mut pace = Pace::default();
        let slots: Vec<_> = (0..201).map(|_| pace.take(100, NOW)).collect();
        assert_eq!(slots[..100], [NOW; 100]);
        assert_eq!(slots[100..200], [NOW.after(SPAN); 100]);
        assert_eq!(slots[200], NOW.after(2 * SPAN));
        assert_eq!(pace.to_bytes().len(), 600);
    }

    proptest! {
        #[test]
        fn no_minute_has_more_than_the_limit_and_nobody_waits_without_need(
            limit in 1u32..20,
            gaps in prop::collection::vec(0i64..20_000, 1..200),
        ) {
            let (mut pace, mut now, mut slots) = (Pace::default(), NOW, Vec::new());
            for gap in gaps {
                now = Timestamp::from_millis(now.as_millis() + gap);
                // Through its row and back each time.
                pace = Pace::from_bytes(&pace.to_bytes());
                let slot = pace.take(limit, now);
                prop_assert!(slot >= now && slots.last().is_none_or(|last| slot >= *last));
                let free = slots.iter().filter(|other| other.after(SPAN) > slot).count() < limit as usize;
                prop_assert!(free, "too many within the minute before {slot}");
                if slot > now {
                    let earlier = slot.before(Duration::from_millis(1));
                    let held = slots.iter().filter(|other| other.after(SPAN) > earlier).count();
                    prop_assert!(held >= limit as usize || slots.last() == Some(&slot), "{slot} could be earlier");
                }
                slots.push(slot);
            }
        }
    }
}
