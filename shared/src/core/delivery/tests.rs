use std::time::Duration;

use proptest::prelude::*;

use super::duty::OVERDUE;
use super::*;
use crate::core::delivery::attempt::{Made, Timing};
use crate::core::delivery::headers::Headers;
use crate::core::delivery::retry::{Placement, Verdict};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const LIMIT: Duration = Duration::from_mins(15);

fn fresh() -> Delivery {
    let at = NOW.before(Duration::from_secs(1));
    Delivery::new(
        "shop-1".parse().expect("tenant"),
        SubscriptionId::new(at, 1),
        EventId::new(at, 2),
        "order.created".parse().expect("name"),
        at,
    )
}

/// Adds an attempt to a row as it stands.
fn follow(
    row: &mut Delivery,
    made: &Made,
    received: &Received<'_>,
    schedule: Schedule<'_>,
) -> Option<Placement> {
    row.attempted(row.duty(received), made, received, schedule)
}

fn by(message_id: &str, now: Timestamp) -> Received<'_> {
    Received { message_id, resend: None, probe: false, now }
}

fn attempt(outcome: Outcome, trigger: Trigger) -> Attempt {
    Attempt {
        number: 0,
        trigger,
        started_at: NOW,
        duration_ms: 5,
        outcome,
        status: None,
        error_class: None,
        timeout_phase: None,
        error: None,
        response_excerpt: Some("x".repeat(1000)),
        timing: Timing::default(),
        request_headers: Some(Headers::from([("user-agent".to_owned(), "Postrider".to_owned())])),
        response_headers: Some(Headers::from([("server".to_owned(), "nginx".to_owned())])),
    }
}

fn carried(by: &str, at: Option<Timestamp>) -> Next {
    Next::Carried { by: by.to_owned(), at }
}

fn failed_once(wait: Duration) -> Delivery {
    let mut row = fresh();
    row.note(attempt(Outcome::TimedOut, Trigger::Event));
    row.follow(&Verdict::Retry(wait), &by("m1", NOW), LIMIT);
    row
}

#[test]
fn a_hidden_delivery_belongs_to_its_message_alone() {
    let row = failed_once(Duration::from_mins(1));
    let later = NOW.after(Duration::from_mins(1));
    assert_eq!(row.duty(&by("m1", later)), Duty::Attempt);
    assert_eq!(row.duty(&by("m1", NOW.after(Duration::from_millis(58_500)))), Duty::Hide(2));
    assert!(matches!(row.duty(&by("m2", later)), Duty::Drop(_)));
}

#[test]
fn a_message_that_is_an_hour_late_gives_its_place_to_one_from_the_dead_letters() {
    let row = failed_once(Duration::from_mins(1));
    let due = NOW.after(Duration::from_mins(1));
    assert!(matches!(row.duty(&by("redriven", due.after(Duration::from_mins(59)))), Duty::Drop(_)));
    let late = due.after(OVERDUE);
    assert_eq!(row.duty(&by("redriven", late)), Duty::Attempt);
    let mut taken = row;
    taken.note(attempt(Outcome::TimedOut, Trigger::Event));
    taken.follow(&Verdict::Retry(Duration::from_mins(5)), &by("redriven", late), LIMIT);
    assert!(matches!(taken.duty(&by("m1", late)), Duty::Drop(_)), "it has lost its place");

    let released = Delivery { next: carried("m1", None), ..fresh() };
    assert!(matches!(released.duty(&by("redriven", NOW)), Duty::Drop(_)));
    assert_eq!(released.duty(&by("redriven", NOW.after(OVERDUE))), Duty::Attempt);
}

#[test]
fn a_parked_delivery_waits_for_the_scheduler() {
    let row = failed_once(Duration::from_secs(901));
    assert_eq!(row.next, Next::Parked { at: NOW.after(Duration::from_secs(901)) });
    assert!(
        matches!(row.duty(&by("m1", NOW)), Duty::Drop(_)),
        "the message that parked it, received once more"
    );
    // The scheduler sent m2 and died before it cleared the mark: m2 still makes the attempt.
    assert_eq!(row.duty(&by("m2", NOW.after(Duration::from_secs(901)))), Duty::Attempt);
}

