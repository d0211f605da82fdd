use std::error::Error;

use super::*;
use crate::core::sealing::SealingError;
use crate::core::subscription::policy::InvalidPolicy;

#[test]
fn a_failure_says_what_its_cause_says_and_keeps_the_chain() {
    let policy = InvalidPolicy { path: "retry".to_owned(), wanted: "an object".to_owned() };
    let failure = Failure::from(Unusable::Policy(policy.clone()));
    assert_eq!(
        failure.to_string(),
        "a subscription's overrides do not fit its profile: retry: an object"
    );
    let source = failure.source().and_then(|error| error.downcast_ref::<InvalidPolicy>());
    assert_eq!(source, Some(&policy));

    let failure = Failure::from(Unusable::from(SealingError::Damaged));
    assert_eq!(failure.to_string(), SealingError::Damaged.to_string());
    assert!(failure.source().is_none(), "the innermost says it itself");
}
