use super::*;

const GRACE: Duration = Duration::from_secs(5);

#[test]
fn a_stop_says_what_it_waits_for_and_that_nothing_is_lost() {
    assert_eq!(
        notice(&[("delivery", 1)].into(), GRACE, true).unwrap(),
        "Waiting for 1 running invocation of delivery, up to 5 s; Ctrl-C again to stop at once. \
         Nothing is lost: unfinished messages are delivered again."
    );
    let several = notice(&[("delivery", 2), ("fanout", 1)].into(), GRACE, true).unwrap();
    assert!(
        several.starts_with("Waiting for 3 running invocations of delivery (2), fanout (1), up to"),
        "{several}"
    );
}

#[test]
fn a_stack_that_keeps_nothing_does_not_promise_to_deliver_again() {
    let text = notice(&[("delivery", 2)].into(), GRACE, false).unwrap();
    assert!(text.contains("keeps nothing") && !text.contains("Nothing is lost"), "{text}");
}

#[test]
fn an_idle_stack_waits_for_nothing() {
    assert_eq!(notice(&BTreeMap::new(), GRACE, true), None);
}