#[test]
fn a_settled_delivery_takes_no_message_but_an_asked_for_resend() {
    for status in [Status::Delivered, Status::Exhausted, Status::Cancelled] {
        let mut row = failed_once(Duration::from_secs(1));
        row.settle(status, None);
        assert!(matches!(row.duty(&by("m1", NOW)), Duty::Drop(_)));
        row.resend = Some(ResendId::new(NOW, 1));
        let resend = |n| Received {
            message_id: "m9",
            resend: Some(ResendId::new(NOW, n)),
            probe: false,
            now: NOW,
        };
        assert_eq!(row.duty(&resend(1)), Duty::Attempt);
        assert!(matches!(row.duty(&resend(2)), Duty::Drop(_)));
    }
}

#[test]
fn a_resend_neither_uses_nor_moves_the_schedule_and_its_success_ends_it() {
    let mut row = failed_once(Duration::from_mins(1));
    let before = row.clone();
    row.note(attempt(Outcome::Rejected, Trigger::Resend));
    assert_eq!((row.scheduled_attempts, row.attempt_count), (1, 2));
    assert_eq!(row.next, before.next);
    row.note(attempt(Outcome::Succeeded, Trigger::Resend));
    assert_eq!(
        (row.status, row.next, row.attempts[2].number),
        (Status::Delivered, Next::Nobody, 3)
    );
}

#[test]
fn a_resend_asked_for_during_another_is_still_to_be_made() {
    let asked = |n| Received {
        message_id: "m",
        resend: Some(ResendId::new(NOW, n)),
        probe: false,
        now: NOW,
    };
    let mut row = fresh();
    row.resend = asked(2).resend;
    row.resent(&asked(1));
    assert_eq!(row.duty(&asked(2)), Duty::Attempt);
    row.resent(&by("m", NOW));
    assert_eq!(row.duty(&asked(2)), Duty::Attempt, "the schedule's own message ends no resend");
    row.resent(&asked(2));
    assert!(matches!(row.duty(&asked(2)), Duty::Drop(_)));
}

#[test]
fn a_delivery_that_waits_for_its_slot_makes_its_attempt_then_and_takes_no_other() {
    let mut row = fresh();
    let slot = NOW.after(Duration::from_secs(61));
    row.wait_for_slot(slot, &by("m1", NOW), Placement::Hide(61));
    assert_eq!(
        (row.attempt_count, row.status, row.duty(&by("m1", NOW))),
        (0, Status::Pending, Duty::Hide(61))
    );
    assert!(!row.has_slot(&by("m1", NOW)));
    assert!(matches!(row.duty(&by("m2", slot)), Duty::Drop(_)));
    assert!(row.duty(&by("m1", slot)) == Duty::Attempt && row.has_slot(&by("m1", slot)));
    row.note(attempt(Outcome::TimedOut, Trigger::Event));
    assert!(!row.has_slot(&by("m1", slot)), "each attempt has a slot of its own");
    row.wait_for_slot(NOW.after(LIMIT * 2), &by("m1", NOW), Placement::Park);
    assert_eq!(row.next, Next::Parked { at: NOW.after(LIMIT * 2) });
}

