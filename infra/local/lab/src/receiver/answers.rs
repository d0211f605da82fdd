//! What a path answers.

use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;

/// How long `/slow` takes: longer than the standard profile's timeout of 15 s.
const SLOW: Duration = Duration::from_secs(20);
/// Attempts of each event that `/fail-twice` refuses.
const FAILED_ATTEMPTS: u32 = 2;

/// What a delivery is answered, and after how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// Time that passes before it.
    pub after: Duration,
}

/// Each path's answers: its own, or one that was set by hand.
#[derive(Debug, Default)]
pub(super) struct Answers {
    set: BTreeMap<String, StatusCode>,
    refused: BTreeMap<String, (u32, StatusCode)>,
}

impl Answers {
    /// Sets a path's answer; None is back to what the path says.
    pub(super) fn set(&mut self, path: &str, status: Option<StatusCode>) {
        match status {
            Some(status) => self.set.insert(path.to_owned(), status),
            None => self.set.remove(path),
        };
    }

    /// Refuses the first attempts of each event at a path.
    pub(super) fn refuse_first(&mut self, path: &str, attempts: u32, status: StatusCode) {
        self.refused.insert(path.to_owned(), (attempts, status));
    }

    /// What was set by hand.
    pub(super) fn set_by_hand(&self) -> BTreeMap<&str, u16> {
        self.set.iter().map(|(path, status)| (path.as_str(), status.as_u16())).collect()
    }

    /// The answer to an event's attempt of this number at this path.
    pub(super) fn of(&self, path: &str, attempt: u32) -> Answer {
        if let Some(status) = self.set.get(path) {
            return Answer { status: *status, after: Duration::ZERO };
        }
        if let Some((_, status)) =
            self.refused.get(path).filter(|(attempts, _)| attempt <= *attempts)
        {
            return Answer { status: *status, after: Duration::ZERO };
        }
        let status = match path {
            "/fail" => StatusCode::INTERNAL_SERVER_ERROR,
            "/fail-twice" if attempt <= FAILED_ATTEMPTS => StatusCode::INTERNAL_SERVER_ERROR,
            "/gone" => StatusCode::GONE,
            "/redirect" => StatusCode::FOUND,
            _ => StatusCode::OK,
        };
        Answer { status, after: if path == "/slow" { SLOW } else { Duration::ZERO } }
    }
}
