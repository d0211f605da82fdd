use proptest::prelude::*;
use shared::core::bulk_resend::{Request, WINDOW};
use shared::core::delivery::Status;
use shared::core::delivery::attempt::Attempt;
use shared::core::event::event_type::Pattern;
use shared::core::event::payload::Payload;
use shared::core::id::{ResendId, TenantId};

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const TICK: Duration = Duration::from_mins(1);
const MILLISECOND: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_hours(24);

fn shop() -> TenantId {
    "shop-1".parse().expect("a tenant")
}

fn subscription() -> SubscriptionId {
    SubscriptionId::new(NOW.before(DAY), 1)
}

fn resend(which: Which) -> BulkResend {
    let request = Request { which, ..Request::default() };
    BulkResend::new(ResendId::new(NOW, 1), (shop(), subscription()), request, NOW)
}

fn filter(pattern: &str) -> Filter {
    let pattern = Pattern::try_from(pattern.to_owned()).expect("a pattern");
    Filter::try_from(vec![pattern]).expect("a filter")
}

fn id(n: u128) -> EventId {
    EventId::new(NOW, n)
}

fn row(event: EventId, status: Status) -> Delivery {
    let event_type = "order.created".parse().expect("a type");
    let new = Delivery::new(shop(), subscription(), event, event_type, NOW);
    Delivery { status, ..new }
}

/// A row whose latest attempt was a resend's, begun after each resend here was planned.
fn resent(event: EventId) -> Delivery {
    let attempt = serde_json::json!({
        "number": 0, "trigger": "resend", "started_at": NOW, "duration_ms": 7, "outcome": "rejected",
    });
    let mut row = row(event, Status::Exhausted);
    row.note(serde_json::from_value::<Attempt>(attempt).expect("an attempt"));
    row
}

fn event(id: EventId, listed: Option<Vec<SubscriptionId>>) -> Event {
    Event {
        id,
        event_type: "order.created".parse().expect("a type"),
        payload: Some(Payload::Zstd(Vec::new())),
        parent: None,
        trace: None,
        matched: 1,
        subscriptions: listed,
        expires_at: None,
    }
}

#[test]
fn a_plan_is_left_to_the_run_that_claimed_it_for_as_long_as_a_run_lasts() {
    let resend = resend(Which::Failed);
    assert_eq!(start(&resend, TICK, NOW.after(TICK)), Start::Free);
    let planned = BulkResend { planned: vec![id(1)], ..resend };
    assert_eq!(start(&planned, TICK, NOW.after(TICK.saturating_sub(MILLISECOND))), Start::Busy);
    assert_eq!(start(&planned, TICK, NOW.after(TICK)), Start::TakeOver);
}

#[test]
fn more_is_looked_for_while_there_is_room_and_something_to_look_at() {
    let with = |under_way: u128| {
        let under_way = (0..under_way).map(id).collect();
        BulkResend { under_way, ..resend(Which::Failed) }
    };
    assert_eq!(more(&with(0), 0, NOW), More::Look(WINDOW));
    assert_eq!(more(&with(10), 30, NOW), More::Look(20));
    assert_eq!(more(&with(30), 30, NOW), More::Nothing, "there is no room");
    let through = BulkResend { looked_through: true, ..with(10) };
    assert_eq!(more(&through, 30, NOW), More::Nothing, "all was looked at");
}

#[test]
fn what_is_under_way_for_half_an_hour_is_sent_again() {
    let under_way = BulkResend { under_way: vec![id(1)], ..resend(Which::Failed) };
    let through = BulkResend { looked_through: true, ..under_way.clone() };
    assert_eq!(more(&through, 0, NOW.after(SENT_AGAIN_AFTER)), More::Nothing);
    for resend in [&under_way, &through] {
        assert_eq!(more(resend, 1, NOW.after(SENT_AGAIN_AFTER + MILLISECOND)), More::Again);
    }
    let nothing = BulkResend { looked_through: true, ..resend(Which::Failed) };
    assert_eq!(more(&nothing, 0, NOW.after(DAY)), More::Nothing);
}

