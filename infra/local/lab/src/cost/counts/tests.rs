use super::*;
use crate::asked::LambdaAsked;

#[test]
fn a_share_is_what_was_counted_without_the_ticks_in_between() {
    let lambda =
        |invocations, billed_ms| LambdaAsked { invocations, errors: 0, billed_ms, log_bytes: 10 };
    let asked = Asked {
        http_requests: 4,
        answered_bytes: 400,
        sqs_by_queue: [("DeliveriesQueue".to_owned(), 12), ("EventsQueue".to_owned(), 8)].into(),
        read_units: 18.0,
        write_units: 8.0,
        lambda: [("delivery".to_owned(), lambda(2, 220)), ("scheduler".to_owned(), lambda(2, 50))]
            .into(),
        ..Asked::default()
    };
    let cpu = [
        ("delivery".to_owned(), Duration::from_millis(8)),
        ("stack".to_owned(), Duration::from_secs(9)),
    ];
    let tick = Counted {
        read_units: 7.0,
        functions: [(
            "scheduler".to_owned(),
            Invoked { invocations: 1.0, wall_ms: 25.0, cpu_ms: 3.0 },
        )]
        .into(),
        ..Counted::default()
    };
    let counted = Counted::of(&asked, &cpu.into(), 6_000, 5_200).without(&tick.times(2.0)).per(4);
    let right = Counted {
        http_requests: 1.0,
        functions: [(
            "delivery".to_owned(),
            Invoked { invocations: 0.5, wall_ms: 55.0, cpu_ms: 2.0 },
        )]
        .into(),
        sqs_requests: 5.0,
        sqs_fair_requests: 3.0,
        read_units: 1.0,
        write_units: 2.0,
        log_bytes: 5.0,
        sent_bytes: 1_600.0,
        stored_bytes: 1_300.0,
    };
    assert_eq!(counted, right);
    assert!((counted.deliveries_an_invocation() - 2.0).abs() < 1e-9);
}
