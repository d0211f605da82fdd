use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;
use shared::core::event::event_type::{Filter, Pattern};
use shared::core::id::EventId;
use shared::edges::store::subscriptions::Revision;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn event() -> EventMessage {
    EventMessage {
        tenant: "shop-1".parse().expect("a tenant"),
        event: EventId::new(NOW, 1),
        event_type: "order.created".parse().expect("a type"),
        payload: Payload::Zstd(vec![1]),
        parent: None,
        trace: None,
        repeat: false,
        cursor: None,
        matched: 0,
    }
}

fn repeat() -> EventMessage {
    EventMessage { repeat: true, ..event() }
}

fn in_log() -> EventMessage {
    EventMessage { payload: Payload::Log { chunks: 2, zstd: true }, ..event() }
}

fn route(n: usize, pattern: &str) -> Route {
    let pattern = Pattern::try_from(pattern.to_owned()).expect("a pattern");
    Route {
        id: SubscriptionId::new(NOW, n as u128),
        version: 1,
        filter: Filter::try_from(vec![pattern]).expect("a filter"),
        ordered: false,
    }
}

fn page(routes: Vec<Route>, next: Option<&str>) -> RoutePage {
    RoutePage { revision: Revision::default(), routes, next: next.map(str::to_owned) }
}

fn matching(count: usize) -> RoutePage {
    page((0..count).map(|n| route(n, "order.*")).collect(), None)
}

fn facts(page: &RoutePage) -> Facts<'_> {
    Facts { source: Source::Plain, row: Row::Unread, page: Some(page) }
}

const NOTHING_KNOWN: Facts<'_> = Facts { source: Source::Plain, row: Row::Unread, page: None };

