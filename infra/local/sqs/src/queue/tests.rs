//! A queue through time. Times are milliseconds from an arbitrary zero.

mod order;

use std::sync::Arc;

use super::{MOST_IN_FLIGHT, Queue};
use crate::change::Change;
use crate::content::{Content, Draft};
use crate::message::{Message, Tally};
use crate::receipt::Receipt;
use crate::refusal::{Kind, Refusal};
use crate::settings::{Millis, Settings, Texts};

const START: Millis = 1_000_000;
const SECOND: Millis = 1000;

fn queue() -> Queue {
    let settings = Settings::of_new("q", &Texts::new()).unwrap();
    Queue::new(1, "q".to_owned(), settings, Texts::new(), START)
}

fn message(body: &str, sent_at: Millis) -> Message {
    let draft = Draft { body: body.to_owned(), ..Draft::default() };
    Message::new(Arc::new(Content::of(draft).unwrap()), sent_at)
}

fn filled(bodies: &[&str]) -> Queue {
    let mut queue = queue();
    for (sequence, body) in (1..).zip(bodies) {
        queue.admit(sequence, message(body, START), START, START);
    }
    queue
}

/// Receives as of `now`, hidden for 30 seconds.
fn receive(queue: &mut Queue, now: Millis) -> Vec<(String, Receipt)> {
    queue.advance(now, &mut Vec::new());
    let (deliveries, _) = queue.take(10, 30 * SECOND, None, now, &mut Vec::new());
    deliveries
        .into_iter()
        .map(|delivery| (delivery.content.body.clone(), delivery.receipt))
        .collect()
}

fn hide(queue: &mut Queue, receipt: Receipt, seconds: u64, now: Millis) -> Result<(), Refusal> {
    queue.advance(now, &mut Vec::new());
    queue.hide(receipt, seconds * SECOND, now, &mut Vec::new())
}

#[test]
fn a_received_message_is_hidden_until_its_timeout_and_counts_its_receives() {
    let mut queue = filled(&["a"]);
    assert_eq!(receive(&mut queue, START)[0].1.receive, 1);
    assert!(receive(&mut queue, START + 30 * SECOND - 1).is_empty());
    assert_eq!(receive(&mut queue, START + 30 * SECOND)[0].1.receive, 2);
}

#[test]
fn a_delayed_message_shows_when_its_delay_is_over() {
    let mut queue = queue();
    queue.admit(1, message("late", START), START + 2 * SECOND, START);
    assert_eq!(queue.tally(), Tally { visible: 0, in_flight: 0, delayed: 1 });
    assert_eq!(queue.next_due(), Some(START + 2 * SECOND));
    assert!(receive(&mut queue, START + 1999).is_empty());
    assert_eq!(receive(&mut queue, START + 2000).len(), 1);
}

#[test]
fn twelve_hours_of_hiding_count_from_the_latest_receive() {
    let mut queue = filled(&["a"]);
    let first = receive(&mut queue, START)[0].1;
    assert_eq!(hide(&mut queue, first, 43_200, START), Ok(()));
    let refused = hide(&mut queue, first, 43_200, START + 2 * SECOND).unwrap_err();
    assert!(refused.message.ends_with("beyond the limit [43200 seconds]"), "{}", refused.message);
    assert_eq!(hide(&mut queue, first, 43_198, START + 2 * SECOND), Ok(()));
    assert_eq!(hide(&mut queue, first, 0, START + 3 * SECOND), Ok(()));
    let second = receive(&mut queue, START + 4 * SECOND)[0].1;
    assert_eq!(hide(&mut queue, second, 43_200, START + 4 * SECOND), Ok(()));
}

