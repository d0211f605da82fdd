use super::*;

fn plan(kinds: &str, seed: u64) -> Plan {
    Plan { kinds: kinds.parse().unwrap(), seed }
}

fn struck(plan: &Plan, kind: Kind, second: u64) -> Vec<u64> {
    (0..10_000).filter(|number| plan.strikes(kind, second, *number).is_some()).collect()
}

#[test]
fn kinds_are_read_as_they_are_shown() {
    let read = |text: &str| text.parse::<Kinds>().map(|kinds| kinds.to_string());
    assert_eq!(read("all").unwrap(), "kill,throttle,internal,sqs,duplicate,reorder,slow,outage");
    assert_eq!(read("all,clock").unwrap(), format!("{},clock", read("all").unwrap()));
    assert_eq!(read("slow, kill").unwrap(), "kill,slow");
    assert_eq!(read("none").unwrap(), "none");
    assert!(read("kill,flood").unwrap_err().starts_with("\"flood\" is none of kill, "));
}

#[test]
fn a_seed_decides_the_same_again_and_another_one_otherwise() {
    let first = struck(&plan("all", 7), Kind::Duplicate, 0);
    assert_eq!(first, struck(&plan("all", 7), Kind::Duplicate, 0));
    assert_ne!(first, struck(&plan("all", 8), Kind::Duplicate, 0));
}

#[test]
fn one_second_in_ten_is_a_storm_in_which_every_other_request_fails() {
    let plan = plan("throttle", 42);
    let counts: Vec<_> =
        (0..200).map(|second| struck(&plan, Kind::Throttle, second).len()).collect();
    let storms = counts.iter().filter(|count| (4_700..5_300).contains(*count)).count();
    let calm = counts.iter().filter(|count| (5..50).contains(*count)).count();
    assert_eq!(storms + calm, counts.len(), "{counts:?}");
    assert!((10..35).contains(&storms), "{storms}");
}

#[test]
fn kinds_that_are_not_wanted_do_not_strike() {
    let plan = plan("kill,throttle", 42);
    assert!((0..50).all(|second| struck(&plan, Kind::Internal, second).is_empty()));
}
