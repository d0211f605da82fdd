use super::Waiters;

#[test]
fn as_many_are_woken_as_the_messages_need() {
    let mut waiters = Waiters::default();
    let mut polls: Vec<_> = (0..3).map(|_| waiters.join(10, 1000).1).collect();
    waiters.wake(11);
    let woken: Vec<bool> = polls.iter_mut().map(|poll| poll.try_recv().is_ok()).collect();
    assert_eq!(woken, [true, true, false]);
}

#[test]
fn one_that_is_gone_takes_no_wake_away() {
    let mut waiters = Waiters::default();
    drop(waiters.join(1, 1000));
    let (number, mut second) = waiters.join(1, 1000);
    waiters.wake(1);
    assert!(second.try_recv().is_ok());
    assert!(!waiters.leave(number));
}

#[test]
fn only_those_that_would_look_too_late_are_woken_for_a_time() {
    let mut waiters = Waiters::default();
    let (_, mut early) = waiters.join(1, 500);
    let (_, mut late) = waiters.join(1, 1500);
    waiters.wake_later_than(1000);
    assert!(early.try_recv().is_err());
    assert!(late.try_recv().is_ok());
}
