//! Which messages of a batch failed, from the function's answer.
//!
//! See "Success and failure conditions" in
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>.

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    batch_item_failures: Option<Vec<Failure>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: Option<String>,
}

/// For each id whether its message failed, or why the whole batch did.
pub(super) fn failures(answer: &[u8], ids: &[&str]) -> Result<Vec<bool>, String> {
    let mut failed = vec![false; ids.len()];
    let Some(answer) =
        serde_json::from_slice::<Option<Answer>>(answer).map_err(|error| error.to_string())?
    else {
        return Ok(failed);
    };
    for failure in answer.batch_item_failures.unwrap_or_default() {
        let id = failure.item_identifier.unwrap_or_default();
        let at = ids.iter().position(|other| *other == id);
        let at =
            at.ok_or_else(|| format!("itemIdentifier {id:?} is none of the batch's messages"))?;
        failed[at] = true;
    }
    Ok(failed)
}

#[cfg(test)]
mod tests;
