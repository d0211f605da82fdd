use super::*;

fn message(id: u64, group: usize) -> Message {
    Message {
        id,
        group,
        event: 0,
        probe: false,
        again: false,
        has_content: true,
        seen_at: i64::try_from(id).unwrap_or_default(),
    }
}

#[test]
fn a_group_with_many_in_flight_yields_to_the_others_and_hidden_messages_count() {
    let mut queue = Queue::new(2);
    for id in 0..3 {
        queue.send(message(id, 0));
    }
    queue.send(message(3, 1));
    let received: Vec<_> = std::iter::from_fn(|| queue.receive()).collect();
    assert_eq!(received.iter().map(|message| message.id).collect::<Vec<_>>(), [0, 3, 1, 2]);
    assert!(queue.is_silent() && queue.in_flight() == 4);
    queue.show(received[0]);
    assert_eq!((queue.in_flight(), queue.is_silent()), (3, false));
    queue.delete(received[1]);
    assert_eq!((queue.receive().map(|message| message.id), queue.in_flight()), (Some(0), 3));
}
