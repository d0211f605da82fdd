use std::sync::Arc;

use super::Lines;
use crate::content::Group;

fn group(name: &str) -> Group {
    Group::from(Arc::from(name))
}

fn lines(fifo: bool, messages: &[(&str, u64)]) -> Lines {
    let mut lines = Lines::new(fifo);
    for (name, message) in messages {
        lines.add(&group(name), *message, *message);
    }
    lines
}

#[test]
fn messages_without_groups_come_in_order() {
    let mut lines = Lines::new(false);
    (1..=5).for_each(|message| lines.add(&None, message, message));
    assert_eq!(lines.take(3), [1, 2, 3]);
    assert_eq!(lines.take(10), [4, 5]);
    assert_eq!((lines.waiting(), lines.take(1).len()), (0, 0));
}

#[test]
fn a_backlog_takes_turns_with_a_short_line() {
    let mut lines = lines(
        false,
        &[("noisy", 1), ("noisy", 2), ("noisy", 3), ("noisy", 4), ("quiet", 5), ("quiet", 6)],
    );
    assert_eq!(lines.take(6), [1, 5, 2, 6, 3, 4]);
}

#[test]
fn a_group_with_many_in_flight_yields_to_a_quiet_one() {
    let mut lines =
        lines(false, &[("noisy", 1), ("noisy", 2), ("noisy", 3), ("noisy", 4), ("noisy", 5)]);
    assert_eq!(lines.take(3), [1, 2, 3]);
    for message in 6..=8 {
        lines.add(&group("quiet"), message, message);
    }
    assert_eq!(lines.take(3), [6, 7, 8], "three in flight stand against none, one and two");
    (0..3).for_each(|_| lines.release(&group("noisy")));
    lines.add(&group("quiet"), 9, 9);
    assert_eq!(lines.take(2), [4, 5], "and now it is the other one that yields");
}

#[test]
fn a_fifo_line_with_messages_in_flight_is_blocked() {
    let mut lines = lines(true, &[("a", 1), ("a", 2), ("a", 3), ("b", 4)]);
    assert_eq!(lines.take(2), [1, 2]);
    assert_eq!(lines.take(10), [4], "line a waits for 1 and 2");
    assert_eq!((lines.takeable(), lines.waiting()), (0, 1));
    lines.release(&group("a"));
    lines.release(&group("a"));
    lines.add(&group("a"), 1, 1);
    assert_eq!(lines.take(10), [1, 3], "what comes back comes first");
}

#[test]
fn a_line_without_messages_is_forgotten() {
    let mut lines = lines(false, &[("a", 1), ("b", 2)]);
    lines.remove(&group("b"), 2);
    assert_eq!(lines.take(1), [1]);
    lines.release(&group("a"));
    assert!(lines.groups.is_empty() && lines.order.is_empty());
}
