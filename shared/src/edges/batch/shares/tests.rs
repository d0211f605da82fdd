use std::sync::Arc;

use super::*;

const START: Duration = Duration::ZERO;

fn message(id: usize, subscription: &str) -> Message {
    let body = format!(r#"{{"subscription":"{subscription}"}}"#);
    Message {
        id: id.to_string(),
        receipt_handle: String::new(),
        body: Arc::new(body),
        receive_count: 1,
        fifo: false,
    }
}

fn batch(subscriptions: &[&str]) -> Shares {
    Shares::new(
        subscriptions
            .iter()
            .enumerate()
            .map(|(id, subscription)| message(id, subscription))
            .collect(),
    )
}

/// The ids of those that start, and of those that are given back.
fn ids(steps: &[Step]) -> (Vec<&str>, Vec<&str>) {
    let (mut started, mut given_back) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::Start(message) => started.push(message.id.as_str()),
            Step::GiveBack(message) => given_back.push(message.id.as_str()),
        }
    }
    (started, given_back)
}

#[test]
fn five_of_a_subscription_run_at_once_and_another_starts_when_one_ends() {
    let mut shares = batch(&["a", "a", "a", "b", "a", "a", "a", "a"]);
    assert_eq!(ids(&shares.next(START)).0, ["0", "1", "2", "3", "4", "5"]);
    assert!(shares.next(START).is_empty());
    shares.ended("3", START);
    assert!(shares.next(START).is_empty(), "it was another's");
    for ended in ["1", "0"] {
        shares.ended(ended, Duration::from_millis(100));
    }
    assert_eq!(ids(&shares.next(Duration::from_millis(100))).0, ["6", "7"]);
}

#[test]
fn what_waits_for_a_slow_one_is_given_back_and_another_subscriptions_runs_on() {
    let mut shares = batch(&["a", "a", "a", "a", "a", "a", "b", "b", "b", "b", "b", "b"]);
    assert_eq!(ids(&shares.next(START)).0.len(), 10);
    for ended in ["0", "1", "2", "3", "6", "7", "8", "9", "10"] {
        shares.ended(ended, Duration::from_millis(10));
    }
    assert_eq!(
        ids(&shares.next(Duration::from_millis(10))).0,
        ["5", "11"],
        "none is known to be slow"
    );

    let mut shares = batch(&["a", "a", "a", "a", "a", "a", "b"]);
    shares.next(START);
    let just_before = SLOW.checked_sub(Duration::from_millis(1)).unwrap();
    assert!(shares.next(just_before).is_empty());
    let steps = shares.next(SLOW);
    assert_eq!(ids(&steps), (vec![], vec!["5"]), "it runs still, and is slow");
}

#[test]
fn one_that_ended_late_was_slow_as_well() {
    let mut shares = batch(&["a", "a", "a", "a", "a", "a"]);
    shares.next(START);
    shares.ended("2", SLOW);
    let steps = shares.next(SLOW);
    assert_eq!(ids(&steps), (vec![], vec!["5"]));
}

#[test]
fn what_came_too_often_to_be_given_back_or_does_not_read_starts_at_once() {
    let often = Message { receive_count: 21, ..message(6, "a") };
    let unreadable = Message { body: Arc::new("not JSON".to_owned()), ..message(7, "a") };
    let ordinary = (0..6).map(|id| message(id, "a"));
    let mut shares = Shares::new(ordinary.chain([often, unreadable]).collect());
    assert_eq!(ids(&shares.next(START)).0, ["0", "1", "2", "3", "4", "6", "7"]);
}

#[test]
fn each_time_it_is_given_back_it_is_hidden_for_longer_and_never_for_a_minute() {
    let bounds = |count| (pause(count, 0.0), pause(count, 0.999_999));
    assert_eq!([1, 2, 3, 4, 20].map(bounds), [(2, 5), (4, 11), (8, 23), (16, 47), (16, 47)]);
}
