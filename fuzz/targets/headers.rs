//! Headers that others write: `Retry-After` never brings an attempt forward nor puts it off beyond
//! 12 hours; a trace that is read is written as a valid one, and reads as the same. Input:
//! `Retry-After`, `traceparent`, `tracestate`, a line each.
#![no_main]

use std::time::Duration;

use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use shared::core::delivery::attempt::Outcome;
use shared::core::subscription::profile;
use shared::core::delivery::retry::{self, Verdict};
use shared::core::timestamp::Timestamp;
use shared::core::trace_context::TraceContext;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const LONGEST: Duration = Duration::from_secs(43_200);

fuzz_target!(|input: &str| {
    let mut lines = input.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (retry_after, parent, state) = (line(), line(), line());
    for profile in profile::all() {
        let with = |retry_after| {
            let result = retry::Result { outcome: Outcome::Rejected, status: Some(429), retry_after, ending: None };
            retry::after(&profile.policy, 1, result, NOW, 0.5)
        };
        match (with(None), with(Some(retry_after))) {
            (Verdict::Retry(planned), Verdict::Retry(asked)) => {
                assert!(asked >= planned && asked <= planned.max(LONGEST));
                assert!(NOW.after(asked) >= NOW);
            }
            (without, with) => assert_eq!(without, with),
        }
    }
    if let Some(trace) = TraceContext::parse(parent, Some(state)) {
        assert_eq!(trace.traceparent().len(), 55);
        let again = TraceContext::parse(&trace.traceparent(), trace.tracestate()).expect("read again");
        assert_eq!(again, trace);
        assert!(trace.tracestate().is_none_or(|state| state.len() <= 512 && state.split(',').count() <= 32));
        let mut headers = HeaderMap::new();
        trace.write(0, &mut headers);
        let sent = TraceContext::of(&headers).expect("a trace");
        assert_eq!((sent.trace_id(), sent.tracestate()), (trace.trace_id(), trace.tracestate()));
    }
});
