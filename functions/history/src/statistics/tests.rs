use shared::core::page::MAX_LIMIT;
use shared::core::statistics::{Attempts, Deliveries};

use super::*;

const HOUR: Duration = Duration::from_hours(1);

/// An hour in which everything is counted in millions.
fn busy() -> Counts {
    const MANY: u64 = 9_876_543;
    let deliveries = Deliveries {
        total: 5 * MANY,
        delivered: MANY,
        exhausted: MANY - 1,
        cancelled: MANY,
        pending: MANY,
        held: MANY,
    };
    let attempts = Attempts {
        total: 5 * MANY,
        succeeded: MANY,
        rejected: MANY,
        timed_out: MANY,
        unreachable: MANY,
        blocked: MANY,
    };
    let mut counts = Counts { deliveries, attempts, ..Counts::default() };
    for histogram in [&mut counts.response_times, &mut counts.delivery_times] {
        histogram.add(86_400_000);
    }
    counts
}

/// What Lambda is handed: the answer as a string in JSON.
fn handed_over(subscriptions: u16, hours: u32) -> usize {
    let first = Timestamp::from_millis(1_700_000_400_000);
    let window = Window { first, last: first.after(HOUR * (hours - 1)) };
    let mut one = Sum::of(window, true);
    let busy = window.hours().into_iter().map(|hour| (hour, busy())).collect();
    one.add(&Tally { hours: busy, incomplete: false });
    let ids = (0..subscriptions).map(|n| SubscriptionId::new(first, u128::from(n)));
    let each =
        EachView { subscriptions: ids.map(|id| (id, one.view())).collect(), next_cursor: None };
    let answer = TenantStatisticsView { sum: one.view(), each: Some(each) };
    let text = serde_json::to_string(&answer).expect("it serialises");
    serde_json::to_string(&text).expect("it serialises").len()
}

#[test]
fn the_largest_answer_is_within_what_lambda_takes() {
    // Few subscriptions of many hours, as many as there may be, and what is between.
    for (subscriptions, hours) in [(1, 5_000), (25, 200), (MAX_LIMIT, 20)] {
        assert_eq!(usize::from(subscriptions) * usize::try_from(hours).expect("small"), MOST_HOURS);
        let bytes = handed_over(subscriptions, hours);
        assert!(bytes < 6 << 20, "{bytes} for {subscriptions} subscriptions of {hours} hours");
    }
}
