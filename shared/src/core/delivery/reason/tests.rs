use super::*;

/// Each of them with its code on record and its words.
const ALL: [(Reason, &str, &str); 15] = [
    (Reason::Paused, r#""paused""#, "the subscription is paused"),
    (Reason::Failing, r#""failing""#, "the receiver is failing, and probed until it answers"),
    (Reason::OnRequest, r#""on_request""#, "it was cancelled on request"),
    (Reason::Disabled, r#""disabled""#, "the subscription is disabled"),
    (Reason::Deleted, r#""deleted""#, "the subscription was deleted"),
    (Reason::NoEvent, r#""no_event""#, "the event is no longer on record"),
    (
        Reason::Unrenderable(Unrenderable::NotJson),
        r#"{"unrenderable":"not_json"}"#,
        "the data is not JSON",
    ),
    (Reason::Blocked, r#""blocked""#, "the address is blocked, and stays so"),
    (
        Reason::Ended(Ending::Disabled(410)),
        r#"{"ended":{"disabled":410}}"#,
        "the receiver answered 410",
    ),
    (
        Reason::Ended(Ending::Unsubscribed),
        r#"{"ended":"unsubscribed"}"#,
        "the receiver asked to be unsubscribed",
    ),
    (Reason::ScheduleOver, r#""schedule_over""#, "every attempt of the schedule was made"),
    (Reason::ResendFailed, r#""resend_failed""#, "the resend failed, and there is no schedule"),
    (Reason::Test, r#""test""#, "a test push is made once"),
    (Reason::Erased(None), r#"{"erased":null}"#, "the payload was erased"),
    (
        Reason::Unrenderable(Unrenderable::TooDeep),
        r#"{"unrenderable":"too_deep"}"#,
        "the data nests arrays and objects deeper than 64 levels",
    ),
];

#[test]
fn each_reason_has_a_code_on_record_and_words() {
    for (reason, code, words) in ALL {
        assert_eq!(serde_json::to_string(&reason).expect("it serialises"), code);
        assert_eq!(serde_json::from_str::<Reason>(code).expect("it reads"), reason);
        assert_eq!(reason.to_string(), words);
    }
}

#[test]
fn an_erased_payload_leaves_the_first_reason_to_be_read() {
    let reason = Reason::Erased(Some(Box::new(Reason::ScheduleOver)));
    let code = r#"{"erased":"schedule_over"}"#;
    assert_eq!(serde_json::to_string(&reason).expect("it serialises"), code);
    assert_eq!(serde_json::from_str::<Reason>(code).expect("it reads"), reason);
    let words = "every attempt of the schedule was made; the payload was erased";
    assert_eq!(reason.to_string(), words);
}