#[test]
fn a_cancelled_delivery_takes_no_message_and_what_is_settled_stays_as_it_is() {
    let mut row = failed_once(Duration::from_mins(1));
    row.resend = Some(ResendId::new(NOW, 1));
    assert!(row.cancel(Reason::OnRequest, NOW));
    assert_eq!(
        (row.status, &row.reason, &row.next),
        (Status::Cancelled, &Some(Reason::OnRequest), &Next::Nobody)
    );
    assert!(matches!(row.duty(&by("m1", NOW.after(Duration::from_mins(1)))), Duty::Drop(_)));
    let resend =
        Received { message_id: "m9", resend: Some(ResendId::new(NOW, 1)), probe: false, now: NOW };
    assert!(matches!(row.duty(&resend), Duty::Drop(_)), "the resend is cancelled with it");
    assert!(!row.cancel(Reason::OnRequest, NOW));
    let mut delivered = fresh();
    delivered.note(attempt(Outcome::Succeeded, Trigger::Event));
    assert!(!delivered.cancel(Reason::OnRequest, NOW) && delivered.status == Status::Delivered);
}

#[test]
fn a_delivery_that_was_made_for_a_resend_ends_with_it() {
    let asked = |n| Received {
        message_id: "m",
        resend: Some(ResendId::new(NOW, n)),
        probe: false,
        now: NOW,
    };
    let mut row = fresh();
    row.resend = asked(1).resend;
    row.note(attempt(Outcome::Rejected, Trigger::Resend));
    row.resent(&asked(1));
    assert_eq!(row.status, Status::Exhausted);
    let mut ended = fresh();
    ended.resend = asked(1).resend;
    ended.settle(Status::Cancelled, Some(Reason::Deleted));
    ended.resent(&asked(1));
    assert_eq!((ended.status, ended.reason), (Status::Cancelled, Some(Reason::Deleted)));
    let mut waiting = failed_once(Duration::from_mins(1));
    waiting.resend = asked(1).resend;
    waiting.resent(&asked(1));
    assert_eq!(waiting.status, Status::Pending, "its own schedule goes on");
}

#[test]
fn a_resends_slot_is_its_own() {
    let mut row = failed_once(Duration::from_mins(1));
    let asked =
        |now| Received { message_id: "m9", resend: Some(ResendId::new(NOW, 1)), probe: false, now };
    row.resend = asked(NOW).resend;
    let (before, slot) = (row.clone(), NOW.after(Duration::from_secs(3)));
    row.wait_for_slot(slot, &asked(NOW), Placement::Hide(3));
    assert_eq!(row.next, before.next);
    assert_eq!(row.duty(&asked(NOW)), Duty::Hide(3));
    assert!(
        row.duty(&asked(slot)) == Duty::Attempt
            && row.has_slot(&asked(slot))
            && !row.has_slot(&by("m1", slot))
    );
}

#[test]
fn the_same_message_received_twice_at_once_is_hidden_the_second_time() {
    let row = failed_once(Duration::from_mins(1));
    assert_eq!(row.duty(&by("m1", NOW)), Duty::Hide(60));
}

#[test]
fn older_answers_are_trimmed_and_the_count_goes_on() {
    let mut row = fresh();
    for _ in 0..MAX_ATTEMPTS_KEPT + 5 {
        row.note(attempt(Outcome::Rejected, Trigger::Event));
    }
    assert_eq!(row.attempts.len(), MAX_ATTEMPTS_KEPT);
    assert_eq!(row.attempts.last().map(|last| last.number), Some(55));
    let lengths: Vec<_> =
        row.attempts.iter().map(|a| a.response_excerpt.as_ref().map_or(0, String::len)).collect();
    assert_eq!(lengths[..46], [256; 46]);
    assert_eq!(lengths[47..], [1000; 3]);
    let with_headers = |a: &&Attempt| a.request_headers.is_some() && a.response_headers.is_some();
    assert_eq!(
        row.attempts.iter().filter(with_headers).map(|a| a.number).collect::<Vec<_>>(),
        [53, 54, 55]
    );
    assert!(
        row.attempts[..47]
            .iter()
            .all(|a| a.request_headers.is_none() && a.response_headers.is_none())
    );
}

