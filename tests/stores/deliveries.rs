//! Deliveries: conditional saves, and the races between delivery and scheduler.

use std::time::Duration;

use shared::core::delivery::attempt::{
    Attempt, Ending, ErrorClass, Millis, Outcome, Phase, Timing, Trigger,
};
use shared::core::delivery::next::Next;
use shared::core::delivery::reason::Reason;
use shared::core::delivery::{Delivery, Status};
use shared::core::id::{ResendId, SubscriptionId};
use shared::core::page::Order;
use shared::core::timestamp::Timestamp;
use shared::edges::clock;
use shared::edges::store::deliveries::Due;
use shared::edges::store::wanted::Wanted;
use shared::edges::store::{LogStore, SHARDS, Saved};

use crate::{ALWAYS, DAY, event, log, pages, subscription, tenant, world};

pub fn fresh(to: SubscriptionId, n: u64) -> Delivery {
    Delivery::new(tenant(), to, event(n), "order.created".parse().expect("a name"), clock::now())
}

async fn load(log: &LogStore, delivery: &Delivery) -> Delivery {
    let found =
        log.delivery(delivery.subscription, delivery.event, clock::now()).await.expect("it loads");
    found.expect("it is there")
}

async fn save(log: &LogStore, delivery: &Delivery) -> Saved {
    log.save_delivery(delivery).await.expect("it answers")
}

async fn due(log: &LogStore, by: Timestamp) -> Vec<Due> {
    let mut all = Vec::new();
    for shard in 0..SHARDS {
        all.extend(log.due(shard, by).await.expect("it answers"));
    }
    all
}

const ALL: &[Status] = &[];
const DELIVERED: &[Status] = &[Status::Delivered];
const NOT_DELIVERED: &[Status] =
    &[Status::Pending, Status::Exhausted, Status::Cancelled, Status::Held];

/// As a row keeps its expiry.
fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millis(time.as_unix_seconds() * 1000)
}

#[tokio::test]
async fn a_row_comes_back_as_it_was_saved_and_counts_its_writes() {
    let world = world().await;
    let log = log(&world);
    let mut delivery = fresh(subscription(), 1);
    delivery.note(Attempt {
        number: 0,
        trigger: Trigger::Event,
        started_at: clock::now(),
        duration_ms: 7,
        outcome: Outcome::Rejected,
        status: Some(500),
        error_class: Some(ErrorClass::HttpStatus),
        timeout_phase: None,
        error: Some("no".to_owned()),
        response_excerpt: Some("é".to_owned()),
        timing: Timing { first_byte_ms: Some(Millis::from(6.5)), ..Timing::default() },
        request_headers: Some([("user-agent".to_owned(), "Postrider".to_owned())].into()),
        response_headers: Some([("x-quote".to_owned(), "\"é\"".to_owned())].into()),
    });
    delivery.next = Next::Carried { by: "message".to_owned(), at: Some(clock::now()) };
    delivery.reason = Some(Reason::Ended(Ending::Disabled(410)));
    delivery.resend = Some(ResendId::new(clock::now(), 7));
    assert_eq!(save(&log, &delivery).await, Saved::Saved);
    let loaded = load(&log, &delivery).await;
    let expires_at = Some(whole_seconds(delivery.event.timestamp().after(30 * DAY)));
    assert_eq!(loaded, Delivery { revision: 1, expires_at, ..delivery });
    assert_eq!(save(&log, &loaded).await, Saved::Saved);
    assert_eq!(load(&log, &loaded).await.revision, 2);
    world.finish().await;
}

#[tokio::test]
async fn a_save_over_what_others_wrote_is_lost_and_changes_nothing() {
    let world = world().await;
    let log = log(&world);
    let delivery = fresh(subscription(), 1);
    assert_eq!(save(&log, &delivery).await, Saved::Saved);
    assert_eq!(save(&log, &delivery).await, Saved::Lost, "it is there already");
    let (mut ours, mut theirs) = (load(&log, &delivery).await, load(&log, &delivery).await);
    theirs.settle(Status::Delivered, None);
    assert_eq!(save(&log, &theirs).await, Saved::Saved);
    ours.settle(Status::Exhausted, None);
    assert_eq!(save(&log, &ours).await, Saved::Lost);
    let stands = load(&log, &delivery).await;
    assert_eq!((stands.status, stands.revision), (Status::Delivered, 2));
    world.finish().await;
}

