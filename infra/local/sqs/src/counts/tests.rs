use super::{Count, Counters};
use crate::action::Action;

#[test]
fn every_64_kib_begun_is_a_billed_request_and_so_is_one_without_a_message() {
    let counters = Counters::new();
    for bytes in [0, 1, 65_536, 65_537, 1_048_576] {
        counters.add(Action::SendMessage, 1, bytes);
    }
    counters.add(Action::SendMessage, 0, 0);
    let right = Count { requests: 6, empty: 1, messages: 5, billed: 1 + 1 + 1 + 2 + 16 + 1 };
    assert_eq!(counters.read()["SendMessage"], right);
    counters.add_to("orders", 65_537);
    counters.add_to("orders", 9);
    assert_eq!(counters.by_queue(), [("orders".to_owned(), 3)].into());
    counters.reset();
    assert!(counters.read().is_empty() && counters.by_queue().is_empty());
}
