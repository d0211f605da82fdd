use super::*;
use crate::core::subscription::profile;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_millis(1_445_412_480_000); // Wed, 21 Oct 2015 07:28:00 GMT

fn standard() -> Policy {
    profile::find("standard").expect("there").policy.as_ref().clone()
}

fn failed(status: u16, retry_after: Option<&str>) -> Result<'_> {
    Result { outcome: Outcome::Rejected, status: Some(status), retry_after, ending: None }
}

#[test]
fn the_standard_schedule_waits_as_written_and_ends() {
    let policy = standard();
    let waits: Vec<_> = (1..=7)
        .map(|made| match after(&policy, made, failed(500, None), NOW, 0.5) {
            Verdict::Retry(wait) => wait.as_secs_f64().round(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(waits, [5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 36000.0]);
    assert!(matches!(after(&policy, 8, failed(500, None), NOW, 0.5), Verdict::Exhausted(_)));
}

#[test]
fn success_blocked_and_gone_end_it() {
    let policy = standard();
    let of = |outcome, ending| {
        after(&policy, 1, Result { outcome, status: None, retry_after: None, ending }, NOW, 0.0)
    };
    assert_eq!(of(Outcome::Succeeded, None), Verdict::Delivered);
    assert_eq!(of(Outcome::Succeeded, Some(Ending::Unsubscribed)), Verdict::Delivered);
    assert!(matches!(of(Outcome::Blocked, None), Verdict::Exhausted(_)));
    let gone = Verdict::Exhausted(Reason::Ended(Ending::Disabled(410)));
    assert_eq!(of(Outcome::Rejected, Some(Ending::Disabled(410))), gone);
    assert!(matches!(of(Outcome::TimedOut, None), Verdict::Retry(_)));
}

#[test]
fn retry_after_moves_later_never_earlier_and_only_on_429_and_503() {
    let policy = standard();
    let wait = |result| match after(&policy, 1, result, NOW, 0.5) {
        Verdict::Retry(wait) => wait.as_secs(),
        other => panic!("{other:?}"),
    };
    assert_eq!(wait(failed(429, Some("120"))), 120);
    assert_eq!(wait(failed(503, Some("Wed, 21 Oct 2015 07:29:00 GMT"))), 60);
    assert_eq!(wait(failed(503, Some("1"))), 5);
    assert_eq!(wait(failed(503, Some("Wed, 21 Oct 2015 07:00:00 GMT"))), 5);
    assert_eq!(wait(failed(500, Some("120"))), 5);
    assert_eq!(wait(failed(429, Some("999999999999999999999999"))), 43_200);
    assert_eq!(wait(failed(429, Some("soon"))), 5);
    let deaf = Policy { max_retry_after_seconds: 0, ..policy.clone() };
    assert_eq!(
        after(&deaf, 1, failed(429, Some("120")), NOW, 0.5),
        Verdict::Retry(Duration::from_secs(5))
    );
}

#[test]
fn a_wait_is_hidden_up_to_the_limit_and_parked_beyond() {
    let limit = Duration::from_mins(15);
    let at = |millis| place(NOW, NOW.after(Duration::from_millis(millis)), limit);
    assert_eq!(at(0), Placement::Hide(0));
    assert_eq!(at(1), Placement::Hide(1));
    assert_eq!(at(900_000), Placement::Hide(900));
    assert_eq!(at(900_001), Placement::Park);
}

#[test]
fn a_crowded_queue_hides_nothing_for_longer_than_a_minute() {
    let most = Duration::from_mins(15);
    assert_eq!(hide_limit(0, most), most);
    assert_eq!(hide_limit(MANY_IN_FLIGHT, most), most);
    assert_eq!(hide_limit(MANY_IN_FLIGHT + 1, most), SHORT_HIDE_LIMIT);
    let seconds = Duration::from_secs(5);
    assert_eq!(hide_limit(MANY_IN_FLIGHT + 1, seconds), seconds, "it makes no limit longer");
}

proptest! {
    #[test]
    fn jitter_stays_within_its_share(made in 1u32..8, random in 0.0f64..=1.0) {
        let policy = standard();
        let Verdict::Retry(wait) = after(&policy, made, failed(500, None), NOW, random) else { panic!("a retry") };
        let planned = Duration::from_secs(u64::from(policy.retry_waits_seconds[made as usize - 1]));
        prop_assert!(wait >= planned.mul_f64(0.8999) && wait <= planned.mul_f64(1.1001));
    }

    #[test]
    fn any_retry_after_is_read_or_passed_over(value in "\\PC{0,40}") {
        let _ = retry_after(&value, NOW);
        let Verdict::Retry(wait) = after(&standard(), 1, failed(429, Some(&value)), NOW, 0.5) else { panic!("a retry") };
        prop_assert!((5..=43_200).contains(&wait.as_secs()));
    }
}
