//! What several queues, or a queue and its settings, do together.

use super::{Attempt, Outgoing, State, Wish};
use crate::change::Change;
use crate::content::{Content, Draft};
use crate::message::Delivery;
use crate::refusal::{Kind, Refusal};
use crate::settings::{Millis, Texts, arn_of};

const START: Millis = 1_700_000_000_000;

fn state(queues: &[(&str, &[(&str, &str)])]) -> State {
    let mut state = State::new(START, 0);
    for (name, attributes) in queues {
        let attributes: Texts = attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        state.create(name, &attributes, Texts::new(), START).unwrap();
    }
    state
}

fn policy(queue: &str, receives: u32) -> String {
    format!("{{\"deadLetterTargetArn\":\"{}\",\"maxReceiveCount\":{receives}}}", arn_of(queue))
}

fn send(
    state: &mut State,
    url: &str,
    body: &str,
    group: Option<&str>,
    id: Option<&str>,
    now: Millis,
) -> Result<String, Refusal> {
    let draft = Draft {
        body: body.to_owned(),
        group: group.map(str::to_owned),
        deduplication: id.map(str::to_owned),
        ..Draft::default()
    };
    let outgoing = Content::of(draft).map(|content| Outgoing { content, delay: None });
    state.send(url, vec![outgoing], now)?.remove(0).map(|sent| sent.message_id)
}

fn receive(state: &mut State, url: &str, now: Millis) -> Vec<Delivery> {
    let wish = Wish { most: 10, timeout: Some(1000), wait: Some(0), since: now };
    match state.receive(url, wish, now).unwrap() {
        Attempt::Done(deliveries) => deliveries,
        Attempt::Wait { .. } => panic!("nobody asked to wait"),
    }
}

#[test]
fn a_message_received_too_often_moves_to_the_dead_letter_queue_as_it_is() {
    let mut state = state(&[("dead", &[]), ("q", &[("RedrivePolicy", &policy("dead", 2))])]);
    let id = send(&mut state, "q", "poison", None, None, START).unwrap();
    for attempt in 0..2 {
        assert_eq!(receive(&mut state, "q", START + attempt * 1000).len(), 1);
    }
    assert!(receive(&mut state, "q", START + 2000).is_empty());
    assert!(matches!(state.changes.last(), Some(Change::Moved { .. })));
    let dead = receive(&mut state, "dead", START + 2000).remove(0);
    assert_eq!((dead.content.id.clone(), dead.source.as_deref()), (id, Some(arn_of("q").as_str())));
    assert_eq!((dead.sent_at, dead.first_received, dead.receives), (START, START, 3));
    assert_eq!(state.sources_of("dead"), ["q"]);
}

#[test]
fn a_move_task_brings_messages_back_as_new_ones() {
    let mut state = state(&[("dead", &[]), ("q", &[("RedrivePolicy", &policy("dead", 1))])]);
    let id = send(&mut state, "q", "poison", None, None, START).unwrap();
    receive(&mut state, "q", START);
    receive(&mut state, "q", START + 1000);
    send(&mut state, "dead", "sent here directly", None, None, START).unwrap();
    state.move_messages(&arn_of("dead"), None, None, START + 2000).unwrap();
    let back = receive(&mut state, "q", START + 2000).remove(0);
    assert_eq!(
        (back.content.body.as_str(), back.receives, back.sent_at),
        ("poison", 1, START + 2000)
    );
    assert_ne!(back.content.id, id);
    assert_eq!(state.move_tasks(&arn_of("dead"), 1).unwrap()[0].moved, 1);
    assert_eq!(receive(&mut state, "dead", START + 2000).len(), 1, "it has nowhere to go");
    let refused = state.move_messages(&arn_of("q"), None, None, START).unwrap_err();
    assert_eq!(refused.kind, Kind::InvalidParameterValue);
}

#[test]
fn a_redrive_policy_names_an_existing_queue_of_the_same_type() {
    let mut state = state(&[("f.fifo", &[("FifoQueue", "true")])]);
    for target in ["nothing", "f.fifo"] {
        let attributes = [("RedrivePolicy".to_owned(), policy(target, 1))].into();
        let refused = state.create("q", &attributes, Texts::new(), START).unwrap_err();
        assert_eq!(refused.kind, Kind::InvalidParameterValue, "{target}");
    }
}

