//! What follows an attempt: nothing, another one after a wait, or the end.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::attempt::Outcome;
use crate::profile::Policy;
use crate::timestamp::Timestamp;

/// The longest that a receiver can put off the next attempt by `Retry-After`: 12 hours.
pub const MAX_RETRY_AFTER: Duration = Duration::from_hours(12);

/// What follows an attempt that the schedule made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver has it.
    Delivered,
    /// Another attempt after this wait.
    Retry(Duration),
    /// No further attempt.
    Exhausted(&'static str),
    /// No further attempt, and the receiver wants no other deliveries either.
    Disable(u16),
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
}

/// Decides what follows the `made`-th scheduled attempt (1 for the first), which ended at `now`. `random` lies in
/// 0..=1 and spreads the wait within the policy's jitter.
#[must_use]
pub fn after(policy: &Policy, made: u32, result: Result<'_>, now: Timestamp, random: f64) -> Verdict {
    match (result.outcome, result.status) {
        (Outcome::Succeeded, _) => return Verdict::Delivered,
        (Outcome::Blocked, _) => return Verdict::Exhausted("the address is blocked, and stays so"),
        (_, Some(status)) if policy.disable_on_status.contains(&status) => return Verdict::Disable(status),
        _ => {}
    }
    let Some(wait) = policy.retry_waits.get(made.saturating_sub(1) as usize) else {
        return Verdict::Exhausted("every attempt of the schedule was made");
    };
    let wait = spread(*wait, policy.jitter_percent, random);
    let asked = match result.status {
        Some(429 | 503) => result.retry_after.and_then(|value| retry_after(value, now)),
        _ => None,
    };
    Verdict::Retry(asked.map_or(wait, |asked| wait.max(asked)))
}

fn spread(wait: Duration, jitter_percent: u8, random: f64) -> Duration {
    let share = f64::from(jitter_percent) / 100.0;
    wait.mul_f64(1.0 - share + 2.0 * share * random.clamp(0.0, 1.0))
}

/// Reads a `Retry-After` value (RFC 9110 §10.2.3: seconds or an HTTP date) as a wait from `now`, at most
/// [`MAX_RETRY_AFTER`]. `None` if it is neither.
#[must_use]
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let wait = if value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty() {
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        let date = OffsetDateTime::parse(&value.replace("GMT", "+0000"), &Rfc2822).ok()?;
        now.until(Timestamp::from_millis(date.unix_timestamp().saturating_mul(1000)))
    };
    Some(wait.min(MAX_RETRY_AFTER))
}

/// How a wait is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// The message stays in the queue, hidden for this many seconds.
    Hide(i32),
    /// The row is marked due, and the message is deleted.
    Park,
}

/// Chooses how to wait from `now` until `at`. Waits are rounded up to whole seconds, so that none is shortened.
#[must_use]
pub fn place(now: Timestamp, at: Timestamp, hide_limit: Duration) -> Placement {
    let wait = now.until(at);
    if wait > hide_limit {
        return Placement::Park;
    }
    let seconds = wait.as_millis().div_ceil(1000);
    Placement::Hide(i32::try_from(seconds).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{self, Overrides};
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_millis(1_445_412_480_000); // Wed, 21 Oct 2015 07:28:00 GMT

    fn standard() -> Policy {
        Policy::new(profile::find("standard").expect("there"), &Overrides::default())
    }

    fn failed(status: u16, retry_after: Option<&str>) -> Result<'_> {
        Result { outcome: Outcome::Rejected, status: Some(status), retry_after }
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
        let of = |outcome, status| after(&policy, 1, Result { outcome, status, retry_after: None }, NOW, 0.0);
        assert_eq!(of(Outcome::Succeeded, Some(204)), Verdict::Delivered);
        assert!(matches!(of(Outcome::Blocked, None), Verdict::Exhausted(_)));
        assert_eq!(of(Outcome::Rejected, Some(410)), Verdict::Disable(410));
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
            let planned = policy.retry_waits[made as usize - 1];
            prop_assert!(wait >= planned.mul_f64(0.8999) && wait <= planned.mul_f64(1.1001));
        }

        #[test]
        fn any_retry_after_is_read_or_passed_over(value in "\\PC{0,40}") {
            if let Some(wait) = retry_after(&value, NOW) {
                prop_assert!(wait <= MAX_RETRY_AFTER);
            }
        }
    }
}
