//! The four platforms: whose sample event goes where, and how its receiver behaves.

use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::DemoError;

/// A platform.
#[derive(Debug)]
pub(super) struct Case {
    /// The tenant that the event belongs to.
    pub(super) tenant: &'static str,
    /// The receiver's path.
    pub(super) path: &'static str,
    /// What happens, in a line.
    pub(super) story: &'static str,
    /// Its event types and its event.
    sample: &'static str,
    /// What its subscription overrides of its profile, as JSON.
    pub(super) overrides: &'static str,
    /// What the receiver answers until it is repaired.
    pub(super) broken: Option<StatusCode>,
    /// How many attempts it takes.
    pub(super) attempts: u32,
}

/// A platform's file.
#[derive(Debug, Deserialize)]
pub(super) struct Sample {
    /// For the catalogue, as its import takes them.
    pub(super) event_types: Box<RawValue>,
    /// The event.
    pub(super) publish: Publish,
}

/// An event as its platform publishes it.
#[derive(Debug, Deserialize)]
pub(super) struct Publish {
    pub(super) r#type: String,
    /// Byte for byte.
    pub(super) data: Box<RawValue>,
}

impl Case {
    /// Reads its file.
    pub(super) fn sample(&self) -> Result<Sample, DemoError> {
        serde_json::from_str(self.sample).map_err(|error| DemoError::Sample(self.tenant, error))
    }
}

/// All of them.
pub(super) const CASES: [Case; 4] = [
    Case {
        tenant: "locally",
        path: "/locally",
        story: "accepts at once",
        sample: include_str!("../../cases/locally.json"),
        overrides: "{}",
        broken: None,
        attempts: 1,
    },
    Case {
        tenant: "market_123",
        path: "/fail-twice",
        story: "fails twice; the waits before the retries are shortened to 2 and 3 s, without jitter",
        sample: include_str!("../../cases/locallygrown.json"),
        overrides: r#"{"retry_waits_seconds":[2,3],"jitter_percent":0}"#,
        broken: None,
        attempts: 3,
    },
    Case {
        tenant: "front-systems",
        path: "/front-systems",
        story: "answers 404, and there are no retries; it is repaired, and the event resent on request",
        sample: include_str!("../../cases/front-systems.json"),
        overrides: r#"{"retry_waits_seconds":[]}"#,
        broken: Some(StatusCode::NOT_FOUND),
        attempts: 2,
    },
    Case {
        tenant: "cloudcart",
        path: "/cloudcart",
        story: "accepts at once",
        sample: include_str!("../../cases/cloudcart.json"),
        overrides: "{}",
        broken: None,
        attempts: 1,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_reads_and_publishes_a_type_of_its_own_catalogue() {
        for case in CASES {
            let sample = case.sample().unwrap();
            let name = format!(r#""name": "{}""#, sample.publish.r#type);
            assert!(sample.event_types.get().contains(&name), "{}", case.tenant);
        }
    }
}