#[test]
fn a_resend_looks_no_further_back_than_events_are_kept() {
    let asked = |from: Option<Duration>| {
        let from = from.map(|ago| NOW.before(ago));
        let request = Request { from, ..Request::default() };
        BulkResend { request, ..resend(Which::All) }
    };
    for (from, tenant, days_ago) in [
        (None, None, 30),
        (None, Some(3), 3),
        (None, Some(90), 30),
        (Some(1), Some(3), 1),
        (Some(60), Some(3), 3),
        (Some(60), None, 30),
    ] {
        let days = |days: Option<u32>| days.map(|days| days * DAY);
        let found = range(&asked(days(from)), days(tenant), 30 * DAY, NOW);
        assert_eq!(found, (NOW.before(days_ago * DAY), NOW), "{from:?} {tenant:?}");
    }
}

#[test]
fn failed_ones_are_chosen_by_how_they_stand_and_by_type() {
    let rows = [
        row(id(1), Status::Exhausted),
        row(id(2), Status::Delivered),
        row(id(3), Status::Held),
        row(id(4), Status::Exhausted),
    ];
    let resend = resend(Which::Failed);
    assert_eq!(failed(&resend, &rows), [id(1), id(4)]);
    let request = Request { types: Some(filter("cart.*")), ..resend.request.clone() };
    assert!(failed(&BulkResend { request, ..resend }, &rows).is_empty());
}

#[test]
fn only_events_that_the_filter_chooses_and_that_have_their_data_are_wanted() {
    let events = [event(id(1), None), Event { payload: None, ..event(id(2), None) }];
    let wanted_by = |own: &str, asked: Option<&str>| {
        let own = filter(own);
        let request = Request { types: asked.map(filter), ..Request::default() };
        let target = Target { id: subscription(), filter: &own, ordered: false };
        let resend = BulkResend { request, ..resend(Which::All) };
        wanted(&resend, &target, &events).iter().map(|event| event.id).collect::<Vec<_>>()
    };
    assert_eq!(wanted_by("*", None), [id(1)], "the other one was erased");
    assert_eq!(wanted_by("order.*", Some("order.created")), [id(1)]);
    assert!(wanted_by("cart.*", None).is_empty() && wanted_by("*", Some("cart.*")).is_empty());
}

/// Chooses of one event that is so old, and changed so.
fn is_chosen(
    target: &Target<'_>,
    which: Which,
    age: Duration,
    change: impl FnOnce(&mut Event),
) -> bool {
    let mut event = event(EventId::new(NOW.before(age), 1), Some(vec![subscription()]));
    change(&mut event);
    !chosen(&resend(which), target, &[&event], &[], NOW).is_empty()
}

#[test]
fn an_event_without_a_row_is_left_to_its_first_attempt_for_a_time() {
    let all = filter("*");
    let plain = Target { id: subscription(), filter: &all, ordered: false };
    let in_order = Target { ordered: true, ..plain };
    let went = |_: &mut Event| {};
    let never_went = |event: &mut Event| event.subscriptions = Some(Vec::new());
    let guessed = |event: &mut Event| event.subscriptions = None;
    for which in [Which::Missing, Which::All] {
        assert!(!is_chosen(&plain, which, FIRST_ATTEMPT_WITHIN.saturating_sub(MILLISECOND), went));
        assert!(is_chosen(&plain, which, FIRST_ATTEMPT_WITHIN, went));
        assert!(is_chosen(&plain, which, Duration::ZERO, never_went));
        assert!(!is_chosen(&plain, which, GUESSED_WITHIN.saturating_sub(MILLISECOND), guessed));
        assert!(is_chosen(&plain, which, GUESSED_WITHIN, guessed));
        assert!(!is_chosen(&in_order, which, IN_ORDER_WITHIN.saturating_sub(MILLISECOND), went));
        assert!(is_chosen(&in_order, which, IN_ORDER_WITHIN, went));
    }
    let before_it = |event: &mut Event| {
        (event.id, event.subscriptions) = (EventId::new(NOW.before(2 * DAY), 1), None);
    };
    assert!(is_chosen(&plain, Which::Missing, DAY, before_it), "it is older than the subscription");
}

