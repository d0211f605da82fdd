//! Delivery policies: what a profile's file and a subscription's overrides say, checked.
//! `profiles/README.md` describes every field.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::core::body::Template;
use crate::core::subscription::custom_headers;
use crate::core::subscription::status_rule::StatusRule;

/// The longest schedule: this many waits after the first attempt.
pub const MAX_RETRIES: usize = 20;
/// The longest single wait: seven days.
pub const MAX_WAIT_SECONDS: u32 = 604_800;
/// An attempt's timeout: 1 to 30 seconds.
pub const MAX_TIMEOUT_SECONDS: u8 = 30;
/// The longest that a receiver can put off the next attempt by `Retry-After`: 12 hours.
pub const MAX_RETRY_AFTER_SECONDS: u32 = 43_200;
/// The highest rate limit: 1,000 a minute.
pub const MAX_RATE_PER_MINUTE: u32 = 1_000;
/// The most time in failed attempts before a subscription counts as failing: an hour.
pub const MAX_FAILING_SECONDS: u32 = 3_600;
/// The longest wait before a probe: a day.
pub const MAX_PROBE_WAIT_SECONDS: u32 = 86_400;
/// The longest that a subscription may be failing before it is disabled, if it ever is: a year.
pub const MAX_FAILING_HOURS: u32 = 8_760;
/// Held deliveries of one subscription that may be under way at the same time: what one read of
/// many rows takes.
pub const MAX_RELEASE_CONCURRENCY: u32 = 100;
/// Rules over statuses in one list at most.
const MAX_RULES: usize = 50;
/// An unsubscribe phrase has 8 to 200 characters: a shorter one might be met by chance.
const PHRASE_LEN: std::ops::RangeInclusive<usize> = 8..=200;
/// Characters of the prefix of a signature's value at most.
const MAX_PREFIX_LEN: usize = 32;

/// How deliveries are made. Each field is one of a profile's file, and of a subscription's
/// overrides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Seconds from the end of a failed attempt to the next, one entry a retry; empty for no
    /// retries.
    #[schemars(length(max = MAX_RETRIES), inner(range(min = 1, max = MAX_WAIT_SECONDS)), example = [5, 300, 1800])]
    pub retry_waits_seconds: Vec<u32>,
    /// How far a wait may stray to either side, in percent of it (0–50).
    #[schemars(range(max = 50), example = 10)]
    pub jitter_percent: u8,
    /// How far a receiver may move the next attempt by `Retry-After` on 429 and 503; 0 to pay it no
    /// heed.
    #[schemars(range(max = MAX_RETRY_AFTER_SECONDS), example = MAX_RETRY_AFTER_SECONDS)]
    pub max_retry_after_seconds: u32,
    /// Seconds that an attempt may take in all.
    #[schemars(range(min = 1, max = MAX_TIMEOUT_SECONDS), example = 15)]
    pub timeout_seconds: u8,
    /// Answers that mean that the receiver has it.
    #[schemars(length(min = 1, max = MAX_RULES), example = ["2xx"])]
    pub success_status: Vec<StatusRule>,
    /// Answers that disable the subscription at once.
    #[schemars(length(max = MAX_RULES), example = [410])]
    pub disable_on_status: Vec<StatusRule>,
    /// An answer that contains this text, in capitals or not, deletes the subscription; empty for
    /// none.
    #[schemars(length(max = *PHRASE_LEN.end()), regex(pattern = r"^([\s\S]{8,})?$"), example = &"")]
    pub delete_on_response_text: String,
    /// No minute has more attempts than this; 0 for no limit.
    #[schemars(range(max = MAX_RATE_PER_MINUTE), example = 0)]
    pub rate_limit_per_minute: u32,
    /// After so many failed attempts in a row the subscription counts as failing.
    #[schemars(range(min = 1, max = 1_000), example = 20)]
    pub failing_after_attempts: u32,
    /// Or after so many seconds that failed attempts in a row took in all; 0 for attempts alone.
    #[schemars(range(max = MAX_FAILING_SECONDS), example = 60)]
    pub failing_after_seconds: u32,
    /// While it is failing its deliveries are held, and one is sent as a probe after each of these
    /// waits, the last of them again and again; empty for no such breaker: every delivery keeps to
    /// its own schedule.
    #[schemars(length(max = MAX_RETRIES), inner(range(min = 1, max = MAX_PROBE_WAIT_SECONDS)), example = [30, 60, 120, 240, 480, 900])]
    pub probe_waits_seconds: Vec<u32>,
    /// Failing for so long without one success, it is disabled; 0 for never.
    #[schemars(range(max = MAX_FAILING_HOURS), example = 120)]
    pub disable_after_failing_hours: u32,
    /// Of its held deliveries at most so many are under way at the same time when they are
    /// released.
    #[schemars(range(min = 1, max = MAX_RELEASE_CONCURRENCY), example = 20)]
    pub release_concurrency: u32,
    /// What proves to the receiver who sent it.
    pub signature: Scheme,
    /// The request's body.
    pub body: Template,
    /// How the body is written.
    pub body_format: Format,
}

