//! The order of a FIFO queue, whatever is done to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use crate::content::{Content, Draft};
use crate::message::Message;
use crate::queue::Queue;
use crate::receipt::Receipt;
use crate::settings::{Millis, Settings, Texts};

const GROUPS: u8 = 3;
const TIMEOUT: Millis = 1000;

/// Something that is done to a queue.
#[derive(Debug, Clone)]
enum Step {
    Send(u8),
    Receive(usize),
    /// Deletes one of those in flight.
    Delete(prop::sample::Index),
    /// Shows one of those in flight again.
    Show(prop::sample::Index),
    /// Lets time pass.
    Pass(Millis),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..GROUPS).prop_map(Step::Send),
        3 => (1usize..=10).prop_map(Step::Receive),
        3 => any::<prop::sample::Index>().prop_map(Step::Delete),
        1 => any::<prop::sample::Index>().prop_map(Step::Show),
        1 => (1..=TIMEOUT).prop_map(Step::Pass),
    ]
}

/// What should be in the queue: each group's messages in order, and until when a message is in
/// flight.
#[derive(Default)]
struct Expected {
    groups: BTreeMap<String, Vec<u64>>,
    in_flight: BTreeMap<u64, (Receipt, Millis)>,
}

impl Expected {
    /// Checks what a receive answered: of each group all that is first in line, and nothing of one
    /// in flight.
    fn received(&mut self, group: &str, number: u64, earlier: &[u64]) -> Result<(), TestCaseError> {
        let line = &self.groups[group];
        let place = line.iter().position(|other| *other == number);
        let place = place.ok_or_else(|| TestCaseError::fail("it was deleted before"))?;
        for before in &line[..place] {
            prop_assert!(earlier.contains(before), "{number} of {group} overtook {before}");
        }
        let is_held =
            line.iter().any(|other| self.in_flight.contains_key(other) && !earlier.contains(other));
        prop_assert!(!is_held, "{number} of {group} came while one of its group was in flight");
        Ok(())
    }

    /// One of those in flight, of which there are some.
    fn pick(&self, index: prop::sample::Index) -> (u64, Receipt) {
        let in_flight: Vec<_> = self.in_flight.iter().collect();
        let (number, (receipt, _)) = index.get(&in_flight);
        (**number, *receipt)
    }

    fn delete(&mut self, number: u64) {
        self.in_flight.remove(&number);
        for line in self.groups.values_mut() {
            line.retain(|other| *other != number);
        }
    }
}

fn message(group: u8, number: u64, now: Millis) -> Message {
    let draft =
        Draft { body: number.to_string(), group: Some(group.to_string()), ..Draft::default() };
    Message::new(Arc::new(Content::of(draft).expect("a message")), now)
}

proptest! {
    #[test]
    fn no_message_overtakes_another_of_its_group(steps in prop::collection::vec(step(), 1..120)) {
        let asked: Texts = [("FifoQueue".to_owned(), "true".to_owned())].into();
        let settings = Settings::of_new("q.fifo", &asked).expect("settings");
        let mut queue = Queue::new(1, "q.fifo".to_owned(), settings, Texts::new(), 0);
        let (mut expected, mut changes, mut now, mut sent) = (Expected::default(), Vec::new(), 1, 0);
        for step in steps {
            queue.advance(now, &mut changes);
            expected.in_flight.retain(|_, (_, until)| *until > now);
            match step {
                Step::Send(group) => {
                    sent += 1;
                    queue.admit(sent, message(group, sent, now), now, now);
                    expected.groups.entry(group.to_string()).or_default().push(sent);
                }
                Step::Receive(most) => {
                    let mut earlier = Vec::new();
                    for delivery in queue.take(most, TIMEOUT, None, now, &mut changes).0 {
                        let number = delivery.content.body.parse().expect("a number");
                        expected.received(delivery.content.group.as_deref().expect("a group"), number, &earlier)?;
                        expected.in_flight.insert(number, (delivery.receipt, now + TIMEOUT));
                        earlier.push(number);
                    }
                }
                Step::Delete(index) if !expected.in_flight.is_empty() => {
                    let (number, receipt) = expected.pick(index);
                    queue.delete(receipt, &mut changes).expect("it is in flight");
                    expected.delete(number);
                }
                Step::Show(index) if !expected.in_flight.is_empty() => {
                    let (number, receipt) = expected.pick(index);
                    queue.hide(receipt, 0, now, &mut changes).expect("it is in flight");
                    expected.in_flight.remove(&number);
                }
                Step::Delete(_) | Step::Show(_) => {}
                Step::Pass(span) => now += span,
            }
        }
        // Whoever deletes all that comes gets everything.
        queue.advance(now + TIMEOUT, &mut changes);
        let left: usize = expected.groups.values().map(Vec::len).sum();
        for _ in 0..left {
            for delivery in queue.take(1, TIMEOUT, None, now + TIMEOUT, &mut changes).0 {
                queue.delete(delivery.receipt, &mut changes).expect("it is in flight");
            }
        }
        prop_assert_eq!(queue.tally().visible + queue.tally().in_flight, 0);
    }
}
