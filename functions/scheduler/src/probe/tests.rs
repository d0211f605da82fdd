use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use shared::core::id::SubscriptionId;
use shared::core::subscription::policy::Policy;
use shared::core::subscription::{Health, profile};

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const SECOND: Duration = Duration::from_secs(1);

fn breaker(n: u128, next_probe_at: Timestamp) -> Breaker {
    Breaker {
        tenant: "shop-1".parse().expect("a tenant"),
        subscription: SubscriptionId::new(NOW, n),
        opened_at: NOW.before(SECOND),
        probes: 0,
        next_probe_at,
    }
}

fn failing() -> Receiver {
    let policy = Arc::clone(&profile::find("standard").expect("there").policy);
    let health = Health {
        failed_attempts: 20,
        failing_since: Some(NOW.before(SECOND)),
        has_open_breaker: true,
        ..Health::default()
    };
    Receiver { health, policy }
}

fn without_probes() -> Receiver {
    let failing = failing();
    let policy = Policy { probe_waits_seconds: Vec::new(), ..failing.policy.as_ref().clone() };
    Receiver { policy: Arc::new(policy), ..failing }
}

#[test]
fn a_failing_receiver_is_probed_when_its_wait_is_over() {
    let later = NOW.after(30 * SECOND);
    for (due, at) in [(later, later), (NOW, NOW), (NOW.before(30 * SECOND), NOW)] {
        let Step::Probe { at: found, next } = decide(&breaker(1, due), Some(&failing()), NOW, 0.5)
        else {
            panic!("it is probed")
        };
        assert_eq!((found, next.probes), (at, 1));
        assert_eq!(next.next_probe_at, at.after(60 * SECOND), "the second wait, from the probe");
        assert_eq!(next.opened_at, NOW.before(SECOND));
    }
}

#[test]
fn a_subscription_that_is_gone_or_not_active_is_not_probed() {
    assert_eq!(decide(&breaker(1, NOW), None, NOW, 0.5), Step::End);
}

#[test]
fn a_breaker_that_closed_or_opened_anew_since_is_forgotten() {
    for failing_since in [None, Some(NOW)] {
        let health = Health { failing_since, ..failing().health };
        let receiver = Receiver { health, ..failing() };
        assert_eq!(decide(&breaker(1, NOW), Some(&receiver), NOW, 0.5), Step::End);
    }
}

#[test]
fn a_receiver_whose_policy_lost_its_breaker_gets_what_is_held() {
    let breaker = breaker(1, NOW);
    assert_eq!(decide(&breaker, Some(&without_probes()), NOW, 0.5), Step::Release);
    let health = Health { has_open_breaker: false, ..failing().health };
    let closed = Receiver { health, ..failing() };
    assert_eq!(decide(&breaker, Some(&closed), NOW, 0.5), Step::Release);
}

#[test]
fn who_waits_longest_is_probed_first_and_who_is_not_due_is_not() {
    let at = |seconds: u32| NOW.after(seconds * SECOND);
    let all = vec![breaker(1, at(60)), breaker(2, at(61)), breaker(3, at(0)), breaker(4, at(5))];
    let due: Vec<_> = due(all, at(60)).into_iter().map(|breaker| breaker.subscription).collect();
    assert_eq!(due, [3, 4, 1].map(|n| SubscriptionId::new(NOW, n)));
}

proptest! {
    #[test]
    fn a_probe_is_never_before_its_time_and_the_next_one_comes_after_it(
        due in -3_600i64..60,
        probes in 0u32..40,
        random in 0.0f64..=1.0,
    ) {
        let due = Timestamp::from_millis(NOW.as_millis() + due * 1_000);
        let breaker = Breaker { probes, ..breaker(1, due) };
        let Step::Probe { at, next } = decide(&breaker, Some(&failing()), NOW, random) else {
            return Err(TestCaseError::fail("it is probed"));
        };
        prop_assert!(at >= due && at >= NOW);
        prop_assert!(next.next_probe_at > at && next.probes == probes + 1);
    }
}
