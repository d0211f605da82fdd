use std::collections::HashSet;

use proptest::prelude::*;
use shared::core::event::payload::Payload;
use shared::core::timestamp::Timestamp;

use super::*;
use crate::request::NewEvent;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn json(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).expect("JSON")
}

/// A request of events that have so many parts each, 0 for those that are not split.
fn request(parts: &[usize]) -> (Published, Vec<Made>) {
    let event = |parts: &usize| NewEvent {
        r#type: "cart.paid".parse().expect("a type"),
        data: json("[]"),
        idempotency_key: None,
        split: None,
        parts: (0..*parts).map(|part| json(&part.to_string())).collect(),
    };
    let made =
        (0..parts.len()).map(|n| Made { id: EventId::new(NOW, n as u128), is_repeat: false });
    let made = made.collect();
    (Published { events: parts.iter().map(event).collect(), batch: true, trace: None }, made)
}

fn message() -> EventMessage {
    EventMessage {
        tenant: "shop-1".parse().expect("a tenant"),
        event: EventId::new(NOW, 1),
        event_type: "cart.paid".parse().expect("a type"),
        payload: Payload::Json(json("1")),
        parent: None,
        trace: None,
        repeat: false,
        cursor: None,
        matched: 0,
    }
}

#[test]
fn an_event_is_sent_whole_or_as_its_parts_which_name_it() {
    let (request, made) = request(&[0, 2]);
    let planned: Vec<_> = events(&request, &made).collect();
    let sent: Vec<_> =
        planned.iter().map(|one| (one.id, one.parent, one.data.get().to_owned())).collect();
    let cart = made[1].id;
    assert_eq!(
        sent,
        [
            (made[0].id, None, "[]".to_owned()),
            (split::child(cart, 0), Some(cart), "0".to_owned()),
            (split::child(cart, 1), Some(cart), "1".to_owned()),
        ]
    );
}

#[test]
fn a_repeat_waits_until_the_first_is_fanned_out_unless_the_queue_keeps_order() {
    for (lane, is_repeat, delay) in [
        (Lane::Plain, false, 0),
        (Lane::Plain, true, REPEAT_DELAY_SECONDS),
        (Lane::InOrder, false, 0),
        (Lane::InOrder, true, 0),
    ] {
        let message = EventMessage { repeat: is_repeat, ..message() };
        let sent = outgoing(lane, &message).expect("it serialises");
        assert_eq!(sent.delay_seconds, delay, "{lane:?} {is_repeat}");
    }
}

#[test]
fn in_order_a_tenant_is_one_group_and_an_event_is_taken_once() {
    let message = message();
    let sent = outgoing(Lane::InOrder, &message).expect("it serialises");
    assert_eq!(sent.group.as_deref(), Some("shop-1"));
    assert_eq!(sent.once, Some(message.event.to_string()));
    let plain = outgoing(Lane::Plain, &message).expect("it serialises");
    assert_eq!((plain.group, plain.once), (None, None));
}

#[test]
fn only_a_plain_queue_takes_a_request_in_batches() {
    assert_eq!(sending(Lane::Plain, 1), Sending::OneByOne);
    assert_eq!(sending(Lane::Plain, 2), Sending::Together);
    assert_eq!(sending(Lane::InOrder, 1), Sending::OneByOne);
    assert_eq!(sending(Lane::InOrder, 100), Sending::OneByOne);
}

#[test]
fn data_travels_in_its_message_up_to_48_kib() {
    // The largest frame whose base64 has as many characters.
    let frame = |bytes: usize| Packed::Zstd(vec![0; bytes / 4 * 3]);
    assert_eq!(place(&frame(MAX_INLINE_BYTES)), Place::Message);
    assert_eq!(place(&frame(MAX_INLINE_BYTES + 4)), Place::Log);
}

proptest! {
    #[test]
    fn each_event_or_part_is_planned_once_in_order_and_the_same_for_a_repeat(
        parts in prop::collection::vec(0usize..20, 1..20),
    ) {
        let (first, made) = request(&parts);
        let planned: Vec<_> = events(&first, &made).collect();
        prop_assert_eq!(planned.len(), first.count());
        let ids: Vec<_> = planned.iter().map(|planned| planned.id).collect();
        prop_assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "each has its own id");
        let order: Vec<_> = planned.iter().map(|planned| planned.parent.unwrap_or(planned.id)).collect();
        prop_assert!(order.is_sorted());
        prop_assert!(planned.iter().all(|planned| !planned.is_repeat));
        let again: Vec<_> = made.iter().map(|made| Made { is_repeat: true, ..*made }).collect();
        let repeated: Vec<_> = events(&first, &again).collect();
        prop_assert!(repeated.iter().all(|planned| planned.is_repeat));
        prop_assert_eq!(repeated.iter().map(|planned| planned.id).collect::<Vec<_>>(), ids);
    }
}
