use super::*;

#[test]
fn every_case_has_a_profile_and_an_example_and_says_every_wait() {
    for case in CASES {
        assert!(
            shared::core::subscription::profile::find(case.profile).is_some(),
            "{}",
            case.profile
        );
        assert!(case.data().is_ok(), "{}", case.profile);
        assert_eq!(case.waits.len() + 1, case.attempts as usize, "{}", case.profile);
    }
}
