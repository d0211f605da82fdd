//! What each tenant published within a minute: added up over processes, by the minute.

use std::time::Duration;

use shared::core::tenant::flow::{Telling, Told};
use shared::edges::clock;
use tokio::task::JoinSet;

use crate::{log, tenant, world};

#[tokio::test]
async fn what_processes_tell_is_added_up_by_tenant_and_minute() {
    let world = world().await;
    let (log, minute) = (log(&world), clock::now());
    let telling = move |events, is_first| Telling { minute, events, asked: events, is_first };
    let mut tellings = JoinSet::new();
    for n in 1..=20 {
        let log = log.clone();
        tellings.spawn(async move {
            log.tell_flow(&tenant(), 215, &telling(n, n <= 5)).await.expect("it answers")
        });
    }
    let told = tellings.join_all().await;
    assert_eq!(
        told.iter().map(|told| told.events).max(),
        Some(210),
        "each sees what was told before"
    );
    let tell = async |events| {
        log.tell_flow(&tenant(), 215, &telling(events, false)).await.expect("it answers")
    };
    let full = Told { is_added: false, events: 210, processes: 5 };
    assert_eq!(tell(6).await, full, "there is no room for it");
    assert_eq!(tell(5).await, Told { is_added: true, events: 215, ..full });
    assert_eq!(tell(1).await, Told { events: 215, ..full });

    let other = "shop-2".parse().expect("a tenant");
    let one = Told { is_added: true, events: 1, processes: 1 };
    assert_eq!(log.tell_flow(&other, 1, &telling(1, true)).await.expect("it answers"), one);
    let next = minute.after(Duration::from_mins(1));
    let later = Telling { minute: next, ..telling(1, true) };
    assert_eq!(log.tell_flow(&tenant(), 215, &later).await.expect("it answers"), one);
    let rows = world.tables().rows_with("LogTable", "flow#shop-1").await;
    let mut expiries: Vec<_> =
        rows.iter().map(|row| row["expires_at"]["N"].as_str().expect("a number")).collect();
    expiries.sort_unstable();
    let kept = [minute, next]
        .map(|minute| minute.after(Duration::from_hours(1)).as_unix_seconds().to_string());
    assert_eq!(expiries, kept);
    world.finish().await;
}
