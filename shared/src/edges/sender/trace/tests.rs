use super::*;

const ALL: [Step; STEPS] = [
    Step::Opening,
    Step::Lookup,
    Step::Found,
    Step::Handshake,
    Step::Connected,
    Step::Sending,
    Step::Answered,
];

fn noted(steps: &[Step]) -> Trace {
    let trace = Trace::default();
    for step in steps {
        trace.note(*step);
    }
    trace
}

/// Which of dns, connect, tls and first byte there are.
fn parts(trace: &Trace) -> [bool; 4] {
    let Timing { dns_ms, connect_ms, tls_ms, first_byte_ms } = trace.timing();
    [dns_ms, connect_ms, tls_ms, first_byte_ms].map(|part| part.is_some())
}

#[test]
fn a_part_is_there_once_it_ended() {
    let expected = [
        (1, [false; 4], Reached::Tcp),
        (2, [false; 4], Reached::Lookup),
        (3, [true, false, false, false], Reached::Tcp),
        (4, [true, true, false, false], Reached::Handshake),
        (5, [true, true, true, false], Reached::Handshake),
    ];
    for (steps, there, reached) in expected {
        let trace = noted(&ALL[..steps]);
        assert_eq!((parts(&trace), trace.reached()), (there, reached), "{steps}");
    }
    assert!(matches!(noted(&ALL[..6]).reached(), Reached::Sending(Some(_))));
    assert_eq!(parts(&noted(&ALL)), [true; 4]);
    let plain = noted(&[Step::Opening, Step::Connected, Step::Sending, Step::Answered]);
    assert_eq!(parts(&plain), [false, true, false, true]);
}

#[test]
fn of_a_connection_that_was_not_used_nothing_is_told() {
    for opening in 0..5 {
        // Up to before it was connected; then the request goes out.
        let trace = noted(&[&ALL[..opening], &ALL[5..]].concat());
        assert_eq!(
            (parts(&trace), trace.reached()),
            ([false, false, false, true], Reached::Sending(None))
        );
    }
}

#[tokio::test]
async fn steps_outside_of_an_attempt_are_nobodys() {
    let trace = Trace::default();
    note(Step::Opening);
    trace.follow(async { note(Step::Lookup) }).await;
    note(Step::Found);
    assert_eq!(trace.reached(), Reached::Lookup);
}
