use std::collections::BTreeMap;

use super::*;
use crate::answers::Counts;

fn at(hour: i64) -> Timestamp {
    Timestamp::from_millis(hour * 3_600_000)
}

fn nothing(hours: i64) -> Statistics {
    let (from, to) = (at(0), at(hours));
    Statistics {
        from,
        to,
        complete: true,
        counts: Counts::default(),
        hours: Vec::new(),
        subscriptions: BTreeMap::new(),
    }
}

fn day() -> Hours {
    let counts = |delivered, exhausted, p99| Counts {
        deliveries: Deliveries {
            total: delivered + exhausted,
            delivered,
            exhausted,
            ..Deliveries::default()
        },
        response_time_ms: Some(Percentiles { p50: 10, p95: 20, p99 }),
        ..Counts::default()
    };
    let hours = [(2, counts(3, 1, 40)), (23, counts(8, 0, 80))];
    let hours =
        hours.into_iter().map(|(hour, counts)| crate::answers::Hour { hour: at(hour), counts });
    Hours::of(&Statistics { hours: hours.collect(), ..nothing(24) })
}

#[test]
fn every_hour_has_its_place_and_a_bar_is_as_high_as_its_deliveries() {
    let plot = day().outcomes().into_string();
    assert!(
        plot.contains("aria-label=\"12 deliveries in 24 hours: 11 delivered, 1 failed\""),
        "{plot}"
    );
    // Eight of ten; three stand under one that failed.
    assert!(
        plot.contains(
            "<rect class=\"delivered\" x=\"615.2\" y=\"32.8\" width=\"23.8\" height=\"107.2\"/>"
        ),
        "{plot}"
    );
    assert!(
        plot.contains(
            "<rect class=\"exhausted\" x=\"95.5\" y=\"86.4\" width=\"23.8\" height=\"13.4\"/>"
        ),
        "{plot}"
    );
    assert_eq!(plot.matches("class=\"hour\"").count(), 4);
    assert_eq!(day().sparkline().into_string().matches("<rect").count(), 3);
}

#[test]
fn times_are_a_line_over_the_hours_that_have_some() {
    let plot = day().times().into_string();
    assert!(plot.contains("80 ms at most") && plot.contains(">50 ms<"), "{plot}");
    assert!(plot.contains("<polyline class=\"p99\" points=\"107.9,86.4 627.6,32.8\"/>"), "{plot}");
}

#[test]
fn more_than_two_days_are_named_by_their_dates() {
    let week = Hours::of(&nothing(7 * 24)).outcomes().into_string();
    assert_eq!(week.matches("class=\"hour\"").count(), 7);
    assert!(week.contains(">01-02<"), "{week}");
    assert_eq!(
        [0, 1, 3, 9, 10, 11, 399, u64::MAX].map(rounded_up),
        [2, 2, 4, 10, 10, 20, 400, u64::MAX]
    );
}

#[test]
fn a_day_without_deliveries_is_a_plot_as_well() {
    let none = Hours::of(&nothing(0));
    for plot in [none.sparkline(), none.outcomes(), none.times()] {
        assert!(!plot.into_string().contains("NaN"));
    }
}