/// What proves to the receiver who sent a request. Standard Webhooks headers go out under every
/// scheme; another scheme's header goes out in addition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Scheme {
    /// Standard Webhooks alone.
    #[schemars(extend("additionalProperties" = false))]
    StandardWebhooks {},
    /// A header with `prefix` and the lower-case hex HMAC-SHA256 of the body, keyed with the secret
    /// as UTF-8 text.
    #[schemars(extend("additionalProperties" = false))]
    HmacSha256Hex {
        /// Its name.
        #[schemars(length(max = custom_headers::MAX_NAME_LEN), regex(pattern = custom_headers::NAME_PATTERN))]
        header: String,
        /// What stands before the hex.
        #[schemars(length(max = MAX_PREFIX_LEN), regex(pattern = "^[!-~]*$"))]
        prefix: String,
    },
    /// A header with the secret itself.
    #[schemars(extend("additionalProperties" = false))]
    Token {
        /// Its name.
        #[schemars(length(max = custom_headers::MAX_NAME_LEN), regex(pattern = custom_headers::NAME_PATTERN))]
        header: String,
    },
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// As the template says.
    Json,
    /// As one XML document: see [`crate::core::body::xml`].
    Xml,
}

/// A policy out of bounds: which field, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {wanted}")]
pub struct InvalidPolicy {
    /// The field's path.
    pub path: String,
    /// What is wanted.
    pub wanted: String,
}

