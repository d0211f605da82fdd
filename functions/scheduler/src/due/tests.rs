use std::time::Duration;

use proptest::prelude::*;
use shared::core::id::{EventId, SubscriptionId};
use shared::edges::queue::messages;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + millis)
}

#[test]
fn what_is_due_or_overdue_goes_at_once_and_a_part_of_a_second_is_a_whole_one() {
    for (millis, wanted) in
        [(-86_400_000, 0), (-1, 0), (0, 0), (1, 1), (1_000, 1), (1_001, 2), (60_000, 60)]
    {
        assert_eq!(delay_seconds(NOW, at(millis)), wanted, "{millis} ms");
    }
}

#[test]
fn a_parked_delivery_becomes_a_task_of_its_row_seen_when_it_is_due() {
    let due = Due {
        tenant: "shop-1".parse().expect("a tenant"),
        subscription: SubscriptionId::new(NOW, 1),
        event: EventId::new(NOW, 2),
        due_at: at(30_000),
    };
    let sent = task(&due, NOW).expect("it serialises");
    assert_eq!((sent.delay_seconds, sent.group), (30, Some(due.subscription.to_string())));
    let task: DeliveryTask = messages::read(&sent.body).expect("it reads");
    assert_eq!(
        (task.tenant, task.subscription, task.event),
        (due.tenant, due.subscription, due.event)
    );
    assert!(task.repeat && task.resend.is_none() && !task.probe, "its row is read first");
}

proptest! {
    #[test]
    fn a_delay_is_one_that_sqs_takes_never_too_short_and_less_than_a_second_too_long(
        millis in -2_000_000i64..2_000_000,
    ) {
        let delay = delay_seconds(NOW, at(millis));
        prop_assert!((0..=900).contains(&delay));
        let seen_at = NOW.after(Duration::from_secs(u64::from(delay.unsigned_abs())));
        if millis <= 900_000 {
            prop_assert!(seen_at >= at(millis), "before it is due");
        }
        prop_assert!(seen_at < at(millis.max(0) + 1_000), "too late");
    }
}
