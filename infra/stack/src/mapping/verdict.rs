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
    let Some(answer) = serde_json::from_slice::<Option<Answer>>(answer).map_err(|error| error.to_string())? else {
        return Ok(failed);
    };
    for failure in answer.batch_item_failures.unwrap_or_default() {
        let id = failure.item_identifier.unwrap_or_default();
        let at = ids.iter().position(|other| *other == id);
        let at = at.ok_or_else(|| format!("itemIdentifier {id:?} is none of the batch's messages"))?;
        failed[at] = true;
    }
    Ok(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(answer: &str) -> Result<Vec<bool>, String> {
        failures(answer.as_bytes(), &["a", "b", "c"])
    }

    #[test]
    fn an_empty_answer_is_complete_success() {
        for answer in ["null", "{}", r#"{"batchItemFailures":null}"#, r#"{"batchItemFailures":[]}"#] {
            assert_eq!(read(answer).unwrap(), [false, false, false], "{answer}");
        }
    }

    #[test]
    fn only_what_is_named_failed() {
        assert_eq!(read(r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#).unwrap(), [false, true, false]);
    }

    #[test]
    fn an_answer_that_names_no_message_of_the_batch_fails_all_of_it() {
        for failure in
            [r#"{"itemIdentifier":"z"}"#, r#"{"itemIdentifier":""}"#, r#"{"itemIdentifier":null}"#, r#"{"id":"b"}"#]
        {
            assert!(
                read(&format!(r#"{{"batchItemFailures":[{{"itemIdentifier":"a"}},{failure}]}}"#)).is_err(),
                "{failure}"
            );
        }
    }

    #[test]
    fn a_malformed_answer_fails_all_of_it() {
        for answer in ["", "{", r#""done""#, r#"{"batchItemFailures":"b"}"#, r#"{"batchItemFailures":[1]}"#] {
            assert!(read(answer).is_err(), "{answer}");
        }
    }
}
