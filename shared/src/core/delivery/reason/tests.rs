use super::*;

/// Each of them with its words.
const ALL: [(Reason, &str); 15] = [
    (Reason::Paused, "the subscription is paused"),
    (Reason::Failing, "the receiver is failing, and probed until it answers"),
    (Reason::OnRequest, "it was cancelled on request"),
    (Reason::Disabled, "the subscription is disabled"),
    (Reason::Deleted, "the subscription was deleted"),
    (Reason::NoEvent, "the event is no longer on record"),
    (Reason::Unrenderable(Unrenderable::NotJson), "the data is not JSON"),
    (Reason::Blocked, "the address is blocked, and stays so"),
    (Reason::Ended(Ending::Disabled(410)), "the receiver answered 410"),
    (Reason::Ended(Ending::Unsubscribed), "the receiver asked to be unsubscribed"),
    (Reason::ScheduleOver, "every attempt of the schedule was made"),
    (Reason::ResendFailed, "the resend failed, and there is no schedule"),
    (Reason::Test, "a test push is made once"),
    (Reason::Erased(None), "the payload was erased"),
    (
        Reason::Unrenderable(Unrenderable::TooDeep),
        "the data nests arrays and objects deeper than 64 levels",
    ),
];

#[test]
fn each_reason_has_its_words() {
    for (reason, words) in ALL {
        assert_eq!(reason.to_string(), words);
    }
}

#[test]
fn an_erased_payload_leaves_the_first_reason_to_be_read() {
    let reason = Reason::Erased(Some(Box::new(Reason::ScheduleOver)));
    let words = "every attempt of the schedule was made; the payload was erased";
    assert_eq!(reason.to_string(), words);
}
