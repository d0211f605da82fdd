use super::*;
use proptest::prelude::*;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in all {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers
}

#[test]
fn a_child_is_of_the_same_trace_and_another_span() {
    let context = TraceContext::parse(PARENT, None).unwrap();
    assert_eq!(
        (context.trace_id().to_string().as_str(), context.traceparent().as_str()),
        (TRACE, PARENT)
    );
    assert_eq!(context.child(0xabc), format!("00-{TRACE}-0000000000000abc-01"));
    assert_eq!(context.child(0), format!("00-{TRACE}-0000000000000001-01"));
}

#[test]
fn a_later_version_is_read_as_far_as_it_is_known_and_passed_on_as_version_00() {
    for later in [
        format!("cc-{TRACE}-00f067aa0ba902b7-01"),
        format!("cc-{TRACE}-00f067aa0ba902b7-01-what-the-future"),
    ] {
        assert_eq!(TraceContext::parse(&later, None).unwrap().traceparent(), PARENT, "{later}");
    }
    assert!(TraceContext::parse(&format!("cc-{TRACE}-00f067aa0ba902b7-01."), None).is_none());
}

#[test]
fn flags_that_nobody_knows_are_cleared() {
    for (flags, passed_on) in [("00", "00"), ("01", "01"), ("03", "03"), ("ff", "03"), ("fc", "00")]
    {
        let context =
            TraceContext::parse(&format!("00-{TRACE}-00f067aa0ba902b7-{flags}"), None).unwrap();
        assert!(context.child(1).ends_with(&format!("-{passed_on}")), "{flags}");
    }
}

#[test]
fn what_the_specification_calls_invalid_is_none() {
    let invalid = [
        String::new(),
        "00".to_owned(),
        PARENT.to_uppercase(),
        format!("{PARENT}-"),
        format!("{PARENT}0"),
        format!(" {PARENT}"),
        format!("{PARENT},{PARENT}"),
        PARENT.replace("00-4b", "ff-4b"),
        PARENT.replace("00-4b", "0g-4b"),
        PARENT.replace('-', "_"),
        PARENT.replace("4bf", "+bf"),
        format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
        format!("00-{TRACE}-0000000000000000-01"),
        format!("00-{TRACE}-00f067aa0ba902b-001"),
        format!("00-{TRACE}00f067aa0ba902b7-01--"),
        format!("00-{TRACE}-00f067aa0ba902b7-é"),
    ];
    for traceparent in invalid {
        assert_eq!(TraceContext::parse(&traceparent, Some("a=1")), None, "{traceparent}");
    }
}

#[test]
fn headers_are_read_together_and_an_ambiguous_parent_is_none() {
    let context = TraceContext::of(&headers(&[
        (TRACEPARENT, PARENT),
        (TRACESTATE, "a=1"),
        (TRACESTATE, "b=2"),
    ]));
    assert_eq!(context.unwrap().tracestate(), Some("a=1,b=2"));
    assert_eq!(TraceContext::of(&headers(&[(TRACEPARENT, PARENT)])).unwrap().tracestate(), None);
    assert_eq!(TraceContext::of(&headers(&[(TRACESTATE, "a=1")])), None);
    assert_eq!(TraceContext::of(&headers(&[(TRACEPARENT, PARENT), (TRACEPARENT, PARENT)])), None);
    let mut odd = headers(&[(TRACEPARENT, PARENT)]);
    odd.insert(TRACESTATE, HeaderValue::from_bytes(b"a=\xff").unwrap());
    assert_eq!(
        TraceContext::of(&odd).unwrap().tracestate(),
        None,
        "the parent counts all the same"
    );
}