#[test]
fn an_event_with_a_row_is_sent_only_where_all_are() {
    let (all, events) = (filter("*"), [event(id(1), None), event(id(2), Some(Vec::new()))]);
    let target = Target { id: subscription(), filter: &all, ordered: false };
    let wanted: Vec<_> = events.iter().collect();
    let rows = [row(id(1), Status::Delivered)];
    let chosen = |which| chosen(&resend(which), &target, &wanted, &rows, NOW);
    assert_eq!(chosen(Which::Missing), [id(2)]);
    assert_eq!(chosen(Which::All), [id(1), id(2)]);
}

#[test]
fn a_resend_that_ended_sends_only_what_is_marked() {
    let running = resend(Which::Failed);
    let rows = [
        Delivery { resend: Some(running.id), ..row(id(1), Status::Exhausted) },
        row(id(2), Status::Exhausted),
        resent(id(4)),
    ];
    let planned = [id(1), id(2), id(3), id(4)];
    assert_eq!(still_sent(&running, &planned, &rows), planned);
    for state in [State::Done, State::Cancelled] {
        let ended = BulkResend { state, ..running.clone() };
        assert_eq!(still_sent(&ended, &planned, &rows), [id(1), id(4)], "marked, or made already");
    }
}

#[test]
fn a_planned_delivery_is_marked_as_its_row_stands() {
    let failed = row(id(1), Status::Exhausted);
    let delivered = row(id(1), Status::Delivered);
    for (which, of_failed, of_delivered) in [
        (Which::Failed, Mark::Ask, Mark::Skip),
        (Which::Missing, Mark::Skip, Mark::Skip),
        (Which::All, Mark::Ask, Mark::Ask),
    ] {
        let resend = resend(which);
        assert_eq!(mark(&resend, None, NOW), Mark::Make);
        assert_eq!(mark(&resend, Some(&failed), NOW), of_failed, "{which:?}");
        assert_eq!(mark(&resend, Some(&delivered), NOW), of_delivered, "{which:?}");
        assert_eq!(mark(&resend, Some(&resent(id(1))), NOW), Mark::Skip, "it was made");
        let marked = Delivery { resend: Some(resend.id), ..delivered.clone() };
        assert_eq!(mark(&resend, Some(&marked), NOW), Mark::Send);
        let at = |at| Delivery { resend_slot_at: Some(at), ..marked.clone() };
        assert_eq!(mark(&resend, Some(&at(NOW)), NOW), Mark::Send);
        assert_eq!(mark(&resend, Some(&at(NOW.after(MILLISECOND))), NOW), Mark::Skip, "it waits");
    }
}

#[test]
fn a_resend_is_over_when_nothing_is_under_way_or_it_was_followed_for_long_enough() {
    let running = BulkResend { under_way: vec![id(1)], ..resend(Which::Failed) };
    let ended = BulkResend { finished_at: Some(NOW), ..running.clone() };
    assert!(!is_over(&running, NOW.after(DAY)) && !is_over(&resend(Which::Failed), NOW));
    assert!(!is_over(&ended, NOW.after(FOLLOWED_FOR)));
    assert!(is_over(&ended, NOW.after(FOLLOWED_FOR + MILLISECOND)));
    assert!(is_over(&BulkResend { under_way: Vec::new(), ..ended }, NOW));
}

proptest! {
    #[test]
    fn never_more_is_under_way_than_there_is_room_for(
        under_way in 0u128..300,
        limit in 0u32..1_000,
        looked_through in any::<bool>(),
        waited in 0u64..3_600,
    ) {
        let under_way: Vec<_> = (0..under_way).map(id).collect();
        let count = under_way.len();
        let resend = BulkResend { under_way, looked_through, ..resend(Which::All) };
        match more(&resend, limit, NOW.after(Duration::from_secs(waited))) {
            More::Look(room) => {
                prop_assert!(!looked_through && room > 0);
                prop_assert!(count + room <= WINDOW && (limit == 0 || count + room <= limit as usize));
            }
            More::Again => prop_assert!(count > 0 && waited > 1_800),
            More::Nothing => {}
        }
    }
}
