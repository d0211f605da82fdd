use proptest::prelude::*;

use super::*;
use crate::core::delivery::next::Next;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const SECOND: Duration = Duration::from_secs(1);

fn release() -> Release {
    Release::new("shop-1".parse().expect("a tenant"), SubscriptionId::new(NOW, 1), NOW)
}

fn event(n: usize) -> EventId {
    EventId::new(NOW, n as u128)
}

fn row(n: usize, status: Status) -> Delivery {
    let (tenant, event_type) =
        ("shop-1".parse().expect("a tenant"), "order.created".parse().expect("a type"));
    let new = Delivery::new(tenant, SubscriptionId::new(NOW, 1), event(n), event_type, NOW);
    Delivery { status, ..new }
}

/// A subscription's held deliveries, and what becomes of those that are sent.
#[derive(Debug)]
struct World {
    rows: Vec<Delivery>,
    sent: Vec<usize>,
}

impl World {
    fn held(count: usize) -> Self {
        Self { rows: (0..count).map(|n| row(n, Status::Held)).collect(), sent: Vec::new() }
    }

    /// One step, as the scheduler makes it; `page` rows are looked at.
    fn step(&mut self, release: &mut Release, most: u32, page: usize, now: Timestamp) {
        let rows: Vec<_> = self
            .rows
            .iter()
            .filter(|row| release.under_way.contains(&row.event))
            .cloned()
            .collect();
        release.follow(&rows, most, now);
        let wanted = release.wanted();
        if wanted == 0 {
            return;
        }
        let behind =
            self.rows.iter().filter(|row| release.after.is_none_or(|after| row.event > after));
        let looked_at: Vec<_> = behind.take(page.max(wanted)).cloned().collect();
        let more = self.rows.last().map(|row| row.event) > looked_at.last().map(|row| row.event);
        let end = looked_at.last().filter(|_| more).map(|row| row.event);
        let held: Vec<_> = looked_at.into_iter().filter(|row| row.status == Status::Held).collect();
        let choice = release.choose(&held, end);
        let chosen: Vec<_> = choice.held.iter().map(|held| held.event).collect();
        for event in &chosen {
            let position = self.rows.iter().position(|row| row.event == *event).expect("there");
            self.rows[position].status = Status::Pending;
            self.sent.push(position);
        }
        release.sent(chosen, choice.looked_to, now);
    }
}

#[test]
fn the_first_goes_alone_and_each_success_makes_room_for_one_more() {
    let (mut world, mut release, mut sizes, mut now) =
        (World::held(100), release(), Vec::new(), NOW);
    while world.sent.len() < 100 {
        let before = world.sent.len();
        world.step(&mut release, 20, 25, now);
        sizes.push(world.sent.len() - before);
        for row in &mut world.rows {
            if row.status == Status::Pending {
                row.status = Status::Delivered;
            }
        }
        now = now.after(SECOND);
    }
    assert_eq!(sizes, [1, 2, 4, 8, 16, 20, 20, 20, 9]);
    assert_eq!(world.sent, (0..100).collect::<Vec<_>>(), "in order");
}

#[test]
fn a_step_takes_the_oldest_that_are_not_under_way_and_the_next_look_begins_behind_them() {
    let held: Vec<_> = (0..5).map(|n| row(n, Status::Held)).collect();
    let with = |room| Release { room, under_way: vec![event(1)], ..release() };
    let chosen = |room, end| {
        let release = with(room);
        let choice = release.choose(&held, end);
        (choice.held.iter().map(|row| row.event).collect::<Vec<_>>(), choice.looked_to)
    };
    assert_eq!(chosen(3, None), (vec![event(0), event(2)], Some(event(2))));
    let all = vec![event(0), event(2), event(3), event(4)];
    for end in [None, Some(event(9))] {
        for room in [5, 20] {
            assert_eq!(
                chosen(room, end),
                (all.clone(), end),
                "all were taken: as far as was looked"
            );
        }
    }
    assert_eq!(chosen(1, None), (Vec::new(), None), "half of the room is not free");
}

#[test]
fn failures_take_half_of_the_room_away_and_what_waits_for_a_slot_keeps_its_place() {
    let mut release = Release { room: 8, under_way: (0..4).map(event).collect(), ..release() };
    let carried = |at| Next::Carried { by: "m1".to_owned(), at: Some(at) };
    let retried = Delivery { next: carried(NOW.after(SECOND)), ..row(0, Status::Pending) };
    let slot = Delivery { slot_at: Some(NOW.after(SECOND)), ..row(1, Status::Pending) };
    let slot = Delivery { next: carried(NOW.after(SECOND)), ..slot };
    let rows = [retried, slot, row(2, Status::Pending), row(3, Status::Held)];
    release.follow(&rows, 20, NOW.after(SECOND));
    assert_eq!(
        (release.room, &release.under_way[..]),
        (4, &[event(1), event(2), event(3)][..]),
        "one is being sent"
    );
    assert_eq!((release.wanted(), release.moved_at), (0, NOW.after(SECOND)));
    release.follow(&rows, 20, NOW.after(SENT_WITHIN + SECOND));
    assert_eq!(
        (release.wanted(), &release.under_way[..]),
        (2, &[event(1), event(2)][..]),
        "nobody sends it any more"
    );
    let moved_at = release.moved_at;
    release.follow(&rows, 1, moved_at.after(SECOND));
    assert_eq!((release.room, release.wanted(), release.moved_at), (1, 0, moved_at));
    release.follow(&rows, 1, NOW.after(2 * WAITED_FOR));
    assert!(release.under_way.is_empty(), "they are waited for no more");
}

#[test]
fn it_ends_when_a_look_finds_nothing_and_nothing_can_be_marked_held_any_more() {
    let mut release = release();
    release.sent([], None, NOW);
    assert!(
        !release.is_done(NOW) && release.look_at == NOW.after(PAUSE),
        "something may be marked held yet"
    );
    let later = NOW.after(LINGERS + SECOND);
    release.sent([event(1)], None, later);
    assert!(
        !release.is_done(later) && release.look_at <= later,
        "something was found: it is looked again at once"
    );
    release.follow(&[row(1, Status::Delivered)], 20, later);
    release.sent([], Some(event(7)), later);
    assert!(!release.is_done(later), "there is more behind");
    release.sent([], None, later);
    assert!(release.is_done(later));
}

proptest! {
    #[test]
    fn everything_held_is_sent_once_in_order_and_never_more_at_a_time_than_there_is_room(
        count in 0usize..120,
        most in 1u32..30,
        page in 1usize..40,
        fates in prop::collection::vec(0u8..4, 400),
    ) {
        let (mut world, mut release, mut now) = (World::held(count), release(), NOW);
        let mut fates = fates.into_iter().cycle();
        let mut steps = 0;
        while !release.is_done(now) {
            if release.look_at <= now {
                world.step(&mut release, most, page, now);
            }
            prop_assert!((1..=most).contains(&release.room));
            let under_way = world.rows.iter().filter(|row| row.status == Status::Pending && row.next.at().is_none());
            prop_assert!(under_way.count() <= most as usize);
            for row in &mut world.rows {
                if (row.status, row.next.at()) != (Status::Pending, None) {
                    continue;
                }
                match fates.next() {
                    Some(0) => row.next = Next::Parked { at: now.after(SECOND) },
                    Some(1) => {}
                    _ => row.status = Status::Delivered,
                }
            }
            now = now.after(SECOND);
            steps += 1;
            prop_assert!(steps < 10_000, "it does not end: {release:?}");
        }
        prop_assert_eq!(world.sent, (0..count).collect::<Vec<_>>());
    }
}
