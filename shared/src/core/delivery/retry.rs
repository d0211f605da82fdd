//! What follows an attempt: nothing, another one after a wait, or the end.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::core::delivery::attempt::{Ending, Outcome};
use crate::core::delivery::reason::Reason;
use crate::core::subscription::policy::Policy;
use crate::core::timestamp::Timestamp;

/// What follows an attempt that the schedule made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver has it.
    Delivered,
    /// Another attempt after this wait.
    Retry(Duration),
    /// No further attempt, for this reason.
    Exhausted(Reason),
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

/// Decides what follows the `made`-th scheduled attempt (1 for the first), which ended at `now`.
/// `random` lies in 0..=1 and spreads the wait within the policy's jitter.
#[must_use]
pub fn after(
    policy: &Policy,
    made: u32,
    result: Result<'_>,
    now: Timestamp,
    random: f64,
) -> Verdict {
    match (result.outcome, result.ending) {
        (Outcome::Succeeded, _) => return Verdict::Delivered,
        (Outcome::Blocked, _) => {
            return Verdict::Exhausted(Reason::Blocked);
        }
        (_, Some(ending)) => return Verdict::Exhausted(Reason::Ended(ending)),
        _ => {}
    }
    let Some(wait) = policy.retry_waits_seconds.get(made.saturating_sub(1) as usize) else {
        return Verdict::Exhausted(Reason::ScheduleOver);
    };
    let wait = spread(Duration::from_secs(u64::from(*wait)), policy.jitter_percent, random);
    let asked = match result.status {
        Some(429 | 503) => result.retry_after.and_then(|value| retry_after(value, now)),
        _ => None,
    };
    let asked = asked
        .map(|asked| asked.min(Duration::from_secs(u64::from(policy.max_retry_after_seconds))));
    Verdict::Retry(asked.map_or(wait, |asked| wait.max(asked)))
}

/// A wait somewhere within its jitter.
pub(crate) fn spread(wait: Duration, jitter_percent: u8, random: f64) -> Duration {
    let share = f64::from(jitter_percent) / 100.0;
    wait.mul_f64(1.0 - share + 2.0 * share * random.clamp(0.0, 1.0))
}

/// Reads a `Retry-After` value (RFC 9110 §10.2.3: seconds or an HTTP date) as a wait from `now`.
/// `None` if it is neither.
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

/// With more messages of a queue in flight than this, long waits are parked. SQS counts hidden
/// messages as in flight and hands out none any more at some 120,000.
pub const MANY_IN_FLIGHT: u64 = 10_000;
/// The longest wait that is hidden all the same: so long takes the scheduler to look again.
pub const SHORT_HIDE_LIMIT: Duration = Duration::from_mins(1);

/// How long a message may be hidden while so many of its queue are in flight, `most` at most.
#[must_use]
pub fn hide_limit(in_flight: u64, most: Duration) -> Duration {
    if in_flight > MANY_IN_FLIGHT { most.min(SHORT_HIDE_LIMIT) } else { most }
}

/// Chooses how to wait from `now` until `at`. Waits are rounded up to whole seconds, so that none
/// is shortened.
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
mod tests;
