//! What is done in the background: rows that say how far it is, written only over the state they
//! were read in.

use std::time::Duration;

use shared::core::bulk_resend::{BulkResend, Request};
use shared::core::delivery::Status;
use shared::core::erasure::{Erasure, What};
use shared::core::id::{EventId, ResendId};
use shared::core::page::Order;
use shared::core::statistics::{Counts, hour_of};
use shared::edges::clock;
use shared::edges::store::statistics::{Counted, KeptHour};
use shared::edges::store::{Created, Saved};

use crate::{DAY, config, log, pages, subscription, tenant, world};

#[tokio::test]
async fn one_bulk_resend_of_a_subscription_runs_at_a_time_and_is_in_the_log_when_it_has_ended() {
    let world = world().await;
    let (config, log) = (config(&world), log(&world));
    let (to, now) = (subscription(), clock::now());
    let new = |n| BulkResend::new(ResendId::new(now, n), (tenant(), to), Request::default(), now);
    let mut first = new(1);
    assert_eq!(config.begin_resend(&first).await.expect("it answers"), Created::Created);
    assert_eq!(config.begin_resend(&new(2)).await.expect("it answers"), Created::AlreadyThere);
    let mut read = config.running_resend(to).await.expect("it answers").expect("it runs");
    assert_eq!((read.id, read.revision), (first.id, 1));
    read.under_way.push(EventId::new(now, 7));
    assert_eq!(config.save_resend(&mut read).await.expect("it answers"), Saved::Saved);
    assert_eq!(config.save_resend(&mut first).await.expect("it answers"), Saved::Lost);
    assert_eq!(config.running_resends().await.expect("it answers"), [read.clone()]);
    read.cancel("enough", now);
    log.put_resend(&read).await.expect("it answers");
    config.end_resend(&read).await.expect("it answers");
    assert_eq!(config.running_resend(to).await.expect("it answers"), None);
    let kept = log.resend(to, read.id).await.expect("it answers").expect("it is on record");
    assert_eq!((kept.reason.as_deref(), kept.under_way.len()), (Some("enough"), 1));
    assert_eq!(config.begin_resend(&new(2)).await.expect("it answers"), Created::Created);
    log.put_resend(&new(2)).await.expect("it answers");
    let listed = log.resends(to, &pages(1, Order::Descending)).await.expect("it answers");
    assert_eq!((listed.items[0].id, listed.next.is_some()), (ResendId::new(now, 2), true));
    world.finish().await;
}

#[tokio::test]
async fn an_erasure_of_payloads_becomes_one_of_everything_and_ends_where_it_is_found() {
    let world = world().await;
    let (store, now) = (config(&world), clock::now());
    let payloads = Erasure::new(tenant(), What::Payloads, now);
    assert_eq!(store.begin_erasure(&payloads).await.expect("it answers"), Saved::Saved);
    assert_eq!(
        store.begin_erasure(&payloads).await.expect("it answers"),
        Saved::Lost,
        "it runs already"
    );
    let revision = store.revision(&tenant()).await.expect("it answers");
    assert_eq!((revision.payloads_erased_until, revision.erased_until), (Some(now), None));
    let running = store.erasure(&tenant()).await.expect("it answers").expect("it runs");
    let mut stale = running.clone();
    let wide = running.anew(What::Everything, now);
    assert_eq!(store.begin_erasure(&wide).await.expect("it answers"), Saved::Saved);
    assert_eq!(store.save_erasure(&mut stale).await.expect("it answers"), Saved::Lost);
    assert_eq!(store.revision(&tenant()).await.expect("it answers").erased_until, Some(now));
    let [mut read] =
        <[Erasure; 1]>::try_from(store.erasures().await.expect("it answers")).expect("one");
    assert_eq!(read.what, What::Everything);
    read.end_look(now);
    read.end_look(now);
    assert_eq!(store.save_erasure(&mut read).await.expect("it answers"), Saved::Saved);
    store.end_erasure(&read).await.expect("it answers");
    assert!(store.erasures().await.expect("it answers").is_empty());
    assert_eq!(
        store.erasure(&tenant()).await.expect("it answers").and_then(|found| found.finished_at),
        Some(now)
    );
    world.finish().await;
}

#[tokio::test]
async fn subscriptions_are_known_in_order_though_they_were_deleted() {
    let world = world().await;
    let (store, now) = (config(&world), clock::now());
    let mut ids = [subscription(), subscription(), subscription()];
    ids.sort_unstable();
    for id in [ids[2], ids[0], ids[1]] {
        store.delete_subscription(&tenant(), id, now.after(DAY)).await.expect("it answers");
    }
    let (mut found, mut after) = (Vec::new(), None);
    while let Some(next) = store.next_subscription(&tenant(), after).await.expect("it answers") {
        found.push(next);
        after = Some(next);
    }
    assert_eq!(found, ids);
    store.forget_subscription(&tenant(), ids[0]).await.expect("it answers");
    assert_eq!(store.next_subscription(&tenant(), None).await.expect("it answers"), Some(ids[1]));
    world.finish().await;
}

#[tokio::test]
async fn an_hours_count_holds_until_a_delivery_of_it_is_written_late() {
    let world = world().await;
    let log = log(&world);
    let mut delivery = crate::deliveries::fresh(subscription(), 0);
    let (to, hour) = (delivery.subscription, hour_of(delivery.event.timestamp()));
    let mut counts = Counts::default();
    counts.add(&delivery);
    let counted = Counted { counts, through: Some(delivery.event) };
    let unknown = KeptHour::unknown(hour);
    assert!(
        unknown.is_over(clock::now())
            && !KeptHour::unknown(hour_of(clock::now())).is_over(clock::now())
    );
    assert_eq!(log.keep_hour(to, &unknown, &counted).await.expect("it answers"), Saved::Saved);
    let kept =
        async || log.kept_hours(to, hour, hour).await.expect("it answers").pop().expect("a row");
    let before = kept().await;
    let known = before.counted.clone().expect("it holds");
    assert_eq!((known.counts, known.through), (counted.counts.clone(), counted.through));

    delivery.settle(Status::Delivered, None);
    assert_eq!(log.save_delivery(&delivery).await.expect("it answers"), Saved::Saved);
    let void = kept().await;
    assert!(void.counted.is_none(), "it was written a day after");
    assert!(
        before.may_be_kept(clock::now()) && !void.may_be_kept(clock::now()),
        "the write may still be under way"
    );
    assert!(void.may_be_kept(clock::now().after(Duration::from_mins(3))));
    assert_eq!(
        log.keep_hour(to, &before, &counted).await.expect("it answers"),
        Saved::Lost,
        "it was counted before"
    );
    assert_eq!(log.keep_hour(to, &void, &counted).await.expect("it answers"), Saved::Saved);
    assert!(kept().await.counted.is_some());
    world.finish().await;
}
