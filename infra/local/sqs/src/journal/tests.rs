//! What is kept, and what it is after a restart.

use std::path::PathBuf;

use super::Journal;
use crate::content::{AttributeValue, Content, Draft};
use crate::message::Delivery;
use crate::settings::{Millis, Texts, arn_of};
use crate::state::{Attempt, Outgoing, State, Wish};

const START: Millis = 1_700_000_000_000;

/// A file of its own for one test, gone with it.
struct File(PathBuf);

impl File {
    fn new(test: &str) -> File {
        let file =
            File(std::env::temp_dir().join(format!("sqs-journal-{test}-{}", std::process::id())));
        file.remove();
        file
    }

    fn remove(&self) {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", self.0.display()));
        }
    }

    /// Opens the file at `now`, does something to the state, and closes the file.
    fn with<T>(&self, now: Millis, act: impl FnOnce(&mut State) -> T) -> T {
        let (journal, mut state) = Journal::open(&self.0, now).unwrap();
        let answer = act(&mut state);
        journal.submit(&mut state.changes);
        answer
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.remove();
    }
}

fn texts(pairs: &[(&str, &str)]) -> Texts {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn outgoing(body: &str, delay: Option<i64>) -> Result<Outgoing, crate::refusal::Refusal> {
    let value = AttributeValue {
        data_type: "String".to_owned(),
        string: Some("v".to_owned()),
        binary: None,
    };
    let draft = Draft {
        body: body.to_owned(),
        attributes: [("a".to_owned(), value)].into(),
        group: Some("g".to_owned()),
        deduplication: None,
        trace: Some("Root=1".to_owned()),
    };
    Content::of(draft).map(|content| Outgoing { content, delay })
}

fn receive(state: &mut State, name: &str, now: Millis) -> Vec<Delivery> {
    match state
        .receive(name, Wish { most: 10, timeout: None, wait: Some(0), since: now }, now)
        .unwrap()
    {
        Attempt::Done(deliveries) => deliveries,
        Attempt::Wait { .. } => panic!("nobody asked to wait"),
    }
}

/// Messages visible, in flight, delayed.
fn tally(state: &mut State, name: &str, now: Millis) -> (usize, usize, usize) {
    let tally = state.all(now).find(|queue| queue.name == name).unwrap().tally();
    (tally.visible, tally.in_flight, tally.delayed)
}

#[test]
fn messages_come_back_as_they_were_and_where_they_were() {
    let file = File::new("messages");
    let (receipt, before) = file.with(START, |state| {
        state.create("q", &texts(&[("VisibilityTimeout", "60")]), Texts::new(), START).unwrap();
        state.send("q", vec![outgoing("received", None)], START).unwrap();
        let delivery = receive(state, "q", START + 5).remove(0);
        state
            .send("q", vec![outgoing("delayed", Some(90)), outgoing("waiting", None)], START + 10)
            .unwrap();
        (delivery.receipt, delivery)
    });
    file.with(START + 1000, |state| {
        assert_eq!(tally(state, "q", START + 1000), (1, 1, 1));
        assert_eq!(state.hide("q", vec![Ok((receipt, 0))], START + 1000).unwrap(), [Ok(())]);
        let again = receive(state, "q", START + 1000);
        let after = again.iter().find(|delivery| delivery.content.body == "received").unwrap();
        assert_eq!((after.receives, after.first_received, after.sent_at), (2, START + 5, START));
        assert_eq!(
            (&after.content.id, &after.content.attributes),
            (&before.content.id, &before.content.attributes)
        );
        assert_eq!(after.content.attributes_md5, before.content.attributes_md5);
        assert_eq!(
            (&after.content.trace, &after.content.group),
            (&before.content.trace, &before.content.group)
        );
        state.delete("q", vec![Ok(after.receipt)], START + 1000).unwrap();
    });
    file.with(START + 70_000, |state| {
        assert_eq!(tally(state, "q", START + 70_000), (1, 0, 1));
        assert_eq!(tally(state, "q", START + 100_000), (2, 0, 0));
    });
}

#[test]
fn queues_come_back_with_attributes_and_tags_until_they_are_deleted() {
    let file = File::new("queues");
    file.with(START, |state| {
        state
            .create("q", &texts(&[("VisibilityTimeout", "60")]), texts(&[("team", "a")]), START)
            .unwrap();
        state.set_attributes("q", &texts(&[("DelaySeconds", "7")]), START + 2000).unwrap();
        state.create("emptied", &Texts::new(), Texts::new(), START).unwrap();
        state.create("deleted", &Texts::new(), Texts::new(), START).unwrap();
        for name in ["emptied", "deleted"] {
            state.send(name, vec![outgoing("x", None)], START).unwrap();
            receive(state, name, START);
        }
        state.purge("emptied").unwrap();
        state.remove("deleted").unwrap();
    });
    file.with(START + 5000, |state| {
        let attributes = state.attributes("q", START + 5000).unwrap();
        assert_eq!(
            (attributes["VisibilityTimeout"].as_str(), attributes["DelaySeconds"].as_str()),
            ("60", "7")
        );
        assert_eq!(attributes["LastModifiedTimestamp"], ((START + 2000) / 1000).to_string());
        assert_eq!(state.queue("q").unwrap().tags, texts(&[("team", "a")]));
        assert!(state.names("", "").eq(["emptied", "q"]));
        assert_eq!(tally(state, "emptied", START + 5000), (0, 0, 0));
    });
}

#[test]
fn dead_letters_and_deduplication_ids_are_kept() {
    let file = File::new("dead");
    let policy =
        format!("{{\"deadLetterTargetArn\":\"{}\",\"maxReceiveCount\":1}}", arn_of("dead"));
    let id = file.with(START, |state| {
        state.create("dead", &Texts::new(), Texts::new(), START).unwrap();
        state.create("q", &texts(&[("RedrivePolicy", &policy)]), Texts::new(), START).unwrap();
        let fifo = texts(&[("FifoQueue", "true"), ("ContentBasedDeduplication", "true")]);
        state.create("f.fifo", &fifo, Texts::new(), START).unwrap();
        state.send("q", vec![outgoing("poison", None)], START).unwrap();
        receive(state, "q", START);
        receive(state, "q", START + 30_000);
        state
            .send("f.fifo", vec![outgoing("once", None)], START)
            .unwrap()
            .remove(0)
            .unwrap()
            .message_id
    });
    file.with(START + 40_000, |state| {
        let dead = receive(state, "dead", START + 40_000).remove(0);
        assert_eq!(dead.source.as_deref(), Some(arn_of("q").as_str()));
        let repeat = state
            .send("f.fifo", vec![outgoing("once", None)], START + 40_000)
            .unwrap()
            .remove(0)
            .unwrap();
        assert_eq!(repeat.message_id, id);
        assert_eq!(tally(state, "f.fifo", START + 40_000).0, 1);
    });
}

#[test]
fn a_fifo_group_is_in_order_and_waits_for_its_messages_in_flight_after_a_restart() {
    let file = File::new("fifo");
    let bodies = |received: &[Delivery]| -> Vec<String> {
        received.iter().map(|delivery| delivery.content.body.clone()).collect()
    };
    let receipt = file.with(START, |state| {
        let fifo = texts(&[
            ("FifoQueue", "true"),
            ("ContentBasedDeduplication", "true"),
            ("VisibilityTimeout", "60"),
        ]);
        state.create("f.fifo", &fifo, Texts::new(), START).unwrap();
        state.send("f.fifo", vec![outgoing("1", None)], START).unwrap();
        let first = receive(state, "f.fifo", START);
        state.send("f.fifo", vec![outgoing("2", None), outgoing("3", None)], START + 1).unwrap();
        first[0].receipt
    });
    file.with(START + 1000, |state| {
        assert!(receive(state, "f.fifo", START + 1000).is_empty(), "the first is in flight");
        state.hide("f.fifo", vec![Ok((receipt, 0))], START + 1000).unwrap();
    });
    file.with(START + 2000, |state| {
        assert_eq!(bodies(&receive(state, "f.fifo", START + 2000)), ["1", "2", "3"]);
    });
}

#[test]
fn a_file_of_another_version_is_refused() {
    let file = File::new("version");
    let connection = rusqlite::Connection::open(&file.0).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    assert!(matches!(Journal::open(&file.0, START), Err(crate::Error::Version(99))));
}
