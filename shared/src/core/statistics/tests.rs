use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn percentiles_are_within_five_percent(values in prop::collection::vec(1u64..100_000_000, 1..300)) {
        let mut histogram = Histogram::default();
        for value in &values {
            histogram.add(*value);
        }
        let mut sorted = values;
        sorted.sort_unstable();
        let found = histogram.percentiles().unwrap();
        for (share, found) in [(50, found.p50), (95, found.p95), (99, found.p99)] {
            let exact = sorted[(sorted.len() * share).div_ceil(100) - 1];
            prop_assert!(found.abs_diff(exact) * 20 <= exact + 20, "{found} instead of {exact}");
        }
    }

    #[test]
    fn counted_apart_and_added_up_is_counted_together(
        first in prop::collection::vec(0u64..1 << 40, 0..50),
        second in prop::collection::vec(0u64..1 << 40, 0..50),
    ) {
        let count = |values: &[u64]| {
            let mut counts = Counts::default();
            for value in values {
                counts.delivery_times.add(*value);
            }
            counts
        };
        let mut apart = count(&first);
        apart.merge(&count(&second));
        prop_assert_eq!(apart, count(&[first, second].concat()));
    }
}

#[test]
fn nothing_has_no_percentiles_and_no_rate() {
    assert_eq!(Histogram::default().percentiles(), None);
    assert_eq!(Counts::default().success_rate(), None);
}

#[test]
fn an_hour_is_from_its_start_to_its_last_millisecond() {
    let time: Timestamp = "2026-01-31T08:59:59.999Z".parse().expect("a time");
    assert_eq!(hour_of(time).to_string(), "2026-01-31T08:00:00.000Z");
    assert_eq!(end_of(hour_of(time)), time);
}
