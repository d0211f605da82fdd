use proptest::prelude::*;
use shared::core::bulk_resend::Request;
use shared::core::erasure::What;
use shared::core::id::{ResendId, SubscriptionId, TenantId};

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const TICK: Duration = Duration::from_mins(1);
const MILLISECOND: Duration = Duration::from_millis(1);

fn shop() -> TenantId {
    "shop-1".parse().expect("a tenant")
}

fn release(look_at: Timestamp) -> Release {
    Release { look_at, ..Release::new(shop(), SubscriptionId::new(NOW, 1), NOW) }
}

fn erasure(look_at: Timestamp) -> Erasure {
    Erasure { look_at, ..Erasure::new(shop(), What::Payloads, NOW) }
}

fn resend(n: usize) -> BulkResend {
    let to = (shop(), SubscriptionId::new(NOW, 1));
    BulkResend::new(ResendId::new(NOW, n as u128), to, Request::default(), NOW)
}

#[test]
fn probes_begin_within_18_seconds_of_a_minute_and_other_steps_within_36() {
    for (part, seconds) in [(Part::Probes, 18), (Part::Work, 36)] {
        let end = Duration::from_secs(seconds);
        assert!(
            has_time(part, TICK, Duration::ZERO)
                && has_time(part, TICK, end.saturating_sub(MILLISECOND))
        );
        assert!(!has_time(part, TICK, end), "{part:?}");
    }
}

#[test]
fn pauses_double_up_to_five_seconds_while_nothing_moves() {
    let mut turns = Turns::new(TICK);
    let pauses: Vec<_> = (0..7).map(|_| turns.after(Round::Stood, Duration::ZERO)).collect();
    let waits = [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000];
    assert_eq!(pauses, waits.map(|millis| Next::Wait(Duration::from_millis(millis))));
    assert_eq!(turns.after(Round::Moved, Duration::ZERO), Next::GoOn);
    let anew = Next::Wait(Duration::from_millis(250));
    assert_eq!(turns.after(Round::Stood, Duration::ZERO), anew, "it begins anew");
}

#[test]
fn a_tick_stops_when_its_pause_would_take_it_past_its_share() {
    let end = Duration::from_secs(36);
    let after = |round, left: Duration| Turns::new(TICK).after(round, end.saturating_sub(left));
    assert_eq!(after(Round::Moved, SHORTEST_PAUSE), Next::Stop);
    assert_eq!(after(Round::Moved, SHORTEST_PAUSE + MILLISECOND), Next::GoOn);
    assert_eq!(after(Round::Stood, SHORTEST_PAUSE * 2), Next::Stop);
    assert_eq!(
        after(Round::Stood, SHORTEST_PAUSE * 2 + MILLISECOND),
        Next::Wait(SHORTEST_PAUSE * 2)
    );
}

#[test]
fn work_that_waits_for_its_next_look_is_left_out() {
    let later = NOW.after(MILLISECOND);
    let work = Work {
        releases: vec![release(NOW), release(later)],
        erasures: vec![erasure(later), erasure(NOW)],
        resends: Vec::new(),
    };
    let due = Work { releases: vec![release(NOW)], erasures: vec![erasure(NOW)], resends: vec![] };
    assert_eq!(work.due(NOW, 7), due);
    assert!(Work { releases: vec![release(later)], ..Work::default() }.due(NOW, 7).is_empty());
    for one in [
        Work { releases: vec![release(NOW)], ..Work::default() },
        Work { erasures: vec![erasure(NOW)], ..Work::default() },
        Work { resends: vec![resend(1)], ..Work::default() },
    ] {
        assert!(!one.due(NOW, 7).is_empty());
    }
}

proptest! {
    #[test]
    fn any_resend_may_come_first_and_none_is_left_out(count in 1usize..20, first in 0usize..20) {
        let first = first % count;
        let work = Work { resends: (0..count).map(resend).collect(), ..Work::default() };
        let resends = work.due(NOW, first as u128 + count as u128 * 3).resends;
        let wanted: Vec<_> = (0..count).map(|n| resend((n + first) % count)).collect();
        prop_assert_eq!(resends, wanted);
    }

    #[test]
    fn a_tick_never_waits_past_its_share(
        tick in 1u64..900_000,
        rounds in prop::collection::vec((any::<bool>(), 0u64..5_000), 1..50),
    ) {
        let tick = Duration::from_millis(tick);
        let (mut turns, mut elapsed) = (Turns::new(tick), Duration::ZERO);
        for (moved, took) in rounds {
            elapsed += Duration::from_millis(took);
            match turns.after(if moved { Round::Moved } else { Round::Stood }, elapsed) {
                Next::Stop => break,
                Next::GoOn => {}
                Next::Wait(pause) => elapsed += pause,
            }
            prop_assert!(has_time(Part::Work, tick, elapsed));
        }
    }
}
