use tokio::time::Instant;

use super::super::arrivals::Requests;
use super::super::record::recorded;
use super::super::scene::filters;
use super::*;

/// An event of a type that goes to the subscriptions 0 and 3.
fn published(id: &str, start: Instant) -> Published {
    let (begun, accepted) = (start, start + Duration::from_millis(10));
    Published { id: id.to_owned(), number: 2, kind: 2, begun, accepted, repeats: 1 }
}

fn arrival(start: Instant, requests: u32, times_taken: u32) -> Requests {
    let after = |ms| start + Duration::from_millis(ms);
    Requests {
        first: after(15),
        taken: (times_taken > 0).then(|| after(40)),
        requests,
        times_taken,
    }
}

fn key(place: usize, id: &str) -> (usize, String) {
    (place, id.to_owned())
}

#[tokio::test]
async fn an_event_is_delivered_where_the_receiver_got_it_and_the_record_says_so() {
    let start = Instant::now();
    let arrived =
        Arrived::from([(key(0, "a"), arrival(start, 1, 1)), (key(3, "a"), arrival(start, 3, 2))]);
    let delivered = |attempts| recorded("a", "delivered", attempts);
    let record = Record::from([(key(0, "a"), delivered(1)), (key(3, "a"), delivered(4))]);
    let tally = Tally::of(&filters(), &[published("a", start)], &arrived, &record);
    assert_eq!((tally.accepted, tally.due, tally.delivered, tally.repeats), (1, 2, 2, 1));
    assert_eq!((tally.duplicates, tally.unknown, tally.unmade), (1, 0, 1));
    assert!(tally.is_sound());
    let (attempted, delivered) =
        (vec![Duration::from_millis(5); 2], vec![Duration::from_millis(30); 2]);
    assert_eq!(
        tally.waits,
        [Waits { number: 2, accepted: Duration::from_millis(10), attempted, delivered }]
    );
}

#[tokio::test]
async fn what_only_one_of_the_two_knows_of_is_lost() {
    let start = Instant::now();
    let arrived =
        Arrived::from([(key(0, "a"), arrival(start, 1, 1)), (key(3, "a"), arrival(start, 1, 0))]);
    let record = Record::from([
        (key(0, "a"), recorded("a", "pending", 1)),
        (key(3, "a"), recorded("a", "delivered", 1)),
    ]);
    let tally =
        Tally::of(&filters(), &[published("a", start), published("b", start)], &arrived, &record);
    assert_eq!((tally.due, tally.delivered, tally.lost.len()), (4, 0, 4));
    assert!(
        tally.lost[0].contains("a (number 2) at subscription 0: pending on record"),
        "{:?}",
        tally.lost
    );
    assert!(tally.lost[2].contains("nothing on record, 0 requests"), "{:?}", tally.lost);
    assert!(!tally.is_sound());
}

#[tokio::test]
async fn what_nobody_published_is_not_sound() {
    let start = Instant::now();
    let arrived = Arrived::from([(key(0, "z"), arrival(start, 1, 1))]);
    let tally = Tally::of(&filters(), &[], &arrived, &Record::new());
    assert_eq!((tally.lost.len(), tally.unknown), (0, 1));
    assert!(!tally.is_sound());
}
