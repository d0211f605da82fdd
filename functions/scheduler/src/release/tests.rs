use std::sync::Arc;
use std::time::Duration;

use shared::core::id::{EventId, SubscriptionId};
use shared::core::subscription::policy::Policy;
use shared::core::subscription::{Health, profile};

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const LATER: Timestamp = Timestamp::from_millis(1_700_000_300_000);

fn receiver(health: Health) -> Receiver {
    let standard = profile::find("standard").expect("there").policy.as_ref().clone();
    Receiver { health, policy: Arc::new(Policy { release_concurrency: 7, ..standard }) }
}

fn release() -> Release {
    Release::new("shop-1".parse().expect("a tenant"), SubscriptionId::new(NOW, 1), NOW)
}

#[test]
fn only_an_active_receiver_that_answers_gets_what_is_held() {
    let failing = Health { failing_since: Some(NOW), has_open_breaker: true, ..Health::default() };
    assert_eq!(concurrency(Some(&receiver(Health::default()))), Some(7));
    assert_eq!(concurrency(Some(&receiver(failing))), None);
    assert_eq!(concurrency(None), None);
    let without = Health { has_open_breaker: false, ..failing };
    assert_eq!(concurrency(Some(&receiver(without))), Some(7), "it has no breaker to be open");
}

#[test]
fn a_release_ends_once_it_looked_through_all_and_found_nothing() {
    let before = Release { found: false, ..release() };
    let mut after = before.clone();
    after.sent([], None, LATER);
    assert_eq!(end(&before, &after, LATER), End::Done);
    let under_way = Release { under_way: vec![EventId::new(NOW, 1)], ..after.clone() };
    assert_eq!(end(&before, &under_way, LATER), End::Save, "one is still under way");
    let mut young = release();
    young.sent([], None, NOW);
    let next_look = young.look_at;
    assert_eq!(end(&release(), &young, NOW), End::Save, "something may be marked held meanwhile");
    assert!(next_look > NOW.after(Duration::from_secs(1)));
}

#[test]
fn a_step_that_changed_nothing_writes_nothing() {
    let release = Release { under_way: vec![EventId::new(NOW, 1)], ..release() };
    assert_eq!(end(&release, &release.clone(), NOW), End::AsItWas);
    let moved = Release { room: 2, ..release.clone() };
    assert_eq!(end(&release, &moved, NOW), End::Save);
}

#[test]
fn a_step_gets_on_if_its_row_was_written() {
    assert_eq!((round(Saved::Saved), round(Saved::Lost)), (Round::Moved, Round::Stood));
}