#[test]
fn an_attempt_is_shown_with_the_headers_that_follow_from_its_row() {
    let row = failed_once(Duration::from_mins(1));
    let shown = row.shown_attempts().remove(0).request_headers.expect("headers");
    let expected = [
        ("user-agent", "Postrider".to_owned()),
        ("webhook-id", row.event.to_string()),
        ("webhook-timestamp", "1700000000".to_owned()),
    ];
    assert_eq!(shown, expected.map(|(name, value)| (name.to_owned(), value)).into());
    let mut old = row.clone();
    old.attempts[0].request_headers = None;
    assert_eq!(old.shown_attempts(), old.attempts, "nothing is made up");
}

#[test]
fn of_what_receivers_answered_nothing_is_left_once_it_is_erased() {
    let mut row = failed_once(Duration::from_mins(1));
    assert!(row.erase(NOW));
    let made = &row.attempts[0];
    assert!(
        made.response_excerpt.is_none()
            && made.response_headers.is_none()
            && made.request_headers.is_some()
    );
    assert!(!row.erase(NOW));
    row.attempts[0].response_headers = Some(Headers::new());
    assert!(row.erase(NOW), "headers alone are something as well");
    row.attempts[0].response_excerpt = Some("ok".to_owned());
    assert!(row.erase(NOW), "and so is an excerpt");
}

#[test]
fn to_erase_answers_whether_anything_was_changed() {
    let delivered = |attempts: usize| {
        let mut row = fresh();
        for _ in 0..attempts {
            row.note(attempt(Outcome::Succeeded, Trigger::Event));
        }
        row
    };
    for attempts in 1..=2 {
        let mut row = delivered(attempts);
        assert!(row.erase(NOW), "what was answered goes, of a delivered one as well");
        assert_eq!((row.status, &row.reason), (Status::Delivered, &None));
        assert!(!row.is_erased() && !row.erase(NOW));
    }
    let mut answered_once = delivered(2);
    for attempt in &mut answered_once.attempts[1..] {
        (attempt.response_excerpt, attempt.response_headers) = (None, None);
    }
    assert!(answered_once.erase(NOW), "of two attempts, one had an answer");

    let mut waiting = fresh();
    assert!(waiting.erase(NOW), "it is cancelled");
    assert_eq!((waiting.status, &waiting.reason), (Status::Cancelled, &Some(Reason::Erased(None))));

    let mut exhausted = fresh();
    exhausted.settle(Status::Exhausted, Some(Reason::ScheduleOver));
    let mut asked_for = Delivery { resend: Some(ResendId::new(NOW, 1)), ..exhausted.clone() };
    assert!(exhausted.erase(NOW) && exhausted.is_erased(), "it is marked");
    let before = Some(Box::new(Reason::ScheduleOver));
    assert_eq!(
        (exhausted.status, &exhausted.reason),
        (Status::Exhausted, &Some(Reason::Erased(before)))
    );
    assert!(!exhausted.erase(NOW));
    assert!(asked_for.erase(NOW), "it is marked, and its resend cancelled");
    assert!(asked_for.is_erased() && asked_for.resend.is_none());
}

#[test]
fn a_status_is_read_by_its_name_and_nothing_else_is_one() {
    let names = ["pending", "delivered", "exhausted", "cancelled", "held"];
    assert_eq!(Status::ALL.map(Status::as_str), names);
    for (status, name) in Status::ALL.into_iter().zip(names) {
        assert_eq!(name.parse(), Ok(status));
        let ended = matches!(name, "delivered" | "exhausted" | "cancelled");
        assert_eq!(status.is_settled(), ended);
    }
    assert_eq!("Pending".parse::<Status>(), Err(InvalidStatus));
    assert_eq!("".parse::<Status>(), Err(InvalidStatus));
}

#[test]
fn a_held_delivery_waits_in_line_and_a_settled_one_has_nobody() {
    for status in Status::ALL {
        let mut row = failed_once(Duration::from_mins(1));
        row.slot_at = Some(NOW);
        row.settle(status, None);
        let next = if status == Status::Held { Next::InLine } else { Next::Nobody };
        assert_eq!((row.status, row.next, row.slot_at), (status, next, None));
    }
}

