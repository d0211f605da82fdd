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