#[test]
fn visibility_is_changed_only_in_flight_and_by_the_latest_handle() {
    let mut queue = filled(&["a"]);
    let first = receive(&mut queue, START)[0].1;
    let kind = |result: Result<(), Refusal>| result.unwrap_err().kind;
    assert_eq!(kind(hide(&mut queue, first, 5, START + 30 * SECOND)), Kind::MessageNotInflight);
    let second = receive(&mut queue, START + 30 * SECOND)[0].1;
    assert_eq!(kind(hide(&mut queue, first, 5, START + 31 * SECOND)), Kind::InvalidParameterValue);
    queue.delete(second, &mut Vec::new()).unwrap();
    assert_eq!(kind(hide(&mut queue, second, 5, START + 31 * SECOND)), Kind::InvalidParameterValue);
    let elsewhere = Receipt { queue: 2, ..second };
    assert_eq!(
        kind(hide(&mut queue, elsewhere, 5, START + 31 * SECOND)),
        Kind::ReceiptHandleIsInvalid
    );
}

#[test]
fn an_older_handle_deletes_nothing_and_a_late_one_deletes() {
    let mut queue = filled(&["a"]);
    let mut changes = Vec::new();
    let first = receive(&mut queue, START)[0].1;
    let second = receive(&mut queue, START + 30 * SECOND)[0].1;
    assert_eq!(queue.delete(first, &mut changes), Ok(()));
    assert!(changes.is_empty());
    queue.advance(START + 90 * SECOND, &mut changes);
    assert_eq!(queue.delete(second, &mut changes), Ok(()));
    assert!(matches!(changes[..], [Change::Deleted { sequence: 1 }]));
    assert_eq!(queue.tally(), Tally { visible: 0, in_flight: 0, delayed: 0 });
    assert_eq!(queue.delete(second, &mut changes), Ok(()), "and again");
}

#[test]
fn what_comes_back_goes_to_the_end() {
    let mut queue = filled(&["a"]);
    let receipt = receive(&mut queue, START)[0].1;
    queue.admit(2, message("b", START), START, START);
    hide(&mut queue, receipt, 0, START).unwrap();
    let bodies: Vec<String> =
        receive(&mut queue, START).into_iter().map(|(body, _)| body).collect();
    assert_eq!(bodies, ["b", "a"]);
}

#[test]
fn messages_end_with_their_retention_wherever_they_are() {
    let mut queue = filled(&["a", "b"]);
    queue.admit(3, message("later", START + 1), START + 1, START + 1);
    let (deliveries, _) = queue.take(1, 43_200 * SECOND, None, START, &mut Vec::new());
    assert_eq!(deliveries.len(), 1);
    let mut changes = Vec::new();
    queue.advance(START + queue.settings.retention, &mut changes);
    assert_eq!(changes.len(), 2);
    assert_eq!(queue.tally(), Tally { visible: 1, in_flight: 0, delayed: 0 });
}

#[test]
fn at_the_limit_of_messages_in_flight_nothing_more_is_received() {
    let mut queue = queue();
    for sequence in 1..=MOST_IN_FLIGHT as u64 + 1 {
        queue.admit(sequence, message("x", START), START, START);
    }
    let (deliveries, _) = queue.take(usize::MAX, SECOND, None, START, &mut Vec::new());
    assert_eq!(deliveries.len(), MOST_IN_FLIGHT);
    assert!(receive(&mut queue, START).is_empty());
    let (_, mut poll) = queue.waiters.join(1, Millis::MAX);
    queue.delete(deliveries[0].receipt, &mut Vec::new()).unwrap();
    queue.wake();
    assert!(poll.try_recv().is_ok(), "a deletion makes room");
    assert_eq!(receive(&mut queue, START).len(), 1);
}

#[test]
fn long_polls_are_woken_for_messages_and_for_earlier_times() {
    let mut queue = queue();
    let (_, mut poll) = queue.waiters.join(10, START + 20 * SECOND);
    queue.admit(1, message("late", START), START + 30 * SECOND, START);
    assert!(poll.try_recv().is_err(), "it looks again before that by itself");
    queue.admit(2, message("soon", START), START + SECOND, START);
    assert!(poll.try_recv().is_ok());
    let (_, mut poll) = queue.waiters.join(10, START + 20 * SECOND);
    queue.admit(3, message("now", START), START, START);
    queue.wake();
    assert!(poll.try_recv().is_ok());
}