fn record(step: Step<'_>) -> (u64, Option<usize>) {
    match step {
        Step::Send { then: Then::Record { matched, listed }, .. } => {
            (matched, listed.map(|ids| ids.len()))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_row_is_read_for_a_repeat_and_for_nothing_else() {
    assert_eq!(next(&event(), NOTHING_KNOWN), Step::ReadPage);
    assert_eq!(next(&repeat(), NOTHING_KNOWN), Step::ReadRow);
    let absent = Facts { row: Row::Absent, ..NOTHING_KNOWN };
    assert_eq!(next(&repeat(), absent), Step::ReadPage);
}

#[test]
fn an_event_with_a_row_is_dropped_before_any_page_is_read() {
    let found = Facts { row: Row::Present { erased: false }, ..NOTHING_KNOWN };
    for event in [repeat(), EventMessage { repeat: true, ..in_log() }] {
        assert_eq!(next(&event, found), Step::Drop(Leftover::Keep));
    }
}

#[test]
fn a_repeat_of_an_erased_event_deletes_the_payload_that_it_put_into_the_log() {
    let erased = Facts { row: Row::Present { erased: true }, ..NOTHING_KNOWN };
    let large = EventMessage { repeat: true, ..in_log() };
    assert_eq!(next(&large, erased), Step::Drop(Leftover::Delete));
    assert_eq!(next(&repeat(), erased), Step::Drop(Leftover::Keep), "it travels in the message");
}

#[test]
fn an_erasure_takes_events_up_to_its_own_millisecond() {
    let at = |offset: i64| Some(Timestamp::from_millis(NOW.as_millis() + offset));
    let with = |payloads, everything| {
        let revision = Revision {
            payloads_erased_until: payloads,
            erased_until: everything,
            retention_days: Some(3),
            ..Revision::default()
        };
        RoutePage { revision, ..matching(1) }
    };
    for (payloads, everything, wanted) in [
        (at(0), None, Some(Remains::WithoutPayload(Some(3)))),
        (at(1), None, Some(Remains::WithoutPayload(Some(3)))),
        (at(-1), None, None),
        (None, at(0), Some(Remains::Nothing)),
        (None, at(-1), None),
        (at(0), at(0), Some(Remains::Nothing)),
        (at(5), at(-5), Some(Remains::WithoutPayload(Some(3)))),
    ] {
        let page = with(payloads, everything);
        let step = next(&event(), facts(&page));
        match wanted {
            Some(remains) => {
                assert_eq!(step, Step::Erase(Leftover::Keep, remains));
                assert_eq!(next(&in_log(), facts(&page)), Step::Erase(Leftover::Delete, remains));
            }
            None => assert_eq!(record(step), (1, Some(1)), "{payloads:?} {everything:?}"),
        }
    }
}

#[test]
fn an_erasure_ends_an_event_that_is_between_two_pages() {
    let revision = Revision { erased_until: Some(NOW), ..Revision::default() };
    let page = RoutePage { revision, ..page(Vec::new(), Some("more")) };
    let under_way = EventMessage { cursor: Some("here".to_owned()), matched: 7, ..event() };
    assert_eq!(next(&under_way, facts(&page)), Step::Erase(Leftover::Keep, Remains::Nothing));
}

#[test]
fn only_matching_subscriptions_get_a_task_and_an_event_for_nobody_is_recorded() {
    let page = page(vec![route(1, "order.*"), route(2, "cart.*"), route(3, "*")], None);
    let page =
        RoutePage { revision: Revision { retention_days: Some(3), ..Revision::default() }, ..page };
    let Step::Send { to, retention_days: Some(3), then } = next(&event(), facts(&page)) else {
        panic!("it is sent, and kept as long as the tenant says")
    };
    let ids: Vec<_> = to.iter().map(|route| route.id).collect();
    assert_eq!(ids, [page.routes[0].id, page.routes[2].id]);
    assert_eq!(then, Then::Record { matched: 2, listed: Some(ids) });
    assert_eq!(record(next(&event(), facts(&matching(0)))), (0, Some(0)));
}

#[test]
fn the_record_lists_a_hundred_subscriptions_of_a_single_page() {
    for (count, listed) in [(MAX_LISTED, Some(MAX_LISTED)), (MAX_LISTED + 1, None)] {
        assert_eq!(record(next(&event(), facts(&matching(count)))), (count as u64, listed));
    }
    let second = EventMessage { cursor: Some("here".to_owned()), matched: 3, ..event() };
    assert_eq!(record(next(&second, facts(&matching(2)))), (5, None), "the first page is unknown");
}

#[test]
fn the_next_page_is_taken_here_in_order_and_in_a_next_message_otherwise() {
    let page = page(vec![route(1, "*"), route(2, "*")], Some("next"));
    let under_way = EventMessage { cursor: Some("here".to_owned()), matched: 3, ..event() };
    let then = |source| match next(&under_way, Facts { source, ..facts(&page) }) {
        Step::Send { to, then, .. } if to.len() == 2 => then,
        other => panic!("{other:?}"),
    };
    let progress = Progress { cursor: "next".to_owned(), matched: 5 };
    assert_eq!(then(Source::InOrder), Then::GoOnHere(progress.clone()));
    assert_eq!(then(Source::Plain), Then::GoOnInNext(progress));
}

#[test]
fn ordered_subscriptions_have_a_queue_of_their_own_where_there_is_one() {
    let (plain, ordered) = (route(1, "*"), Route { ordered: true, ..route(2, "*") });
    let routes = [&plain, &ordered];
    assert_eq!(
        lanes(&routes, Queues::PlainAndOrdered),
        Lanes { plain: vec![&plain], ordered: vec![&ordered] }
    );
    assert_eq!(
        lanes(&routes, Queues::Plain),
        Lanes { plain: vec![&plain, &ordered], ordered: Vec::new() }
    );
}

/// Fans out an event as the handler does; answers with the tasks of each subscription, and the
/// record. `sizes` are those of the pages, over and over.
fn fan_out(
    mut event: EventMessage,
    source: Source,
    mut routes: Vec<Route>,
    sizes: &[usize],
) -> (HashMap<SubscriptionId, u32>, u64, Option<Vec<SubscriptionId>>) {
    let (mut pages, mut sizes) = (Vec::new(), sizes.iter().cycle());
    while !routes.is_empty() || pages.is_empty() {
        let size = (*sizes.next().expect("a size")).min(routes.len());
        let rest = routes.split_off(size);
        let following = (!rest.is_empty()).then(|| (pages.len() + 1).to_string());
        pages.push(page(std::mem::replace(&mut routes, rest), following.as_deref()));
    }
    let (mut row, mut known, mut sent) = (Row::Unread, None, HashMap::new());
    loop {
        match next(&event, Facts { source, row, page: known }) {
            Step::ReadRow => row = Row::Absent,
            Step::ReadPage => {
                let at = event.cursor.as_deref().map_or(0, |at| at.parse().expect("a page"));
                known = Some(&pages[at]);
            }
            Step::Send { to, then, .. } => {
                let lanes = lanes(&to, Queues::PlainAndOrdered);
                for route in lanes.plain.into_iter().chain(lanes.ordered) {
                    *sent.entry(route.id).or_default() += 1;
                }
                known = None;
                let progress = match (then, source) {
                    (Then::Record { matched, listed }, _) => return (sent, matched, listed),
                    (Then::GoOnHere(progress), Source::InOrder)
                    | (Then::GoOnInNext(progress), Source::Plain) => progress,
                    (then, source) => panic!("{then:?} of {source:?}"),
                };
                (event.cursor, event.matched) = (Some(progress.cursor), progress.matched);
            }
            other => panic!("{other:?}"),
        }
    }
}

proptest! {
    #[test]
    fn each_matching_subscription_gets_one_task_whatever_the_pages(
        patterns in prop::collection::vec((prop::sample::select(vec!["order.*", "cart.*", "*"]), any::<bool>()), 0..300),
        sizes in prop::collection::vec(1usize..150, 1..8),
        source in prop::sample::select(vec![Source::Plain, Source::InOrder]),
        is_repeat in any::<bool>(),
    ) {
        let routes = || patterns.iter().enumerate().map(|(n, (pattern, ordered))| {
            Route { ordered: *ordered, ..route(n, pattern) }
        });
        let event = EventMessage { repeat: is_repeat, ..event() };
        let wanted: Vec<_> = routes().filter(|route| route.filter.matches(&event.event_type)).map(|route| route.id).collect();
        let (sent, matched, listed) = fan_out(event, source, routes().collect(), &sizes);
        prop_assert!(sent.values().all(|tasks| *tasks == 1), "more than one task");
        let mut to: Vec<_> = sent.into_keys().collect();
        to.sort_unstable();
        prop_assert_eq!(&to, &wanted);
        prop_assert_eq!(matched, wanted.len() as u64);
        if let Some(listed) = listed {
            prop_assert!(listed.len() <= MAX_LISTED);
            prop_assert_eq!(listed, wanted);
        }
    }

    #[test]
    fn an_event_is_erased_by_an_erasure_of_its_time_or_later_and_by_no_other(
        payloads in prop::option::of(-3i64..4),
        everything in prop::option::of(-3i64..4),
    ) {
        let until = |offset: Option<i64>| offset.map(|offset| {
            let span = Duration::from_millis(offset.unsigned_abs());
            if offset < 0 { NOW.before(span) } else { NOW.after(span) }
        });
        let revision = Revision {
            payloads_erased_until: until(payloads),
            erased_until: until(everything),
            ..Revision::default()
        };
        let page = RoutePage { revision, ..matching(1) };
        let is_erased = matches!(next(&event(), facts(&page)), Step::Erase(..));
        prop_assert_eq!(is_erased, payloads.is_some_and(|at| at >= 0) || everything.is_some_and(|at| at >= 0));
    }
}
