use proptest::prelude::*;

use super::*;
use crate::core::subscription::profile;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn standard() -> Policy {
    profile::find("standard").expect("there").policy.as_ref().clone()
}

fn opened(policy: &Policy) -> Option<Breaker> {
    Breaker::open(
        &"shop-1".parse().expect("a tenant"),
        SubscriptionId::new(NOW, 1),
        NOW,
        policy,
        0.5,
    )
}

#[test]
fn probes_come_after_30_seconds_and_then_twice_as_late_each_time_up_to_15_minutes() {
    let policy = standard();
    let mut breaker = opened(&policy).expect("it has one");
    let mut waits = Vec::new();
    let mut last = NOW;
    for _ in 0..9 {
        waits.push(last.until(breaker.next_probe_at).as_secs());
        last = breaker.next_probe_at;
        breaker = breaker.probed(last, &policy, 0.5).expect("it has one");
    }
    assert_eq!(waits, [30, 60, 120, 240, 480, 900, 900, 900, 900]);
}

#[test]
fn a_policy_without_probes_has_no_breaker_and_says_that_its_receiver_fails_all_the_same() {
    let policy = Policy { probe_waits_seconds: Vec::new(), ..standard() };
    let health = Health { failed_attempts: 20, ..Health::default() };
    assert_eq!(after_failure(health, &policy, NOW), Some(Change::Failing));
    let failing = Health { failing_since: Some(NOW), has_open_breaker: true, ..health };
    assert!(!is_open(failing, &policy) && is_open(failing, &standard()));
    let without = Health { has_open_breaker: false, ..failing };
    assert_eq!(State::of(without, &standard()), State::Closed, "nobody would probe it");
    let states = [
        State::of(failing, &policy),
        State::of(health, &standard()),
        State::of(failing, &standard()),
    ];
    assert_eq!(states, [State::None, State::Closed, State::Open]);
    let breaker = opened(&standard()).expect("it has one");
    assert_eq!((opened(&policy), breaker.probed(NOW, &policy, 0.5)), (None, None));
}

#[test]
fn a_minute_of_attempts_in_vain_is_enough_however_few_they_are() {
    let health =
        |failed_attempts, failed_ms| Health { failed_attempts, failed_ms, ..Health::default() };
    let policy = standard();
    assert_eq!(after_failure(health(3, 59_999), &policy, NOW), None);
    assert_eq!(after_failure(health(4, 60_000), &policy, NOW), Some(Change::Failing));
    assert_eq!(after_failure(health(19, 190), &policy, NOW), None);
    assert_eq!(after_failure(health(20, 200), &policy, NOW), Some(Change::Failing));
    let attempts_alone = Policy { failing_after_seconds: 0, ..policy };
    assert_eq!(after_failure(health(19, 600_000), &attempts_alone, NOW), None);
}

/// A subscription as the store and delivery keep it, attempt by attempt.
#[derive(Debug, Default)]
struct Kept {
    health: Health,
    disabled: bool,
}

impl Kept {
    fn attempted(&mut self, succeeded: bool, policy: &Policy, now: Timestamp) {
        if succeeded {
            self.health = Health::default();
            return;
        }
        self.health.failed_attempts += 1;
        match after_failure(self.health, policy, now) {
            Some(Change::Failing) => {
                (self.health.failing_since, self.health.has_open_breaker) =
                    (Some(now), policy.has_breaker());
            }
            Some(Change::TooLong(_)) => self.disabled = true,
            None => {}
        }
    }
}

proptest! {
    #[test]
    fn it_opens_at_so_many_failures_in_a_row_closes_at_one_success_and_ends_what_fails_for_too_long(
        threshold in 1u32..30,
        hours in 1u32..200,
        attempts in prop::collection::vec((prop::bool::weighted(0.1), 1u64..20_000), 1..300),
    ) {
        let policy =
            Policy { failing_after_attempts: threshold, disable_after_failing_hours: hours, ..standard() };
        let (mut kept, mut now) = (Kept::default(), NOW);
        let (mut in_a_row, mut since) = (0, None);
        for (succeeded, seconds) in attempts {
            now = now.after(Duration::from_secs(seconds));
            let was_open_since = since;
            kept.attempted(succeeded, &policy, now);
            in_a_row = if succeeded { 0 } else { in_a_row + 1 };
            if in_a_row == 0 {
                since = None;
            } else if in_a_row == threshold {
                since = Some(now);
            }
            prop_assert_eq!(is_open(kept.health, &policy), in_a_row >= threshold);
            prop_assert_eq!(kept.health.failing_since, since);
            let too_long = !succeeded
                && was_open_since.is_some_and(|at: Timestamp| at.until(now) >= Duration::from_hours(u64::from(hours)));
            prop_assert_eq!(kept.disabled, too_long);
            if too_long {
                break;
            }
        }
    }

    #[test]
    fn there_is_always_a_next_probe_later_than_the_last_and_within_the_longest_wait(
        waits in prop::collection::vec(1u32..=86_400, 1..20),
        late in prop::collection::vec((0u64..100_000, 0.0..=1.0f64), 1..60),
    ) {
        let policy = Policy { probe_waits_seconds: waits.clone(), ..standard() };
        let mut breaker = opened(&policy).expect("it has one");
        for (seconds, random) in late {
            let at = breaker.next_probe_at.after(Duration::from_secs(seconds));
            let next = breaker.probed(at, &policy, random).expect("it has one");
            prop_assert_eq!(next.probes, breaker.probes + 1);
            let longest = u64::from(*waits.iter().max().expect("one"));
            let wait = at.until(next.next_probe_at);
            let most = Duration::from_millis(longest * 1_100);
            prop_assert!(next.next_probe_at > at && wait <= most, "{wait:?}");
            prop_assert_eq!(next.opened_at, NOW);
            breaker = next;
        }
    }
}
