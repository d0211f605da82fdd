use super::*;

#[test]
fn each_type_goes_to_those_that_want_it() {
    let wanted = |kind| SUBSCRIPTIONS.map(|(filter, _)| filter.matches(kind));
    assert_eq!(wanted(0), [true, true, true, false, true]);
    assert_eq!(wanted(1), [true, false, true, false, true]);
    assert_eq!(wanted(2), [true, false, false, true, false]);
    assert_eq!(wanted(3), [true, false, false, false, false]);
}

#[test]
fn only_subscriptions_that_wait_for_it_are_refused() {
    let refused = [0, 1, 2, 3, 4].map(|place| is_refused_first(place, "evt_01JZZ0"));
    assert_eq!(refused, [false, false, true, true, false]);
    assert!(!is_refused_first(2, "evt_01JZZ7"));
}
