use super::*;

#[tokio::test]
async fn an_event_that_is_refused_at_first_is_taken_once() {
    let (mut noted, now) = (Noted::default(), Instant::now());
    let mut answers = |place| [0; 3].map(|_| noted.note(place, "evt_0".to_owned(), now).as_u16());
    assert_eq!((answers(2), answers(0)), ([500, 200, 200], [200; 3]));
    let arrival = noted.arrived[&(2, "evt_0".to_owned())];
    assert_eq!((arrival.requests, arrival.times_taken, noted.taken), (3, 2, 2));
}