impl Policy {
    /// What an attempt may take in all.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.timeout_seconds))
    }

    /// Whether deliveries are held while the receiver fails.
    #[must_use]
    pub const fn has_breaker(&self) -> bool {
        !self.probe_waits_seconds.is_empty()
    }

    /// How long a subscription may be failing before it is disabled; `None` for ever.
    #[must_use]
    pub fn disable_after_failing(&self) -> Option<Duration> {
        let hours = self.disable_after_failing_hours;
        (hours > 0).then(|| Duration::from_hours(u64::from(hours)))
    }

    /// Whether an answer of this status means that the receiver has it.
    #[must_use]
    pub fn is_success(&self, status: u16) -> bool {
        self.success_status.iter().any(|rule| rule.covers(status))
    }

    /// Whether an answer of this status disables the subscription.
    #[must_use]
    pub fn disables(&self, status: u16) -> bool {
        self.disable_on_status.iter().any(|rule| rule.covers(status))
    }

    /// Whether an answer with this body (what was read of it) deletes the subscription.
    #[must_use]
    pub fn unsubscribes(&self, body: &[u8]) -> bool {
        let phrase = self.delete_on_response_text.as_bytes();
        !phrase.is_empty()
            && body.windows(phrase.len()).any(|part| part.eq_ignore_ascii_case(phrase))
    }

    /// Reads a policy from the fields of its file or row, and checks every bound.
    pub(crate) fn read(fields: &BTreeMap<&str, &RawValue>) -> Result<Self, InvalidPolicy> {
        let invalid = |path: &str, wanted: String| InvalidPolicy { path: path.to_owned(), wanted };
        let json = serde_json::to_string(fields).map_err(|error| invalid("", error.to_string()))?;
        let mut json = serde_json::Deserializer::from_str(&json);
        let policy: Self = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let text = error.inner().to_string();
            invalid(
                &error.path().to_string(),
                text.split(" at line ").next().unwrap_or_default().to_owned(),
            )
        })?;
        policy.check()?;
        Ok(policy)
    }

    fn check(&self) -> Result<(), InvalidPolicy> {
        let waits = &self.retry_waits_seconds;
        check(
            waits.len() <= MAX_RETRIES
                && waits.iter().all(|wait| (1..=MAX_WAIT_SECONDS).contains(wait)),
            "retry_waits_seconds",
            &format_args!(
                "at most {MAX_RETRIES} waits of 1 to {MAX_WAIT_SECONDS} seconds are wanted"
            ),
        )?;
        check(self.jitter_percent <= 50, "jitter_percent", &"0 to 50 is wanted")?;
        check(
            self.max_retry_after_seconds <= MAX_RETRY_AFTER_SECONDS,
            "max_retry_after_seconds",
            &format_args!("0 to {MAX_RETRY_AFTER_SECONDS} is wanted"),
        )?;
        check(
            (1..=MAX_TIMEOUT_SECONDS).contains(&self.timeout_seconds),
            "timeout_seconds",
            &format_args!("1 to {MAX_TIMEOUT_SECONDS} is wanted"),
        )?;
        check(
            (1..=MAX_RULES).contains(&self.success_status.len()),
            "success_status",
            &format_args!("1 to {MAX_RULES} statuses or classes are wanted"),
        )?;
        check(
            self.disable_on_status.len() <= MAX_RULES,
            "disable_on_status",
            &format_args!("at most {MAX_RULES} statuses or classes are wanted"),
        )?;
        check(
            self.delete_on_response_text.is_empty()
                || PHRASE_LEN.contains(&self.delete_on_response_text.len()),
            "delete_on_response_text",
            &format_args!(
                "{} to {} bytes of text are wanted, or \"\" for none",
                PHRASE_LEN.start(),
                PHRASE_LEN.end()
            ),
        )?;
        check(
            self.rate_limit_per_minute <= MAX_RATE_PER_MINUTE,
            "rate_limit_per_minute",
            &format_args!("0 to {MAX_RATE_PER_MINUTE} is wanted; 0 for no limit"),
        )?;
        self.check_breaker()?;
        self.signature.check()
    }

    fn check_breaker(&self) -> Result<(), InvalidPolicy> {
        check(
            (1..=1_000).contains(&self.failing_after_attempts),
            "failing_after_attempts",
            &"1 to 1000 is wanted",
        )?;
        check(
            self.failing_after_seconds <= MAX_FAILING_SECONDS,
            "failing_after_seconds",
            &format_args!("0 to {MAX_FAILING_SECONDS} is wanted; 0 for attempts alone"),
        )?;
        let waits = &self.probe_waits_seconds;
        check(
            waits.len() <= MAX_RETRIES
                && waits.iter().all(|wait| (1..=MAX_PROBE_WAIT_SECONDS).contains(wait)),
            "probe_waits_seconds",
            &format_args!(
                "at most {MAX_RETRIES} waits of 1 to {MAX_PROBE_WAIT_SECONDS} seconds are wanted"
            ),
        )?;
        check(
            self.disable_after_failing_hours <= MAX_FAILING_HOURS,
            "disable_after_failing_hours",
            &format_args!("0 to {MAX_FAILING_HOURS} is wanted; 0 for never"),
        )?;
        check(
            (1..=MAX_RELEASE_CONCURRENCY).contains(&self.release_concurrency),
            "release_concurrency",
            &format_args!("1 to {MAX_RELEASE_CONCURRENCY} is wanted"),
        )
    }
}

fn check(right: bool, path: &str, wanted: &dyn fmt::Display) -> Result<(), InvalidPolicy> {
    if right {
        Ok(())
    } else {
        Err(InvalidPolicy { path: path.to_owned(), wanted: wanted.to_string() })
    }
}

impl Scheme {
    /// The header that it adds to those of Standard Webhooks.
    #[must_use]
    pub fn header(&self) -> Option<&str> {
        match self {
            Self::StandardWebhooks {} => None,
            Self::HmacSha256Hex { header, .. } | Self::Token { header } => Some(header),
        }
    }

    fn check(&self) -> Result<(), InvalidPolicy> {
        if let Some(Err(error)) = self.header().map(custom_headers::check_name) {
            return Err(InvalidPolicy {
                path: "signature.header".to_owned(),
                wanted: error.to_string(),
            });
        }
        match self {
            Self::HmacSha256Hex { prefix, .. }
                if prefix.len() > MAX_PREFIX_LEN
                    || !prefix.chars().all(|c| c.is_ascii_graphic()) =>
            {
                let wanted =
                    format!("at most {MAX_PREFIX_LEN} printable ASCII characters are wanted");
                Err(InvalidPolicy { path: "signature.prefix".to_owned(), wanted })
            }
            _ => Ok(()),
        }
    }
}
