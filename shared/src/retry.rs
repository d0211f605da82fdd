//! What follows an attempt: nothing, another one after a wait, or the end.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::attempt::{Ending, Outcome};
use crate::policy::Policy;
use crate::timestamp::Timestamp;

/// What follows an attempt that the schedule made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver has it.
    Delivered,
    /// Another attempt after this wait.
    Retry(Duration),
    /// No further attempt, for this reason.
    Exhausted(String),
}

/// An attempt as the schedule sees it.
#[derive(Debug, Clone, Copy)]
pub struct Result<'a> {
    /// How it ended.
    pub outcome: Outcome,
    /// The answer's status.
    pub status: Option<u16>,
    /// The answer's `Retry-After`.
    pub retry_after: Option<&'a str>,
    /// What it means for the subscription.
    pub ending: Option<Ending>,
}

/// Decides what follows the `made`-th scheduled attempt (1 for the first), which ended at `now`. `random` lies in
/// 0..=1 and spreads the wait within the policy's jitter.
#[must_use]
pub fn after(policy: &Policy, made: u32, result: Result<'_>, now: Timestamp, random: f64) -> Verdict {
    match (result.outcome, result.ending) {
        (Outcome::Succeeded, _) => return Verdict::Delivered,
        (Outcome::Blocked, _) => return Verdict::Exhausted("the address is blocked, and stays so".to_owned()),
        (_, Some(ending)) => return Verdict::Exhausted(ending.to_string()),
        _ => {}
    }
    let Some(wait) = policy.retry_waits_seconds.get(made.saturating_sub(1) as usize) else {
        return Verdict::Exhausted("every attempt of the schedule was made".to_owned());
    };
    let wait = spread(Duration::from_secs(u64::from(*wait)), policy.jitter_percent, random);
    let asked = match result.status {
        Some(429 | 503) => result.retry_after.and_then(|value| retry_after(value, now)),
        _ => None,
    };
    let asked = asked.map(|asked| asked.min(Duration::from_secs(u64::from(policy.max_retry_after_seconds))));
    Verdict::Retry(asked.map_or(wait, |asked| wait.max(asked)))
}

fn spread(wait: Duration, jitter_percent: u8, random: f64) -> Duration {
    let share = f64::from(jitter_percent) / 100.0;
    wait.mul_f64(1.0 - share + 2.0 * share * random.clamp(0.0, 1.0))
}

/// Reads a `Retry-After` value (RFC 9110 §10.2.3: seconds or an HTTP date) as a wait from `now`. `None` if it is
/// neither.
#[must_use]
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty() {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = OffsetDateTime::parse(&value.replace("GMT", "+0000"), &Rfc2822).ok()?;
    Some(now.until(Timestamp::from_millis(date.unix_timestamp().saturating_mul(1000))))
}

/// How a wait is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// The message stays in the queue, hidden for this many seconds.
    Hide(i32),
    /// The row is marked due, and the message is deleted.
    Park,
}

/// With more messages of a queue in flight than this, long waits are parked. SQS counts hidden messages as in flight and
/// hands out none any more at some 120,000.
pub const MANY_IN_FLIGHT: u64 = 10_000;
/// The longest wait that is hidden all the same: so long takes the scheduler to look again.
pub const SHORT_HIDE_LIMIT: Duration = Duration::from_mins(1);

/// How long a message may be hidden while so many of its queue are in flight, `most` at most.
#[must_use]
pub fn hide_limit(in_flight: u64, most: Duration) -> Duration {
    if in_flight > MANY_IN_FLIGHT { most.min(SHORT_HIDE_LIMIT) } else { most }
}

/// Chooses how to wait from `now` until `at`. Waits are rounded up to whole seconds, so that none is shortened.
#[must_use]
pub fn place(now: Timestamp, at: Timestamp, hide_limit: Duration) -> Placement {
    let wait = now.until(at);
    if wait > hide_limit {
        return Placement::Park;
    }
    Placement::Hide(whole_seconds(wait))
}

/// A wait as SQS takes it, rounded up so that none is shortened.
#[must_use]
pub fn whole_seconds(wait: Duration) -> i32 {
    i32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile;
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
        let of =
            |outcome, ending| after(&policy, 1, Result { outcome, status: None, retry_after: None, ending }, NOW, 0.0);
        assert_eq!(of(Outcome::Succeeded, None), Verdict::Delivered);
        assert_eq!(of(Outcome::Succeeded, Some(Ending::Unsubscribed)), Verdict::Delivered);
        assert!(matches!(of(Outcome::Blocked, None), Verdict::Exhausted(_)));
        let gone = Verdict::Exhausted("the receiver answered 410".to_owned());
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
        assert_eq!(after(&deaf, 1, failed(429, Some("120")), NOW, 0.5), Verdict::Retry(Duration::from_secs(5)));
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
}
