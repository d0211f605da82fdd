use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

#[test]
fn it_looks_twice_and_starts_over_when_it_becomes_one_of_everything() {
    let mut erasure = Erasure::new("shop-1".parse().expect("a tenant"), What::Payloads, NOW);
    erasure.place = Place::Events { shard: 3, after: None };
    erasure.end_look(NOW);
    assert_eq!((erasure.look, erasure.place, erasure.finished_at), (2, Place::Setup, None));
    assert_eq!(erasure.look_at, NOW.after(SECOND_LOOK_AFTER));
    erasure.events = 7;
    let later = NOW.after(SECOND_LOOK_AFTER);
    let mut wide = erasure.clone().anew(What::Everything, later);
    assert_eq!(
        (wide.what, wide.look, wide.events, wide.created_at),
        (What::Everything, 1, 7, later)
    );
    wide.end_look(later);
    wide.end_look(later);
    assert_eq!(wide.finished_at, Some(later));
}
