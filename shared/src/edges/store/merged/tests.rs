use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn the_bounds_of_a_page_leave_out_what_was_seen_and_nothing_else(a in 1i64..1 << 41, r: u128, s: u128) {
        let id = |random| EventId::new(Timestamp::from_millis(a), random).to_string();
        let (seen, other) = (id(r), id(s));
        prop_assume!(seen != other);
        prop_assert_eq!(other < seen, other <= just_before(&seen));
        prop_assert_eq!(other > seen, other >= format!("{seen}!"));
        let around = just_before(&seen) < seen && format!("{seen}!") > seen;
        prop_assert!(around);
    }
}
