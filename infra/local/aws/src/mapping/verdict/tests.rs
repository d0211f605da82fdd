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
    assert_eq!(
        read(r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#).unwrap(),
        [false, true, false]
    );
}

#[test]
fn an_answer_that_names_no_message_of_the_batch_fails_all_of_it() {
    for failure in [
        r#"{"itemIdentifier":"z"}"#,
        r#"{"itemIdentifier":""}"#,
        r#"{"itemIdentifier":null}"#,
        r#"{"id":"b"}"#,
    ] {
        assert!(
            read(&format!(r#"{{"batchItemFailures":[{{"itemIdentifier":"a"}},{failure}]}}"#))
                .is_err(),
            "{failure}"
        );
    }
}

#[test]
fn a_malformed_answer_fails_all_of_it() {
    for answer in
        ["", "{", r#""done""#, r#"{"batchItemFailures":"b"}"#, r#"{"batchItemFailures":[1]}"#]
    {
        assert!(read(answer).is_err(), "{answer}");
    }
}
