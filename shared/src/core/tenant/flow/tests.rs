use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_040_000);

fn shop() -> TenantId {
    "shop-1".parse().unwrap()
}

const NOTHING: Told = Told { is_added: true, events: 0, processes: 0 };

/// Processes that share a row.
struct Processes {
    each: Vec<Flows>,
    row: Told,
    tellings: u64,
}

impl Processes {
    fn new(count: usize) -> Self {
        let each = (0..count).map(|_| Flows::default()).collect();
        Self { each, row: NOTHING, tellings: 0 }
    }

    fn publish(&mut self, process: usize, limit: u32, events: u64, now: Timestamp) -> bool {
        let flows = &mut self.each[process];
        let mut verdict = flows.take(&shop(), limit, events, now);
        if let Verdict::Tell(telling) = verdict {
            self.tellings += 1;
            self.row.is_added = self.row.events + telling.events <= u64::from(limit);
            if self.row.is_added {
                self.row.events += telling.events;
                self.row.processes += u64::from(telling.is_first);
            }
            verdict = flows.told(&shop(), &telling, Some(self.row));
        }
        verdict == Verdict::Admitted
    }
}

#[test]
fn a_limit_of_ten_is_exact_for_any_number_of_processes_and_for_one_tenant_alone() {
    let mut processes = Processes::new(7);
    let let_in = (0..70).filter(|n| processes.publish(n % 7, 10, 1, NOW)).count();
    assert_eq!((let_in, processes.row.processes), (10, 7));
    let other: TenantId = "shop-2".parse().unwrap();
    assert!(
        !processes.each[0].is_full(&other, 10, NOW) && processes.each[0].is_full(&shop(), 10, NOW)
    );
    let next = NOW.after(Duration::from_mins(1));
    assert!(!processes.each[0].is_full(&shop(), 10, next), "the minute is over");
}

#[test]
fn a_tenant_far_below_its_limit_is_never_told_of() {
    let mut processes = Processes::new(1);
    assert!((0..59).all(|_| processes.publish(0, 60_000, 1, NOW)));
    assert_eq!(processes.tellings, 0);
    assert!((0..600).all(|_| processes.publish(0, 60_000, 1, NOW)));
    assert_eq!((processes.tellings, processes.row.events), (1, 60));
    assert!(processes.publish(0, 60_000, 1, NOW));
    assert_eq!((processes.tellings, processes.row.events), (2, 660));
}

#[test]
fn a_batch_that_does_not_fit_leaves_room_for_one_that_does() {
    let mut flows = Flows::default();
    let mut take = |events| flows.take(&shop(), 1_000, events, NOW);
    assert!(matches!(take(900), Verdict::Tell(_)));
    assert_eq!(take(101), Verdict::Refused { first: true });
    assert!(matches!(take(100), Verdict::Tell(_)));
    assert_eq!(take(1), Verdict::Refused { first: false });
}

#[test]
fn a_request_larger_than_the_limit_is_told_apart_and_takes_no_room() {
    let mut flows = Flows::default();
    assert_eq!(flows.take(&shop(), 10, 11, NOW), Verdict::NeverFits);
    assert!(matches!(flows.take(&shop(), 10, 10, NOW), Verdict::Tell(_)));
    assert_eq!(flows.take(&shop(), 10, 11, NOW), Verdict::NeverFits);
    assert_eq!(flows.take(&shop(), 10, 1, NOW), Verdict::Refused { first: true });
}

#[test]
fn a_tenants_own_limit_goes_before_the_deployments_and_0_is_none() {
    for (own, deployment, wanted) in [
        (None, 0, None),
        (None, 100, Some(100)),
        (Some(0), 100, None),
        (Some(7), 100, Some(7)),
        (Some(7), 0, Some(7)),
    ] {
        assert_eq!(limit(own, deployment), wanted, "{own:?} of {deployment}");
    }
}