#[test]
fn a_fifo_queue_takes_a_repeat_once_in_five_minutes() {
    let mut state =
        state(&[("q.fifo", &[("FifoQueue", "true"), ("ContentBasedDeduplication", "true")])]);
    let first = send(&mut state, "q.fifo", "a", Some("g"), None, START).unwrap();
    assert_eq!(send(&mut state, "q.fifo", "a", Some("g"), None, START + 299_999).unwrap(), first);
    assert_ne!(send(&mut state, "q.fifo", "a", Some("g"), Some("own-id"), START).unwrap(), first);
    assert_ne!(send(&mut state, "q.fifo", "a", Some("g"), None, START + 300_000).unwrap(), first);
    let bodies = receive(&mut state, "q.fifo", START + 300_000).len();
    assert_eq!(bodies, 3);
    assert_eq!(
        send(&mut state, "q.fifo", "a", None, None, START).unwrap_err().kind,
        Kind::MissingParameter
    );
}

#[test]
fn a_fifo_group_waits_for_its_messages_in_flight() {
    let mut state =
        state(&[("q.fifo", &[("FifoQueue", "true"), ("ContentBasedDeduplication", "true")])]);
    send(&mut state, "q.fifo", "1", Some("g"), None, START).unwrap();
    let first = receive(&mut state, "q.fifo", START).remove(0);
    send(&mut state, "q.fifo", "2", Some("g"), None, START).unwrap();
    assert!(receive(&mut state, "q.fifo", START).is_empty());
    let again = receive(&mut state, "q.fifo", START + 1000);
    let bodies: Vec<&str> = again.iter().map(|delivery| delivery.content.body.as_str()).collect();
    assert_eq!(bodies, ["1", "2"], "in order, the one that came back first");
    let refused = state.delete("q.fifo", vec![Ok(first.receipt)], START + 1000).unwrap().remove(0);
    assert!(refused.unwrap_err().message.ends_with("The receipt handle has expired."));
}

#[test]
fn a_dead_letter_of_a_fifo_queue_lets_its_group_go_on_and_keeps_its_place_among_the_dead() {
    let fifo = [("FifoQueue", "true"), ("ContentBasedDeduplication", "true")];
    let policy = policy("dead.fifo", 1);
    let redrive = [fifo[0], fifo[1], ("RedrivePolicy", &policy)];
    let mut state = state(&[("dead.fifo", &fifo), ("q.fifo", &redrive)]);
    for body in ["1", "2", "3"] {
        send(&mut state, "q.fifo", body, Some("g"), None, START).unwrap();
    }
    let bodies = |received: Vec<Delivery>| -> Vec<String> {
        received.into_iter().map(|delivery| delivery.content.body.clone()).collect()
    };
    let one = Wish { most: 1, timeout: Some(1000), wait: Some(0), since: START };
    let Attempt::Done(first) = state.receive("q.fifo", one, START).unwrap() else {
        panic!("nobody asked to wait")
    };
    assert_eq!(bodies(first), ["1"]);
    assert_eq!(bodies(receive(&mut state, "q.fifo", START + 1000)), ["2", "3"]);
    assert!(receive(&mut state, "q.fifo", START + 2000).is_empty());
    assert_eq!(bodies(receive(&mut state, "dead.fifo", START + 2000)), ["1", "2", "3"]);
}

#[test]
fn a_fifo_queue_delays_no_single_message() {
    let mut state =
        state(&[("q.fifo", &[("FifoQueue", "true"), ("ContentBasedDeduplication", "true")])]);
    let draft = Draft { body: "late".to_owned(), group: Some("g".to_owned()), ..Draft::default() };
    let outgoing = Content::of(draft).map(|content| Outgoing { content, delay: Some(5) });
    let refused = state.send("q.fifo", vec![outgoing], START).unwrap().remove(0).unwrap_err();
    assert_eq!(refused.kind, Kind::InvalidParameterValue);
    assert!(refused.message.contains("DelaySeconds"), "{}", refused.message);
}

#[test]
fn a_queue_takes_no_more_than_its_own_maximum() {
    let mut state = state(&[("q", &[("MaximumMessageSize", "1024")])]);
    assert!(send(&mut state, "q", &"x".repeat(1024), None, None, START).is_ok());
    assert!(send(&mut state, "q", &"x".repeat(1025), None, None, START).is_err());
    assert_eq!(
        send(&mut state, "nothing", "x", None, None, START).unwrap_err().kind,
        Kind::QueueDoesNotExist
    );
}

#[test]
fn a_long_poll_that_leaves_after_its_wake_passes_it_on() {
    let mut state = state(&[("q", &[])]);
    let wish = Wish { most: 1, timeout: None, wait: Some(20_000), since: START };
    let mut wait = || match state.receive("q", wish, START).unwrap() {
        Attempt::Wait { number, woken, .. } => (number, woken),
        Attempt::Done(_) => panic!("there is time left"),
    };
    let (first, _gone) = wait();
    let (_, mut second) = wait();
    send(&mut state, "q", "x", None, None, START).unwrap();
    assert!(second.try_recv().is_err());
    state.abandon("q", first);
    assert!(second.try_recv().is_ok());
}
