use super::*;

fn headers(name: &str, value: &str) -> Result<CustomHeaders, InvalidHeader> {
    CustomHeaders::try_from(BTreeMap::from([(name.to_owned(), value.to_owned())]))
}

#[test]
fn a_receivers_key_is_taken_and_not_shown() {
    let taken = headers("X-Api-Key", "s3cret value").unwrap();
    assert_eq!(taken.iter().next(), Some(("x-api-key", "s3cret value")));
    assert!(!format!("{taken:?}").contains("s3cret"));
}

#[test]
fn what_would_change_the_request_is_refused() {
    let framing = ["Host", "Content-Length", "Transfer-Encoding", "Via", "a b", "", "x\r\ny"];
    let meaning = ["webhook-id", "X-Amz-Date", "Traceparent", "tracestate"];
    for name in framing.into_iter().chain(meaning) {
        assert!(headers(name, "v").is_err(), "{name:?}");
    }
    for value in ["a\r\nb: c", "é", " v", "\0", &"x".repeat(MAX_VALUE_LEN + 1)] {
        assert!(headers("x-ok", value).is_err(), "{value:?}");
    }
}