#[test]
fn what_follows_an_attempt_depends_on_why_it_was_made_and_whose_the_row_is_by_then() {
    let policy =
        crate::core::subscription::profile::find("standard").expect("there").policy.clone();
    let schedule = Schedule { policy: &policy, hide_limit: LIMIT, random: 0.5 };
    let made = |trigger, outcome| Made {
        attempt: attempt(outcome, trigger),
        retry_after: None,
        ending: None,
    };
    let later = NOW.after(Duration::from_secs(10));

    let mut row = fresh();
    let placement =
        follow(&mut row, &made(Trigger::Event, Outcome::TimedOut), &by("m1", later), schedule);
    assert_eq!(placement, Some(Placement::Hide(5)));
    assert_eq!(row.next, carried("m1", Some(later.after(Duration::from_secs(5)))));
    assert_eq!((row.updated_at, row.scheduled_attempts), (later, 1));

    let mut twice = row.clone();
    let placement =
        follow(&mut twice, &made(Trigger::Event, Outcome::TimedOut), &by("m1", later), schedule);
    assert_eq!(
        (placement, &twice.next),
        (Some(Placement::Hide(5)), &row.next),
        "received twice at once"
    );
    let mut anothers = row.clone();
    let placement =
        follow(&mut anothers, &made(Trigger::Event, Outcome::TimedOut), &by("m2", later), schedule);
    assert_eq!((placement, &anothers.next), (None, &row.next), "another message carries it");

    let mut held = fresh();
    held.settle(Status::Held, Some(Reason::Failing));
    let probe = Received { probe: true, ..by("m3", later) };
    let mut probed = held.clone();
    assert_eq!(
        follow(&mut probed, &made(Trigger::Probe, Outcome::Rejected), &probe, schedule),
        None
    );
    assert_eq!((probed.status, &probed.reason), (Status::Held, &Some(Reason::Failing)));
    assert_eq!(
        follow(&mut held, &made(Trigger::Probe, Outcome::Succeeded), &probe, schedule),
        None
    );
    assert_eq!((held.status, &held.reason), (Status::Delivered, &None));

    let asked = Received { resend: Some(ResendId::new(NOW, 1)), ..by("m4", later) };
    let mut resent = Delivery { resend: asked.resend, ..row.clone() };
    assert_eq!(
        follow(&mut resent, &made(Trigger::Resend, Outcome::Rejected), &asked, schedule),
        None
    );
    assert_eq!((resent.resend, &resent.next), (None, &row.next), "its schedule goes on");

    let ending = Some(Ending::Disabled(410));
    let gone = Made { ending, ..made(Trigger::Event, Outcome::Rejected) };
    let mut ended = fresh();
    assert_eq!(follow(&mut ended, &gone, &by("m1", later), schedule), None);
    assert_eq!((ended.status, ended.ending), (Status::Exhausted, ending));
}

proptest! {
    /// Whatever comes in whatever order: at most one message is ever allowed to attempt, or the
    /// scheduler owns it.
    #[test]
    fn at_most_one_message_owns_the_next_attempt(waits in prop::collection::vec(1u64..3000, 1..8)) {
        let mut row = fresh();
        for wait in waits {
            row.note(attempt(Outcome::Rejected, Trigger::Event));
            row.follow(&Verdict::Retry(Duration::from_secs(wait)), &by("own", NOW), LIMIT);
            prop_assert!(row.next.carrier().is_some() != row.next.due_at().is_some());
            let due = NOW.after(Duration::from_secs(wait));
            if row.next.carrier().is_some() {
                prop_assert_eq!(row.duty(&by("own", due)), Duty::Attempt);
                prop_assert!(matches!(row.duty(&by("stray", due)), Duty::Drop(_)));
            } else {
                prop_assert!(matches!(row.duty(&by("own", NOW)), Duty::Drop(_)));
            }
        }
    }
}
