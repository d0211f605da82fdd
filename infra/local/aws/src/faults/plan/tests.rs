use super::*;

fn plan(kinds: &[Kind], seed: u64) -> Plan {
    Plan { kinds: kinds.iter().copied().collect(), seed }
}

fn struck(plan: &Plan, kind: Kind, second: u64) -> Vec<u64> {
    (0..10_000).filter(|number| plan.strikes(kind, second, *number).is_some()).collect()
}

#[test]
fn kinds_are_shown_once_each_and_in_their_order() {
    assert_eq!(plan(&[Kind::Slow, Kind::Kill, Kind::Slow], 7).kinds.to_string(), "kill,slow");
    assert_eq!(plan(&[], 7).kinds.to_string(), "none");
}

#[test]
fn a_seed_decides_the_same_again_and_another_one_otherwise() {
    let first = struck(&plan(&Kind::ALL, 7), Kind::Duplicate, 0);
    assert_eq!(first, struck(&plan(&Kind::ALL, 7), Kind::Duplicate, 0));
    assert_ne!(first, struck(&plan(&Kind::ALL, 8), Kind::Duplicate, 0));
}

#[test]
fn one_second_in_ten_is_a_storm_in_which_every_other_request_fails() {
    let plan = plan(&[Kind::Throttle], 42);
    let counts: Vec<_> =
        (0..200).map(|second| struck(&plan, Kind::Throttle, second).len()).collect();
    let storms = counts.iter().filter(|count| (4_700..5_300).contains(*count)).count();
    let calm = counts.iter().filter(|count| (5..50).contains(*count)).count();
    assert_eq!(storms + calm, counts.len(), "{counts:?}");
    assert!((10..35).contains(&storms), "{storms}");
}

#[test]
fn kinds_that_are_not_wanted_do_not_strike() {
    let plan = plan(&[Kind::Kill, Kind::Throttle], 42);
    assert!((0..50).all(|second| struck(&plan, Kind::Internal, second).is_empty()));
}
