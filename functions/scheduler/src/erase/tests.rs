use std::time::Duration;

use proptest::prelude::*;
use shared::core::timestamp::Timestamp;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn erasure(what: What) -> Erasure {
    Erasure::new("shop-1".parse().expect("a tenant"), what, NOW)
}

/// An event of `offset` milliseconds after the erasure was asked for.
fn event(offset: i64) -> EventId {
    EventId::new(Timestamp::from_millis(NOW.as_millis() + offset), 1)
}

fn row(offset: i64) -> EventRow {
    EventRow { id: event(offset), erased: false, chunked: false }
}

fn erased(offset: i64) -> EventRow {
    EventRow { erased: true, ..row(offset) }
}

fn meant(what: What, rows: &[EventRow]) -> Vec<EventId> {
    events_meant(&erasure(what), rows).iter().map(|row| row.id).collect()
}

#[test]
fn payloads_are_erased_once_and_only_of_events_from_before() {
    let rows = [row(-2), erased(-1), row(0), row(1)];
    assert_eq!(meant(What::Payloads, &rows), [event(-2), event(0)]);
}

#[test]
fn where_everything_goes_so_do_erased_and_later_events() {
    let rows = [erased(-1), row(0), row(1)];
    assert_eq!(meant(What::Everything, &rows), [event(-1), event(0), event(1)]);
}

#[test]
fn a_shard_is_left_at_its_end_or_at_a_row_that_is_not_meant() {
    let payloads = erasure(What::Payloads);
    assert_eq!(after_rows(&payloads, 0, Some(event(-1))), Next::After(event(-1)));
    assert_eq!(after_rows(&payloads, 0, None), Next::Shard(1));
    assert_eq!(after_rows(&payloads, 0, Some(event(1))), Next::Shard(1), "the rest is younger");
    assert_eq!(after_rows(&payloads, SHARDS - 1, None), Next::End);
    let everything = erasure(What::Everything);
    assert_eq!(after_rows(&everything, 0, Some(event(1))), Next::After(event(1)));
}

#[test]
fn a_subscription_is_forgotten_only_where_everything_goes_and_at_the_second_look() {
    for (what, look, wanted) in [
        (What::Payloads, 1, Rest::Keep),
        (What::Payloads, 2, Rest::Keep),
        (What::Everything, 1, Rest::Sundries),
        (What::Everything, 2, Rest::Everything),
    ] {
        assert_eq!(rest(&Erasure { look, ..erasure(what) }), wanted, "{what:?} {look}");
    }
}

proptest! {
    #[test]
    fn every_row_from_before_is_looked_at_once_whatever_the_steps(
        rows in prop::collection::vec((0..SHARDS, -50i64..50), 0..200),
        step in 1usize..20,
        everything in any::<bool>(),
    ) {
        let erasure = erasure(if everything { What::Everything } else { What::Payloads });
        let mut shards = vec![Vec::new(); usize::from(SHARDS)];
        for (n, (shard, offset)) in rows.into_iter().enumerate() {
            let at = if offset < 0 {
                NOW.before(Duration::from_millis(offset.unsigned_abs()))
            } else {
                NOW.after(Duration::from_millis(offset.unsigned_abs()))
            };
            shards[usize::from(shard)].push(EventRow { id: EventId::new(at, n as u128), erased: false, chunked: false });
        }
        for rows in &mut shards {
            rows.sort_by_key(|row| row.id);
        }
        let (mut shard, mut after, mut erased) = (0, None, Vec::new());
        loop {
            let rows = &shards[usize::from(shard)];
            let behind: Vec<_> = rows.iter().filter(|row| after.is_none_or(|after| row.id > after)).copied().collect();
            let (looked_at, rest) = behind.split_at(step.min(behind.len()));
            erased.extend(events_meant(&erasure, looked_at).iter().map(|row| row.id));
            let last = looked_at.last().map(|row| row.id).filter(|_| !rest.is_empty());
            (shard, after) = match after_rows(&erasure, shard, last) {
                Next::After(last) => (shard, Some(last)),
                Next::Shard(next) => (next, None),
                Next::End => break,
            };
        }
        let wanted: Vec<_> = shards.iter().flatten().map(|row| row.id).filter(|id| erasure.means(*id)).collect();
        prop_assert_eq!(erased, wanted);
    }
}