#[tokio::test]
async fn only_parked_rows_fall_due_and_unparking_hands_them_to_one_message() {
    let world = world().await;
    let log = log(&world);
    let (to, now) = (subscription(), clock::now());
    let mut parked = Vec::new();
    for n in 0..20 {
        let mut delivery = fresh(to, n);
        if n % 2 == 0 {
            delivery.next = Next::Parked { at: now.after(Duration::from_secs(n)) };
            parked.push(delivery.event);
        }
        assert_eq!(save(&log, &delivery).await, Saved::Saved);
        assert_eq!(load(&log, &delivery).await.next, delivery.next);
    }
    let soon = due(&log, now.after(Duration::from_secs(8))).await;
    assert_eq!(soon.len(), 5);
    assert!(soon.iter().all(|due| due.tenant == tenant()
        && due.subscription == to
        && parked.contains(&due.event)));
    assert_eq!(due(&log, now.after(DAY)).await.len(), 10);

    let first = &soon[0];
    assert_eq!(log.unpark(first, "carrier").await.expect("it answers"), Saved::Saved);
    assert_eq!(log.unpark(first, "another").await.expect("it answers"), Saved::Lost);
    let row = log.delivery(to, first.event, now).await.expect("it loads").expect("it is there");
    let carried = Next::Carried { by: "carrier".to_owned(), at: Some(first.due_at) };
    assert_eq!((row.next, row.revision), (carried, 2));
    assert!(!due(&log, now.after(DAY)).await.contains(first));

    let second = &soon[1];
    let mut row =
        log.delivery(to, second.event, now).await.expect("it loads").expect("it is there");
    row.next = Next::Parked { at: now.after(DAY) };
    assert_eq!(save(&log, &row).await, Saved::Saved);
    assert_eq!(
        log.unpark(second, "late").await.expect("it answers"),
        Saved::Lost,
        "it was parked anew"
    );
    world.finish().await;
}

#[tokio::test]
async fn held_rows_are_found_oldest_first_and_released_once() {
    let world = world().await;
    let log = log(&world);
    let to = subscription();
    let mut held = Vec::new();
    for n in 0..30 {
        let mut delivery = fresh(to, n);
        if n % 3 == 0 {
            delivery.settle(Status::Held, Some(Reason::Paused));
            held.push(delivery.event);
        }
        assert_eq!(save(&log, &delivery).await, Saved::Saved);
    }
    let (mut found, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let page = log.held_after(to, after, 7).await.expect("it answers");
        found.extend(page.held);
        (pages, after) = (pages + 1, page.looked_to);
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found.iter().map(|delivery| delivery.event).collect::<Vec<_>>(), held);
    assert_eq!(pages, 5, "seven rows are looked at each time");
    let newest = log.newest_held(to).await.expect("it answers").map(|newest| newest.event);
    assert_eq!(newest.as_ref(), held.last());
    let another = log.held_after(subscription(), None, 7).await.expect("it answers");
    assert!(another.held.is_empty() && another.looked_to.is_none());
    assert!(log.newest_held(subscription()).await.expect("it answers").is_none());

    assert_eq!(
        log.release(&found[0], "carrier", clock::now()).await.expect("it answers"),
        Saved::Saved
    );
    assert_eq!(
        log.release(&found[0], "another", clock::now()).await.expect("it answers"),
        Saved::Lost
    );
    let row = load(&log, &found[0]).await;
    assert_eq!(
        (row.status, row.next, row.reason),
        (Status::Pending, Next::Carried { by: "carrier".to_owned(), at: None }, None)
    );
    let mut changed = found[1].clone();
    changed.updated_at = clock::now();
    assert_eq!(save(&log, &changed).await, Saved::Saved);
    assert_eq!(
        log.release(&found[1], "late", clock::now()).await.expect("it answers"),
        Saved::Lost,
        "its message was faster"
    );
    assert_eq!(log.held_after(to, None, 100).await.expect("it answers").held.len(), 9);
    world.finish().await;
}

#[tokio::test]
async fn a_resend_is_noted_on_a_row_that_is_there_and_defeats_older_saves() {
    let world = world().await;
    let log = log(&world);
    let delivery = fresh(subscription(), 1);
    let asked = ResendId::new(clock::now(), 3);
    let ask = || log.ask_resend(delivery.subscription, delivery.event, asked);
    assert_eq!(ask().await.expect("it answers"), Saved::Lost, "there is no row");
    assert_eq!(save(&log, &delivery).await, Saved::Saved);
    let before = load(&log, &delivery).await;
    assert_eq!(ask().await.expect("it answers"), Saved::Saved);
    assert_eq!(load(&log, &delivery).await.resend, Some(asked));
    assert_eq!(save(&log, &before).await, Saved::Lost, "it would wipe out the resend");
    world.finish().await;
}