#[test]
fn what_does_not_fit_takes_no_room_from_what_does_whichever_process_refuses_it() {
    let mut processes = Processes::new(2);
    assert!(processes.publish(0, 5, 3, NOW));
    assert!(!processes.publish(1, 5, 3, NOW), "it learns that only when it tells");
    assert!(processes.publish(0, 5, 2, NOW));
}

#[test]
fn a_process_that_cannot_tell_holds_to_the_limit_by_itself() {
    let mut flows = Flows::default();
    for _ in 0..10 {
        let Verdict::Tell(telling) = flows.take(&shop(), 10, 1, NOW) else {
            panic!("each is told of")
        };
        assert_eq!(flows.told(&shop(), &telling, None), Verdict::Admitted);
    }
    assert_eq!(flows.take(&shop(), 10, 1, NOW), Verdict::Refused { first: true });
}

#[test]
fn what_is_told_after_its_minute_is_let_in() {
    let mut flows = Flows::default();
    let Verdict::Tell(telling) = flows.take(&shop(), 10, 5, NOW) else { panic!("it is told of") };
    assert!(!flows.is_full(&shop(), 10, NOW.after(Duration::from_mins(1))));
    let late = Some(Told { is_added: false, events: 11, processes: 2 });
    assert_eq!(flows.told(&shop(), &telling, late), Verdict::Admitted);
}

#[test]
fn many_processes_have_a_tenth_untold_from_their_second_minute_on() {
    let (limit, next) = (60_000, NOW.after(Duration::from_mins(1)));
    let mut processes = Processes::new(500);
    let flood = |processes: &mut Processes, now| {
        (0..200_000).filter(|n| processes.publish(n % 500, limit, 1, now)).count()
    };
    let first = flood(&mut processes, NOW);
    assert!((60_000..=120_000).contains(&first), "{first}");
    processes.row = NOTHING;
    let let_in = flood(&mut processes, next);
    assert!((60_000..=66_000).contains(&let_in), "{let_in}");
}

#[test]
fn the_wait_is_until_the_minute_ends() {
    for (millis, wanted) in [(0, 60), (1, 60), (1_000, 59), (59_000, 1), (59_999, 1)] {
        assert_eq!(wait(NOW.after(Duration::from_millis(millis))), wanted);
    }
}

proptest! {
    #[test]
    fn one_process_lets_in_what_fits_and_nothing_else(
        limit in 1u32..5_000,
        batches in prop::collection::vec((1u64..100, 0u64..3_000), 1..300),
    ) {
        let (mut processes, mut now, mut minute, mut let_in) = (Processes::new(1), NOW, NOW, 0);
        for (events, gap) in batches {
            now = now.after(Duration::from_millis(gap));
            if minute.until(now) >= Duration::from_mins(1) {
                minute = Timestamp::from_millis(now.as_millis() / MINUTE * MINUTE);
                (let_in, processes.row) = (0, NOTHING);
            }
            let fits = let_in + events <= u64::from(limit);
            prop_assert_eq!(processes.publish(0, limit, events, now), fits);
            let_in += if fits { events } else { 0 };
        }
    }

    #[test]
    fn several_go_over_by_what_they_have_not_told_and_tell_a_hundred_times(
        limit in 1u32..20_000,
        requests in prop::collection::vec((0usize..8, 1u64..100), 1..2_000),
    ) {
        let (mut processes, mut let_in) = (Processes::new(8), 0);
        for (process, events) in requests {
            let admitted = processes.publish(process, limit, events, NOW);
            let_in += if admitted { events } else { 0 };
            prop_assert!(admitted || let_in + events > u64::from(limit), "refused with room left");
        }
        let limit = u64::from(limit);
        let untold = 8 * ((limit / PARTS).max(1) - 1);
        prop_assert!(let_in <= limit + untold, "{let_in} of {limit}");
        prop_assert!(processes.tellings <= 2 * (PARTS + 8), "{} tellings", processes.tellings);
    }
}