#[test]
fn a_state_is_kept_unchanged_or_not_at_all() {
    let state = |text: &str| TraceContext::parse(PARENT, Some(text)).unwrap().state;
    for kept in
        ["rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "fw529a3039@dt=FfD:x;y", "a=1 , b=2,,c=3 4"]
    {
        assert_eq!(state(kept).as_deref(), Some(kept));
    }
    let long_key = format!("{}=1", "k".repeat(257));
    for invalid in
        ["", " ", ",", "a", "=1", "a=", "A=1", "a=1=2", "a=1,b", "a=\u{7f}", "a b=1", &long_key]
    {
        assert_eq!(state(invalid), None, "{invalid:?}");
    }
}

#[test]
fn a_state_that_is_too_long_loses_whole_members_the_long_ones_first() {
    let state = |members: &[String]| {
        TraceContext::parse(PARENT, Some(&members.join(","))).unwrap().state.unwrap()
    };
    let member = |name: usize, len: usize| format!("k{name:02}={}", "v".repeat(len - 4));
    let (long, short) = (member(0, 200), (1..6).map(|name| member(name, 100)).collect::<Vec<_>>());
    let all: Vec<_> = std::iter::once(long).chain(short.clone()).collect();
    assert_eq!(state(&all), short.join(","));
    let many: Vec<_> = (0..60).map(|name| member(name, 10)).collect();
    assert_eq!(state(&many), many[..32].join(","));
    let six: Vec<_> = (0..6).map(|name| member(name, 120)).collect();
    assert_eq!(state(&six), six[..4].join(","));
}

#[test]
fn empty_members_count_and_go_first() {
    let state = |text: String| TraceContext::parse(PARENT, Some(&text)).unwrap().state.unwrap();
    let most = format!("{}a=1", ",".repeat(31));
    assert_eq!(state(most.clone()), most);
    assert_eq!(state(format!("{most},b=2,")), "a=1,b=2");
}

#[test]
fn a_request_gets_a_new_span_and_the_state_as_it_is_in_place_of_what_it_had() {
    let context = TraceContext::parse(PARENT, Some("a=1 ,b=2")).unwrap();
    let mut request = headers(&[(TRACEPARENT, "theirs"), ("x", "y")]);
    context.write(7, &mut request);
    let child = format!("00-{TRACE}-0000000000000007-01");
    let expected = [(TRACEPARENT, child.as_str()), ("x", "y"), (TRACESTATE, "a=1 ,b=2")];
    let written: Vec<_> =
        request.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    assert_eq!(written, expected);
}

#[test]
fn it_travels_as_its_headers() {
    let context = TraceContext::parse(PARENT, Some("a=1")).unwrap();
    assert_eq!((&*context.traceparent(), context.tracestate()), (PARENT, Some("a=1")));
    assert_eq!(TraceContext::parse("00", None), None);
}

proptest! {
    #[test]
    fn any_text_is_a_context_or_none(parent in "\\PC{0,70}", state in "\\PC{0,600}") {
        let _ = TraceContext::parse(&parent, Some(&state));
        let _ = TraceContext::parse(PARENT, Some(&state));
    }

    #[test]
    fn every_child_is_of_its_trace_and_every_context_comes_back(trace in 1u128.., parent in 1u64.., flags: u8, span: u64) {
        let text = format!("00-{trace:032x}-{parent:016x}-{flags:02x}");
        let context = TraceContext::parse(&text, None).unwrap();
        let child = TraceContext::parse(&context.child(span), None).unwrap();
        prop_assert_eq!(child.trace_id(), context.trace_id());
        prop_assert_eq!(child.flags & 1, flags & 1);
        prop_assert_eq!(TraceContext::parse(&context.traceparent(), None), Some(context));
    }

    #[test]
    fn what_is_kept_of_a_state_is_within_its_limit_and_in_order(members in prop::collection::vec("[a-z]{1,9}=[!-+./-9]{1,150}", 1..50)) {
        let whole = members.join(",");
        if let Some(kept) = kept_state(&whole) {
            prop_assert!(kept.len() <= MAX_STATE_LEN && kept.split(',').count() <= MAX_MEMBERS);
            let mut all = members.iter();
            prop_assert!(kept.split(',').all(|member| all.any(|other| other == member)));
        }
    }
}
