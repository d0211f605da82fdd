//! Profiles: named delivery policies that a subscription starts from, kept as JSON files in `shared/profiles/`.

use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The longest schedule: this many waits after the first attempt.
pub const MAX_RETRIES: usize = 20;
/// The longest single wait: seven days.
pub const MAX_WAIT_SECONDS: u32 = 604_800;
/// An attempt's timeout: 1 to 30 seconds.
pub const MAX_TIMEOUT_SECONDS: u8 = 30;

/// A profile as its file says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// What a subscription calls it.
    pub name: String,
    /// What it promises, for people.
    pub description: String,
    /// Seconds from a failed attempt to the next, one entry a retry; empty for no retries.
    pub retry_waits_seconds: Vec<u32>,
    /// How far a wait may stray to either side, in percent of it (0–50).
    pub jitter_percent: u8,
    /// Seconds that an attempt may take in all.
    pub timeout_seconds: u8,
    /// Answers that disable the subscription at once.
    pub disable_on_status: Vec<u16>,
}

static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    [include_str!("../profiles/standard.json")]
        .iter()
        .map(|file| serde_json::from_str(file).expect("every file in shared/profiles is checked by a test"))
        .collect()
});

/// The profile that a subscription has when it names none.
pub const DEFAULT: &str = "standard";

/// All profiles of this build.
#[must_use]
pub fn all() -> &'static [Profile] {
    &PROFILES
}

/// The profile of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Profile> {
    PROFILES.iter().find(|profile| profile.name == name)
}

/// What a subscription overrides of its profile; a field that is absent is the profile's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overrides {
    /// See [`Profile::retry_waits_seconds`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_waits_seconds: Option<Vec<u32>>,
    /// See [`Profile::jitter_percent`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jitter_percent: Option<u8>,
    /// See [`Profile::timeout_seconds`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u8>,
}

/// An override out of bounds: which field, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidOverride {
    /// The field's name.
    pub field: &'static str,
    /// What is wanted.
    pub wanted: String,
}

impl fmt::Display for InvalidOverride {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.wanted)
    }
}

impl std::error::Error for InvalidOverride {}

impl Overrides {
    /// Checks every bound.
    pub fn check(&self) -> Result<(), InvalidOverride> {
        let wrong = |field, wanted: String| Err(InvalidOverride { field, wanted });
        if let Some(waits) = &self.retry_waits_seconds
            && (waits.len() > MAX_RETRIES || waits.iter().any(|wait| !(1..=MAX_WAIT_SECONDS).contains(wait)))
        {
            return wrong(
                "retry_waits_seconds",
                format!("at most {MAX_RETRIES} waits of 1 to {MAX_WAIT_SECONDS} seconds are wanted"),
            );
        }
        if self.jitter_percent.is_some_and(|jitter| jitter > 50) {
            return wrong("jitter_percent", "0 to 50 is wanted".to_owned());
        }
        if self.timeout_seconds.is_some_and(|timeout| !(1..=MAX_TIMEOUT_SECONDS).contains(&timeout)) {
            return wrong("timeout_seconds", format!("1 to {MAX_TIMEOUT_SECONDS} is wanted"));
        }
        Ok(())
    }
}

/// How one subscription's deliveries are made: its profile with its overrides applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Waits between attempts, one entry a retry.
    pub retry_waits: Vec<Duration>,
    /// How far a wait may stray to either side, in percent of it.
    pub jitter_percent: u8,
    /// What an attempt may take in all.
    pub timeout: Duration,
    /// Answers that disable the subscription at once.
    pub disable_on_status: Vec<u16>,
}

impl Policy {
    /// Lays `overrides` over `profile`.
    #[must_use]
    pub fn new(profile: &Profile, overrides: &Overrides) -> Self {
        let waits = overrides.retry_waits_seconds.as_ref().unwrap_or(&profile.retry_waits_seconds);
        Self {
            retry_waits: waits.iter().map(|wait| Duration::from_secs(u64::from(*wait))).collect(),
            jitter_percent: overrides.jitter_percent.unwrap_or(profile.jitter_percent),
            timeout: Duration::from_secs(u64::from(overrides.timeout_seconds.unwrap_or(profile.timeout_seconds))),
            disable_on_status: profile.disable_on_status.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_reads_and_keeps_the_bounds_of_an_override() {
        assert!(find(DEFAULT).is_some());
        for profile in all() {
            let same = Overrides {
                retry_waits_seconds: Some(profile.retry_waits_seconds.clone()),
                jitter_percent: Some(profile.jitter_percent),
                timeout_seconds: Some(profile.timeout_seconds),
            };
            same.check().expect("within bounds");
            assert_eq!(Policy::new(profile, &same), Policy::new(profile, &Overrides::default()));
        }
    }

    #[test]
    fn an_override_out_of_bounds_names_its_field() {
        let check = |json: &str| serde_json::from_str::<Overrides>(json).unwrap().check().map_err(|e| e.field);
        assert_eq!(check(r#"{"timeout_seconds":0}"#), Err("timeout_seconds"));
        assert_eq!(check(r#"{"timeout_seconds":31}"#), Err("timeout_seconds"));
        assert_eq!(check(r#"{"jitter_percent":51}"#), Err("jitter_percent"));
        assert_eq!(check(r#"{"retry_waits_seconds":[0]}"#), Err("retry_waits_seconds"));
        assert_eq!(check(r#"{"retry_waits_seconds":[]}"#), Ok(()));
        assert!(serde_json::from_str::<Overrides>(r#"{"timeout":1}"#).is_err());
    }
}
