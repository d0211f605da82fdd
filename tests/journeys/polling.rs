//! Catching up: whoever polls for events goes on from a cursor, however long they were away.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;
use shared::core::event::payload::Payload;
use shared::core::id::EventId;
use shared::edges::clock;
use shared::edges::queue::messages::{EventMessage, write};
use tests::{Receiver, Tenant, World};

use crate::log_filters::PAGES;
use crate::timeline::{self, Timeline};

const AN_HOUR: Duration = Duration::from_hours(1);

/// Has an event with this id, whose time may be long past, be fanned out now, as if it had waited
/// in the queue.
pub async fn fan_out(world: &World, tenant: &Tenant, event: EventId, data: &str) {
    let message = EventMessage {
        tenant: tenant.id.parse().expect("a tenant"),
        event,
        event_type: "order.created".parse().expect("a name"),
        payload: Payload::Json(RawValue::from_string(data.to_owned()).expect("JSON")),
        parent: None,
        trace: None,
        repeat: false,
        cursor: None,
        matched: 0,
    };
    world.queues().send("EventsQueue", &write(&message).expect("it writes")).await;
}

/// The ids on a page.
fn ids(page: &Value) -> impl Iterator<Item = String> {
    page["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|entry| entry["id"].as_str().map(str::to_owned))
}

/// Polls from a cursor, as an integrator does who was away: everything to the end, and where to
/// start the next time.
async fn poll(shop: &Tenant, cursor: &str, limit: usize) -> (Vec<String>, String) {
    let (mut found, mut cursor) = (Vec::new(), cursor.to_owned());
    for _ in 0..PAGES {
        let path = shop.path(&format!("/events?order=asc&limit={limit}&cursor={cursor}"));
        let page: Value = shop.api.get(&path).await.with(200).json();
        let resume = page["resume_cursor"]
            .as_str()
            .expect("every answer says where the next poll starts")
            .to_owned();
        found.extend(ids(&page));
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return (found, resume),
        }
    }
    panic!("it goes on after {PAGES} pages of {limit}");
}

/// Publishes events, and answers with their ids in order once all are on record.
async fn recorded(shop: &Tenant, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for event in shop.publish_many("order.created", count).await {
        shop.event(&event.id).await;
        ids.push(event.id);
    }
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn whoever_polls_misses_nothing_and_sees_again_what_is_of_the_latest_quarter_hour_alone() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let pass = async |minutes| {
        timeline.settled().await;
        world.advance(Duration::from_mins(minutes)).await;
    };
    // Whoever starts before there is anything misses nothing of it either.
    let (seen, start) = poll(&shop, "", 250).await;
    assert!(seen.is_empty(), "{seen:?}");
    for limit in [1, 3, 250] {
        let first = recorded(&shop, 4).await;
        let (seen, _) = poll(&shop, &start, limit).await;
        assert!(seen.ends_with(&first), "{first:?} are not the last of {seen:?}");
        let (seen, resume) = poll(&shop, "", limit).await;
        assert!(seen.ends_with(&first), "{first:?} are not the last of {seen:?}");
        let (seen, _) = poll(&shop, &resume, limit).await;
        assert_eq!(
            seen, first,
            "by {limit}: what is younger than the overlap is shown again, and nothing older"
        );
        pass(60).await;
        let second = recorded(&shop, 5).await;
        let (seen, resume) = poll(&shop, &resume, limit).await;
        assert_eq!(seen, [&first[..], &second].concat(), "by {limit}");
        let (seen, resume) = poll(&shop, &resume, limit).await;
        assert_eq!(seen, second, "by {limit}");
        // A resume cursor is good for as long as one likes, and nothing new is no reason to lose
        // one's place.
        pass(60).await;
        let (seen, resume) = poll(&shop, &resume, limit).await;
        assert_eq!(seen, second, "by {limit}");
        let (seen, resume) = poll(&shop, &resume, limit).await;
        assert!(seen.is_empty(), "by {limit}: {seen:?}");
        pass(24 * 60).await;
        let third = recorded(&shop, 2).await;
        let (seen, _) = poll(&shop, &resume, limit).await;
        assert_eq!(seen, third, "by {limit}");
        pass(60).await;
    }
    let newest_first: Value = shop.api.get(&shop.path("/events")).await.with(200).json();
    assert!(newest_first.get("resume_cursor").is_none(), "{newest_first}");
    world.finish().await;
}

#[tokio::test]
async fn an_event_that_joins_the_record_ten_minutes_late_is_seen_by_the_next_poll() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    recorded(&shop, 3).await;
    timeline.settled().await;
    world.advance(AN_HOUR).await;
    let now = recorded(&shop, 3).await;
    let (_, resume) = poll(&shop, "", 2).await;
    let late = EventId::new(world.now().before(Duration::from_mins(10)), clock::random_bits());
    fan_out(&world, &shop, late, "1").await;
    shop.event(&late.to_string()).await;
    let (seen, _) = poll(&shop, &resume, 2).await;
    assert_eq!(seen, [&[late.to_string()][..], &now].concat());
    world.finish().await;
}

#[tokio::test]
async fn a_poll_that_stops_in_the_middle_goes_on_from_its_resume_cursor_without_a_gap() {
    let world = World::start(timeline::options()).await;
    let receiver = Receiver::start_by(&world).await;
    let timeline = Timeline::start(&world, &receiver).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let old = recorded(&shop, 7).await;
    timeline.settled().await;
    world.advance(AN_HOUR).await;
    let new = recorded(&shop, 7).await;
    for limit in [1, 3, 8] {
        let path = shop.path(&format!("/events?order=asc&limit={limit}"));
        let page: Value = shop.api.get(&path).await.with(200).json();
        let mut seen: HashSet<_> = ids(&page).collect();
        let (rest, _) = poll(&shop, page["resume_cursor"].as_str().expect("a cursor"), 3).await;
        seen.extend(rest);
        let missed: Vec<_> = old.iter().chain(&new).filter(|id| !seen.contains(*id)).collect();
        assert!(missed.is_empty(), "by {limit}: {missed:?}");
    }
    world.finish().await;
}