#[tokio::test]
async fn the_lists_show_all_delivered_or_undelivered_rows_within_their_range() {
    let world = world().await;
    let log = log(&world);
    let (to, now) = (subscription(), clock::now());
    let mut all = Vec::new();
    for n in 0..25 {
        let mut delivery = fresh(to, n);
        if n % 5 == 0 {
            delivery.settle(Status::Delivered, None);
        }
        assert_eq!(save(&log, &delivery).await, Saved::Saved);
        all.push(delivery);
    }
    for order in [Order::Ascending, Order::Descending] {
        for (statuses, count) in [(ALL, 25), (DELIVERED, 5), (NOT_DELIVERED, 20)] {
            let wanted = Wanted::of(statuses);
            let (mut listed, mut page) = (Vec::new(), pages(4, order));
            loop {
                let found =
                    log.deliveries(to, &wanted, ALWAYS, &page, now).await.expect("it answers");
                listed.extend(found.items.iter().map(|delivery| delivery.event));
                page.cursor = found.next;
                if page.cursor.is_none() {
                    break;
                }
            }
            let is_wanted = |d: &&Delivery| statuses.is_empty() || statuses.contains(&d.status);
            let mut expected: Vec<_> =
                all.iter().filter(is_wanted).map(|delivery| delivery.event).collect();
            if order == Order::Descending {
                expected.reverse();
            }
            assert_eq!((listed.len(), &listed), (count, &expected), "{wanted:?} {order:?}");
        }
    }
    let range = (all[3].event.timestamp(), all[6].event.timestamp());
    let page = pages(50, Order::Ascending);
    let found =
        log.deliveries(to, &Wanted::default(), range, &page, now).await.expect("it answers");
    assert_eq!(
        found.items.iter().map(|d| d.event).collect::<Vec<_>>(),
        all[3..=6].iter().map(|d| d.event).collect::<Vec<_>>()
    );
    let some = [to, subscription()];
    let of_event = log.deliveries_of_event(all[0].event, &some, now).await.expect("it answers");
    assert_eq!(of_event.iter().map(|delivery| delivery.subscription).collect::<Vec<_>>(), [to]);
    world.finish().await;
}

#[tokio::test]
async fn rows_past_their_retention_are_not_shown_though_they_are_still_there() {
    let world = world().await;
    let log = log(&world);
    let (to, now) = (subscription(), clock::now());
    let mut delivery = fresh(to, 1);
    delivery.settle(Status::Exhausted, None);
    assert_eq!(save(&log, &delivery).await, Saved::Saved);
    let later = now.after(30 * DAY);
    assert!(log.delivery(to, delivery.event, now).await.expect("it answers").is_some());
    assert!(log.delivery(to, delivery.event, later).await.expect("it answers").is_none());
    for wanted in [ALL, NOT_DELIVERED].map(Wanted::of) {
        let page = pages(10, Order::Ascending);
        assert_eq!(
            log.deliveries(to, &wanted, ALWAYS, &page, now).await.expect("it answers").items.len(),
            1
        );
        assert!(
            log.deliveries(to, &wanted, ALWAYS, &page, later)
                .await
                .expect("it answers")
                .items
                .is_empty()
        );
    }
    assert!(
        log.deliveries_of_event(delivery.event, &[to], later).await.expect("it answers").is_empty()
    );
    assert_eq!(save(&log, &delivery).await, Saved::Lost, "the row is still there");
    world.finish().await;
}

#[tokio::test]
async fn a_pace_is_saved_over_the_state_it_was_read_in_and_slots_come_back_to_the_millisecond() {
    let world = world().await;
    let log = log(&world);
    let (to, now) = (subscription(), clock::now());
    let mut first = log.pace(to).await.expect("it answers");
    let mut second = first.clone();
    let slots = [first.pace.take(2, now), first.pace.take(2, now), first.pace.take(2, now)];
    assert_eq!(slots[..2], [now; 2]);
    assert!(now.until(slots[2]) >= Duration::from_mins(1));
    assert_eq!(log.save_pace(to, &mut first).await.expect("it answers"), Saved::Saved);
    assert_eq!(second.pace.take(2, now), now, "it knows nothing of the first");
    assert_eq!(log.save_pace(to, &mut second).await.expect("it answers"), Saved::Lost);
    let mut read = log.pace(to).await.expect("it answers");
    assert_eq!(read.pace, first.pace);
    assert_eq!(
        log.save_pace(to, &mut first).await.expect("it answers"),
        Saved::Saved,
        "it goes on from its own write"
    );
    assert_eq!(log.save_pace(to, &mut read).await.expect("it answers"), Saved::Lost);
    world.finish().await;
}

#[tokio::test]
async fn a_test_push_is_on_record_and_not_among_what_is_still_to_be_delivered() {
    let world = world().await;
    let log = log(&world);
    let mut pushed = fresh(subscription(), 1);
    pushed.note(Attempt {
        number: 0,
        trigger: Trigger::Test,
        started_at: clock::now(),
        duration_ms: 7,
        outcome: Outcome::TimedOut,
        status: None,
        error_class: None,
        timeout_phase: Some(Phase::Connect),
        error: None,
        response_excerpt: None,
        timing: Timing::default(),
        request_headers: None,
        response_headers: None,
    });
    pushed.settle(Status::Exhausted, None);
    assert_eq!(save(&log, &pushed).await, Saved::Saved);
    for (statuses, count) in [(ALL, 1), (NOT_DELIVERED, 0), (DELIVERED, 0)] {
        let wanted = Wanted::of(statuses);
        let page = log
            .deliveries(
                pushed.subscription,
                &wanted,
                ALWAYS,
                &pages(10, Order::Ascending),
                clock::now(),
            )
            .await;
        assert_eq!(page.expect("it answers").items.len(), count, "{wanted:?}");
    }
    world.finish().await;
}
