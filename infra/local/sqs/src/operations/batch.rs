//! What the batch actions share: the rules for a batch as a whole, and the answer in two lists.

use std::collections::HashSet;

use serde::Serialize;

use crate::refusal::{Kind, Refusal};

/// Most entries of a batch (SQS message quotas).
const MOST_ENTRIES: usize = 10;

/// An entry that was refused.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Failure {
    id: String,
    sender_fault: bool,
    code: &'static str,
    message: String,
}

/// The answer to a batch: every entry in one of the lists.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Outcome<T> {
    successful: Vec<T>,
    failed: Vec<Failure>,
}

impl<T> Outcome<T> {
    /// Sorts the results of the entries with these ids.
    pub(crate) fn of<R>(
        ids: Vec<String>,
        results: Vec<Result<R, Refusal>>,
        tell: impl Fn(String, R) -> T,
    ) -> Outcome<T> {
        let mut outcome = Outcome { successful: Vec::with_capacity(ids.len()), failed: Vec::new() };
        for (id, result) in ids.into_iter().zip(results) {
            match result {
                Ok(done) => outcome.successful.push(tell(id, done)),
                Err(Refusal { kind, message }) => {
                    outcome.failed.push(Failure {
                        id,
                        sender_fault: kind.is_callers(),
                        code: kind.code(),
                        message,
                    });
                }
            }
        }
        outcome
    }
}

/// Checks the number and the ids of a batch's entries, whose type in the API is `entry`.
pub(crate) fn check(ids: &[String], entry: &str) -> Result<(), Refusal> {
    if ids.is_empty() {
        let message = format!("There should be at least one {entry} in the request.");
        return Err(Refusal::new(Kind::EmptyBatchRequest, message));
    }
    if ids.len() > MOST_ENTRIES {
        let message = format!(
            "Maximum number of entries per request are {MOST_ENTRIES}. You have sent {}.",
            ids.len()
        );
        return Err(Refusal::new(Kind::TooManyEntriesInBatchRequest, message));
    }
    let mut seen = HashSet::with_capacity(ids.len());
    for id in ids {
        let known = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if id.is_empty() || id.len() > 80 || !known {
            let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be \
                           at most 80 letters long.";
            return Err(Refusal::new(Kind::InvalidBatchEntryId, message));
        }
        if !seen.insert(id) {
            return Err(Refusal::new(Kind::BatchEntryIdsNotDistinct, format!("Id {id} repeated.")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
