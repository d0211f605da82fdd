use super::*;
use crate::core::delivery::attempt::Attempt;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn delivery(n: u128, status: Status) -> Delivery {
    let (tenant, event_type) =
        ("shop-1".parse().expect("a tenant"), "order.created".parse().expect("a name"));
    let mut delivery =
        Delivery::new(tenant, SubscriptionId::new(NOW, 1), EventId::new(NOW, n), event_type, NOW);
    delivery.settle(status, None);
    delivery
}

fn resend(request: Request) -> BulkResend {
    let to = ("shop-1".parse().expect("a tenant"), SubscriptionId::new(NOW, 1));
    BulkResend::new(ResendId::new(NOW, 1), to, request, NOW)
}

fn attempted(mut delivery: Delivery, trigger: Trigger, outcome: Outcome) -> Delivery {
    let json = serde_json::json!({
        "number": 0, "trigger": trigger, "started_at": NOW, "duration_ms": 7, "outcome": outcome,
    });
    delivery.note(serde_json::from_value::<Attempt>(json).expect("an attempt"));
    delivery
}

#[test]
fn failed_is_what_was_tried_in_vain_or_cancelled_by_a_disabled_subscription() {
    for (status, failed) in [
        (Status::Exhausted, true),
        (Status::Delivered, false),
        (Status::Held, false),
        (Status::Pending, false),
        (Status::Cancelled, false),
    ] {
        assert_eq!(BulkResend::is_failed(&delivery(1, status)), failed, "{status:?}");
    }
    let mut erased = delivery(1, Status::Exhausted);
    assert!(erased.erase(NOW) && !erased.erase(NOW), "the second time changes nothing");
    assert!(!BulkResend::is_failed(&erased));
    let mut disabled = delivery(1, Status::Cancelled);
    disabled.reason = Some(Reason::Disabled);
    assert!(BulkResend::is_failed(&disabled));
    assert!(BulkResend::is_failed(&attempted(
        delivery(1, Status::Pending),
        Trigger::Event,
        Outcome::Rejected
    )));
}

#[test]
fn what_is_under_way_is_followed_until_its_attempt_is_on_record() {
    let mut resend = resend(Request::default());
    resend.looked_through = true;
    let mut waiting = delivery(1, Status::Exhausted);
    waiting.resend = Some(resend.id);
    let rows = [
        waiting,
        attempted(delivery(2, Status::Exhausted), Trigger::Resend, Outcome::Succeeded),
        attempted(delivery(3, Status::Exhausted), Trigger::Resend, Outcome::Rejected),
    ];
    resend.under_way = (1..=4).map(|n| EventId::new(NOW, n)).collect();
    assert_eq!((resend.room(0), resend.room(100), resend.room(3)), (WINDOW - 4, 96, 0));
    resend.follow(&rows);
    assert_eq!(
        (resend.delivered, resend.failed, resend.under_way.len()),
        (1, 2, 1),
        "the fourth has no row"
    );
    resend.end_if_done(NOW);
    assert_eq!(resend.state, State::Running);
    resend.follow(&[]);
    resend.end_if_done(NOW);
    assert_eq!((resend.state, resend.finished_at), (State::Done, Some(NOW)));
}

#[test]
fn of_all_each_counts_by_its_resend_and_not_by_what_was_before() {
    let mut resend = resend(Request { which: Which::All, ..Request::default() });
    resend.under_way = vec![EventId::new(NOW, 1)];
    let before = attempted(delivery(1, Status::Pending), Trigger::Event, Outcome::Succeeded);
    resend.follow(&[attempted(before, Trigger::Resend, Outcome::TimedOut)]);
    assert_eq!((resend.delivered, resend.failed), (0, 1));
}

#[test]
fn a_planned_one_was_made_if_it_was_attempted_since_the_plan() {
    let mut resend = resend(Request::default());
    let made = attempted(delivery(1, Status::Exhausted), Trigger::Resend, Outcome::Rejected);
    assert!(resend.was_made(&made));
    assert!(!resend.was_made(&attempted(
        delivery(1, Status::Pending),
        Trigger::Event,
        Outcome::Rejected
    )));
    assert!(!resend.was_made(&Delivery { resend: Some(resend.id), ..made.clone() }));
    resend.planned_at = NOW.after(std::time::Duration::from_secs(1));
    assert!(!resend.was_made(&made), "an earlier resend's");
}
