use super::*;

/// A fiftieth of the day, with receivers for it.
const SMALL: Load = Load { events: 20_000, dead: 10, healthy: 5, hours: 6 };

#[test]
fn dead_receivers_fill_no_queue_hold_up_nobody_and_get_everything_when_they_are_back() {
    let Outcome { hours, done_after_ms } = simulate(SMALL, AS_IT_IS);
    assert_eq!((hours.delivered, hours.exhausted), (40_000, 0));
    assert!(done_after_ms.is_some_and(|after| after < HOUR_MS), "{done_after_ms:?}");
    assert!(hours.most_in_flight() < 2_000, "{}", hours.most_in_flight());
    assert_eq!(hours.waits(), [0, 0, 0]);
    assert_eq!(
        hours.hours[5].held,
        20_000 - hours.hours[5].parked,
        "all that the dead were sent waits"
    );
}

#[test]
fn it_is_the_breaker_that_spares_the_attempts() {
    let with = simulate(SMALL, AS_IT_IS).hours;
    let without = simulate(SMALL, Variant { has_breaker: false, ..AS_IT_IS }).hours;
    assert!(
        without.in_vain() > 20 * with.in_vain(),
        "{} and {}",
        without.in_vain(),
        with.in_vain()
    );
    assert!(without.most_in_flight() > 4 * with.most_in_flight());
}
