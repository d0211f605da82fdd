//! Events and their payloads.

use serde_json::value::RawValue;
use shared::core::event::payload::{Packed, Payload};
use shared::core::id::EventId;
use shared::core::page::Order;
use shared::core::trace_context::TraceContext;
use shared::edges::clock;
use shared::edges::store::Created;
use shared::edges::store::events::StoredEvent;
use tests::fixtures;

use crate::{ALWAYS, DAY, event, log, pages, subscription, tenant, world};

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).expect("JSON")
}

fn stored(id: EventId, name: &str, json: &str) -> StoredEvent {
    StoredEvent {
        id,
        event_type: name.parse().expect("a name"),
        payload: Some(Packed::new(raw(json)).into()),
        parent: None,
        trace: None,
        matched: 1,
        subscriptions: Some(vec![subscription()]),
        expires_at: None,
    }
}

#[tokio::test]
async fn an_event_is_stored_once_and_comes_back_as_it_was() {
    let world = world().await;
    let (log, now) = (log(&world), clock::now());
    for json in [fixtures::ODD_JSON, &fixtures::monotony(5_000), "null"] {
        let written = stored(event(1), "order.created", json);
        assert!(log.fanned_out(&tenant(), written.id).await.expect("it answers").is_none());
        assert_eq!(log.put_event(&tenant(), &written).await.expect("it answers"), Created::Created);
        assert!(log.fanned_out(&tenant(), written.id).await.expect("it answers").is_some());
        let other = StoredEvent { matched: 9, ..written.clone() };
        assert_eq!(
            log.put_event(&tenant(), &other).await.expect("it answers"),
            Created::AlreadyThere
        );
        let read =
            log.event(&tenant(), written.id, now).await.expect("it answers").expect("it is there");
        assert_eq!((read.matched, &read.subscriptions), (1, &written.subscriptions));
        let packed = log
            .payload(read.id, read.payload.expect("a payload"))
            .await
            .expect("it answers")
            .expect("it is there");
        assert_eq!(packed.json().expect("it unpacks"), json);
        let other = "shop-2".parse().expect("a tenant");
        assert!(log.event(&other, written.id, now).await.expect("it answers").is_none());
    }
    world.finish().await;
}

#[tokio::test]
async fn an_event_comes_back_with_its_trace() {
    let world = world().await;
    let (log, now) = (log(&world), clock::now());
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    for (n, state) in [None, Some("rojo=1,congo=2")].into_iter().enumerate() {
        let trace = TraceContext::parse(parent, state);
        assert!(trace.is_some());
        let written =
            StoredEvent { trace: trace.clone(), ..stored(event(n as u64), "order.created", "1") };
        assert_eq!(log.put_event(&tenant(), &written).await.expect("it answers"), Created::Created);
        let read =
            log.event(&tenant(), written.id, now).await.expect("it answers").expect("it is there");
        assert_eq!(read.trace, trace);
    }
    world.finish().await;
}

#[tokio::test]
async fn a_large_payload_is_kept_in_chunks_and_a_part_of_it_is_nothing() {
    let world = world().await;
    let log = log(&world);
    let (id, json) = (event(1), fixtures::noise(1 << 20, 5));
    let payload = log.put_payload(id, &Packed::new(raw(&json)), None).await.expect("it answers");
    let Payload::Log { chunks, zstd } = payload else { panic!("{payload:?}") };
    assert!(chunks >= 3, "{chunks}");
    let again = log
        .put_payload(id, &Packed::new(raw(&json)), None)
        .await
        .expect("a repeat changes nothing");
    assert!(matches!(again, Payload::Log { chunks: same, .. } if same == chunks));
    let read = log.payload(id, payload).await.expect("it answers").expect("it is there");
    assert!(read.json().expect("it unpacks") == json, "another payload");
    let more = Payload::Log { chunks: chunks + 1, zstd };
    assert!(log.payload(id, more).await.expect("it answers").is_none());
    let gone = Payload::Log { chunks, zstd };
    assert!(log.payload(event(2), gone).await.expect("it answers").is_none());
    world.finish().await;
}

#[tokio::test]
async fn events_are_listed_by_time_and_type_until_they_expire() {
    let world = world().await;
    let (log, now) = (log(&world), clock::now());
    let mut all = Vec::new();
    for n in 0..25 {
        let written =
            stored(event(n), if n % 5 == 0 { "order.paid" } else { "order.created" }, "1");
        assert_eq!(log.put_event(&tenant(), &written).await.expect("it answers"), Created::Created);
        all.push(written.id);
    }
    for order in [Order::Ascending, Order::Descending] {
        let (mut listed, mut page) = (Vec::new(), pages(4, order));
        loop {
            let found = log.events(&tenant(), None, ALWAYS, &page, now).await.expect("it answers");
            listed.extend(found.items.iter().map(|event| event.id));
            page.cursor = found.next;
            if page.cursor.is_none() {
                break;
            }
        }
        if order == Order::Descending {
            listed.reverse();
        }
        assert_eq!(listed, all, "{order:?}");
    }
    let (page, paid) = (pages(250, Order::Ascending), "order.paid".parse().expect("a name"));
    let found = log.events(&tenant(), Some(&paid), ALWAYS, &page, now).await.expect("it answers");
    assert_eq!(found.items.len(), 5);
    let range = (all[2].timestamp(), all[4].timestamp());
    let found = log.events(&tenant(), None, range, &page, now).await.expect("it answers");
    assert_eq!(found.items.iter().map(|event| event.id).collect::<Vec<_>>(), all[2..=4]);
    let later = now.after(30 * DAY);
    assert!(
        log.events(&tenant(), None, ALWAYS, &page, later)
            .await
            .expect("it answers")
            .items
            .is_empty()
    );
    assert!(log.event(&tenant(), all[0], later).await.expect("it answers").is_none());
    world.finish().await;
}
