use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const MINUTE: Duration = Duration::from_mins(1);

fn accepted(ago: Duration) -> EventId {
    EventId::new(NOW.before(ago), 1)
}

#[test]
fn a_place_is_kept_for_a_week_and_only_in_a_fifo_queue() {
    let keeps = |line: Line, ago| line.keeps_place(accepted(ago), NOW);
    assert!(keeps(Line::Fifo, 6 * 24 * 60 * MINUTE));
    assert!(!keeps(Line::Fifo, KEPT));
    assert!(!keeps(Line::Standard, MINUTE));
}

#[test]
fn a_weeks_looks_are_fewer_than_the_queue_allows_with_room_for_attempts() {
    let looks = KEPT.as_secs() / u64::try_from(LONGEST_LOOK_SECONDS).unwrap();
    assert!(looks + 100 < 1_000, "{looks}");
    assert_eq!((Line::Fifo.hidden_for(5), Line::Fifo.hidden_for(i32::MAX)), (5, 900));
    assert_eq!(Line::Standard.hidden_for(43_000), 43_000);
}

#[test]
fn a_pause_is_looked_at_again_after_as_long_as_it_lasts() {
    assert_eq!(paused_for(NOW, NOW.after(MINUTE)), MINUTE);
    assert_eq!(paused_for(NOW, NOW), SHORTEST_PAUSE);
}

#[test]
fn only_what_comes_in_order_is_looked_up_for_having_waited() {
    let waited = |line: Line, ago| line.has_waited(accepted(ago), NOW);
    assert!(waited(Line::Fifo, FRESH + MINUTE));
    assert!(!waited(Line::Fifo, FRESH) && !waited(Line::Standard, FRESH + MINUTE));
}
