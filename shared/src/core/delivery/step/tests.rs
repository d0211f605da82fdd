use proptest::prelude::*;

use super::*;
use crate::core::delivery::Status as DeliveryStatus;
use crate::core::delivery::next::Next;
use crate::core::id::{ResendId, SubscriptionId};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// What can be looked up, and the task.
#[derive(Debug, Clone)]
struct World {
    task: Task<'static>,
    row: Option<Delivery>,
    event: EventRow,
    subscription: Option<Standing>,
    slot: Option<Slot>,
    hide_limit: Duration,
    payload: Payload,
}

const ACTIVE: Standing = Standing {
    status: Status::Active,
    is_failing: false,
    rate_limit_per_minute: 0,
    updated_at: NOW,
};

/// The first receive of a first task, of an event that was accepted a second ago.
fn first() -> World {
    let received = Received { message_id: "own", resend: None, probe: false, now: NOW };
    let event = EventId::new(NOW.before(Duration::from_secs(1)), 1);
    World {
        task: Task {
            received,
            event,
            line: Line::Standard,
            receive_count: 1,
            repeat: false,
            has_content: true,
        },
        row: None,
        event: EventRow::Kept,
        subscription: Some(ACTIVE),
        slot: None,
        hide_limit: 15 * MINUTE,
        payload: Payload::There,
    }
}

fn row() -> Delivery {
    let at = NOW.before(MINUTE);
    let (tenant, event_type) =
        ("shop-1".parse().expect("a tenant"), "order.created".parse().expect("a name"));
    let new =
        Delivery::new(tenant, SubscriptionId::new(at, 1), EventId::new(at, 1), event_type, at);
    Delivery { revision: 1, ..new }
}

fn carried(by: &str, at: Option<Timestamp>) -> Delivery {
    Delivery { next: Next::Carried { by: by.to_owned(), at }, ..row() }
}

fn settled(status: DeliveryStatus) -> Delivery {
    let mut row = row();
    row.settle(status, None);
    row
}

impl World {
    /// The task comes from a row: of the scheduler, or of a resend.
    fn from_row(row: Delivery) -> Self {
        let mut world = first();
        (world.task.repeat, world.task.has_content) = (true, false);
        Self { row: Some(row), ..world }
    }

    fn probe() -> Self {
        let mut world = Self::from_row(settled(DeliveryStatus::Held));
        world.task.received.probe = true;
        Self { subscription: Some(Standing { is_failing: true, ..ACTIVE }), ..world }
    }

    fn resend(status: DeliveryStatus) -> Self {
        let resend = Some(ResendId::new(NOW, 1));
        let mut world = Self::from_row(Delivery { resend, ..settled(status) });
        world.task.received.resend = resend;
        world
    }

    fn in_order(age: Duration) -> Self {
        let mut world = first();
        (world.task.line, world.task.event) = (Line::Fifo, EventId::new(NOW.before(age), 1));
        world
    }

    fn with(self, subscription: Standing) -> Self {
        Self { subscription: Some(subscription), ..self }
    }

    fn limited(self, slot: Option<Duration>) -> Self {
        let slot = slot.map(|wait| Slot { at: NOW.after(wait), taken_at: NOW });
        Self { slot, ..self }.with(Standing { rate_limit_per_minute: 60, ..ACTIVE })
    }

    /// Asks for steps and answers what they ask for, until one says what becomes of the message.
    fn decide(&self) -> (Vec<Step>, Step, Facts<'static>) {
        let (mut facts, mut asked) = (Facts::of(self.task), Vec::new());
        loop {
            let step = step(&facts);
            match step {
                Step::Load(Load::Row) => facts.row = Fact::Known(self.row.clone()),
                Step::Load(Load::Event) => facts.event = Fact::Known(self.event),
                Step::Load(Load::Subscription) => {
                    facts.subscription = Fact::Known(self.subscription);
                }
                Step::Load(Load::HideLimit) => facts.hide_limit = Fact::Known(self.hide_limit),
                Step::Load(Load::Payload) => facts.payload = Fact::Known(self.payload),
                Step::TakeSlot => facts.slot = Fact::Known(self.slot),
                decided => return (asked, decided, facts),
            }
            assert!(!asked.contains(&step), "{step:?} is asked for again after {asked:?}");
            asked.push(step);
        }
    }

    fn outcome(&self) -> Step {
        self.decide().1
    }

    fn asked(&self) -> Vec<Step> {
        self.decide().0
    }
}

#[test]
fn a_first_receive_reads_its_subscription_alone() {
    let payload = Step::Load(Load::Payload);
    assert_eq!(first().asked(), [Step::Load(Load::Subscription), payload.clone()]);
    assert_eq!(first().outcome(), Step::Attempt);
    let mut again = first();
    again.task.receive_count = 2;
    assert_eq!(again.asked()[..2], [Step::Load(Load::Row), Step::Load(Load::Subscription)]);
    let mut repeated = first();
    repeated.task.repeat = true;
    assert_eq!(repeated.asked()[0], Step::Load(Load::Row));
    let loads = [Load::Row, Load::Event, Load::Subscription].map(Step::Load);
    let parked = World::from_row(Delivery { next: Next::Parked { at: NOW }, ..row() });
    assert_eq!(parked.asked()[..3], loads);
    assert_eq!((parked.asked().pop(), parked.outcome()), (Some(payload), Step::Attempt));
}

#[test]
fn the_row_alone_drops_or_hides_a_message_that_is_not_to_attempt() {
    let later = NOW.after(MINUTE);
    for (row, step) in [
        (settled(DeliveryStatus::Delivered), Step::Drop(Dropped::Settled)),
        (carried("another", None), Step::Drop(Dropped::CarriedByAnother)),
        (Delivery { next: Next::Parked { at: later }, ..row() }, Step::Drop(Dropped::Parked)),
        (carried("own", Some(later)), Step::Hide { seconds: 60, slot: None }),
    ] {
        let world = World::from_row(row);
        assert_eq!((world.outcome(), world.asked()), (step, vec![Step::Load(Load::Row)]));
    }
    let mut made = World::resend(DeliveryStatus::Exhausted);
    made.row = Some(settled(DeliveryStatus::Exhausted));
    assert_eq!(made.outcome(), Step::Drop(Dropped::ResendMade));
    let released = World { row: Some(carried("own", None)), ..World::probe() };
    assert_eq!(released.outcome(), Step::Drop(Dropped::NotHeld));
    let gone = World { row: None, ..World::from_row(row()) };
    assert_eq!(gone.outcome(), Step::Drop(Dropped::NoRow));
    assert_eq!(gone.asked(), [Step::Load(Load::Row)]);
}

#[test]
fn the_event_is_waited_for_until_its_record_ends_and_not_sent_once_it_is_erased() {
    let of = |event| World { event, ..World::from_row(carried("own", None)) };
    assert_eq!(of(EventRow::Missing).outcome(), Step::AwaitEvent);
    assert_eq!(of(EventRow::Erased).outcome(), Step::Cancel(Reason::Erased(None)));
    assert_eq!(of(EventRow::Erased).asked(), [Load::Row, Load::Event].map(Step::Load));
    assert_eq!(of(EventRow::Expired).outcome(), Step::Exhaust(Reason::NoEvent));
    assert!(!of(EventRow::Expired).asked().contains(&Step::Load(Load::Payload)));
    assert_eq!(of(EventRow::Kept).outcome(), Step::Attempt);
    let lost = World { payload: Payload::Gone, ..first() };
    assert_eq!(lost.outcome(), Step::Exhaust(Reason::NoEvent));
}

#[test]
fn what_the_subscription_is_decides_what_the_schedule_may_do() {
    let paused = Standing { status: Status::Paused, ..ACTIVE };
    let disabled = Standing { status: Status::Disabled, ..ACTIVE };
    let failing = Standing { is_failing: true, ..ACTIVE };
    assert_eq!(first().with(paused).outcome(), Step::Hold(Reason::Paused));
    assert_eq!(first().with(disabled).outcome(), Step::Cancel(Reason::Disabled));
    assert_eq!(first().with(failing).outcome(), Step::Hold(Reason::Failing));
    let deleted = World { subscription: None, ..first() };
    assert_eq!(deleted.outcome(), Step::Cancel(Reason::Deleted));

    assert_eq!(World::probe().outcome(), Step::Attempt);
    for standing in [ACTIVE, paused, disabled] {
        let outcome = World::probe().with(standing).outcome();
        assert_eq!(outcome, Step::Drop(Dropped::NotProbed), "{standing:?}");
    }
    for standing in [ACTIVE, paused, disabled, failing] {
        let resend = World::resend(DeliveryStatus::Cancelled).with(standing);
        assert_eq!(resend.outcome(), Step::Attempt, "{standing:?}");
    }
}

#[test]
fn in_order_a_delivery_keeps_its_place_and_looks_again_whether_its_subscription_is_paused() {
    let failing = Standing { is_failing: true, ..ACTIVE };
    assert_eq!(World::in_order(MINUTE).with(failing).outcome(), Step::Attempt);
    let since = Standing { status: Status::Paused, updated_at: NOW.before(MINUTE), ..ACTIVE };
    let hidden = Step::Hide { seconds: 60, slot: None };
    assert_eq!(World::in_order(MINUTE).with(since).outcome(), hidden);
    let week = World::in_order(7 * DAY);
    assert_eq!(week.clone().with(since).outcome(), Step::Hold(Reason::Paused));
    assert_eq!(week.with(failing).outcome(), Step::Hold(Reason::Failing));

    let deleted = World { subscription: None, ..World::in_order(MINUTE) };
    assert_eq!(deleted.outcome(), Step::Drop(Dropped::Deleted), "nothing is put on record");
    let mut on_record = World { row: Some(carried("own", None)), ..deleted };
    on_record.task.receive_count = 2;
    assert_eq!(on_record.outcome(), Step::Cancel(Reason::Deleted));
}

#[test]
fn what_waited_behind_others_is_looked_up_before_it_is_sent() {
    let loads = [Load::Row, Load::Subscription, Load::Event, Load::Payload].map(Step::Load);
    let waited = World::in_order(16 * MINUTE);
    assert_eq!((waited.asked(), waited.outcome()), (loads.to_vec(), Step::Attempt));
    let erased = World { event: EventRow::Erased, ..waited.clone() };
    assert_eq!(erased.outcome(), Step::Cancel(Reason::Erased(None)));
    let missing = World { event: EventRow::Missing, ..waited };
    assert_eq!(missing.outcome(), Step::Attempt, "it brings its content");
    assert!(!World::in_order(15 * MINUTE).asked().contains(&Step::Load(Load::Event)));
}

#[test]
fn under_a_rate_limit_an_attempt_has_a_slot_or_waits_for_it() {
    let soon = first().limited(Some(SOON));
    let asked = [Step::Load(Load::Subscription), Step::TakeSlot, Step::Load(Load::Payload)];
    assert_eq!((soon.asked(), soon.outcome()), (asked.to_vec(), Step::Attempt));
    let short = first().limited(Some(MINUTE));
    let slot = Some(NOW.after(MINUTE));
    assert_eq!(short.outcome(), Step::Hide { seconds: 60, slot });
    let slot = NOW.after(15 * MINUTE + Duration::from_millis(1));
    let long = Some(NOW.until(slot));
    assert_eq!(first().limited(long).outcome(), Step::Park { slot });
    assert_eq!(first().limited(None).outcome(), Step::Hide { seconds: 1, slot: None });

    let ordered = World::in_order(MINUTE).limited(long);
    assert_eq!(ordered.outcome(), Step::Hide { seconds: 901, slot: Some(slot) });
    assert!(!ordered.asked().contains(&Step::Load(Load::HideLimit)));
    let resend = World::resend(DeliveryStatus::Exhausted).limited(Some(DAY));
    let half_a_day = 12 * 3600 - 60;
    let slot = Some(NOW.after(DAY));
    assert_eq!(resend.outcome(), Step::Hide { seconds: half_a_day, slot });
    assert!(!resend.asked().contains(&Step::Load(Load::HideLimit)));

    let limited = Standing { rate_limit_per_minute: 60, is_failing: true, ..ACTIVE };
    for slot in [None, Some(DAY)] {
        let probe = World::probe().limited(slot).with(limited);
        assert_eq!(probe.outcome(), Step::Drop(Dropped::ProbeWouldWait));
    }
    let probe = World::probe().limited(Some(Duration::ZERO)).with(limited);
    assert_eq!(probe.outcome(), Step::Attempt);

    let has_one = Delivery { slot_at: Some(NOW), ..carried("own", Some(NOW)) };
    let waited = World::from_row(has_one).limited(None);
    assert_eq!(waited.outcome(), Step::Attempt);
    assert!(!waited.asked().contains(&Step::TakeSlot), "it took its slot before");
}

/// A time up to an hour and a half before `NOW`, or after it.
fn around_now() -> impl Strategy<Value = Timestamp> {
    (-5_400_000i64..5_400_000).prop_map(|off| Timestamp::from_millis(NOW.as_millis() + off))
}

fn resends() -> impl Strategy<Value = Option<ResendId>> {
    prop_oneof![Just(None), (1u128..3).prop_map(|n| Some(ResendId::new(NOW, n)))]
}

prop_compose! {
    fn rows()(
        kind in 0..10,
        at in prop::option::of(around_now()),
        slots in (prop::option::of(around_now()), prop::option::of(around_now())),
        resend in resends(),
        updated_at in around_now(),
    ) -> Delivery {
        let mut row = match kind {
            0 => row(),
            1..=3 => carried("own", at),
            4 => carried("another", at),
            5 => Delivery { next: Next::Parked { at: at.unwrap_or(NOW) }, ..row() },
            6 => settled(DeliveryStatus::Delivered),
            7 => settled(DeliveryStatus::Exhausted),
            8 => settled(DeliveryStatus::Cancelled),
            _ => settled(DeliveryStatus::Held),
        };
        (row.slot_at, row.resend_slot_at) = slots;
        Delivery { resend, updated_at, ..row }
    }
}

prop_compose! {
    fn tasks()(
        age in prop_oneof![0u64..1_200, 0u64..1_000_000],
        line in prop_oneof![Just(Line::Standard), Just(Line::Fifo)],
        receive_count in 1u32..3,
        repeat: bool,
        has_content: bool,
        resend in resends(),
        probe: bool,
    ) -> Task<'static> {
        // A probe is none of the resends.
        let probe = probe && resend.is_none();
        let received = Received { message_id: "own", resend, probe, now: NOW };
        let event = EventId::new(NOW.before(Duration::from_secs(age)), 1);
        Task { received, event, line, receive_count, repeat, has_content }
    }
}

prop_compose! {
    fn standings()(
        status in prop_oneof![Just(Status::Active), Just(Status::Paused), Just(Status::Disabled)],
        is_failing: bool,
        rate_limit_per_minute in prop_oneof![Just(0u32), 1u32..100],
        updated_at in around_now(),
    ) -> Standing {
        Standing { status, is_failing, rate_limit_per_minute, updated_at }
    }
}

prop_compose! {
    fn worlds()(
        task in tasks(),
        row in prop::option::weighted(0.8, rows()),
        event in prop_oneof![
            4 => Just(EventRow::Kept),
            1 => Just(EventRow::Erased),
            1 => Just(EventRow::Expired),
            1 => Just(EventRow::Missing),
        ],
        subscription in prop::option::weighted(0.9, standings()),
        slot in prop::option::of(around_now()),
        hide_limit in 0u64..3_600,
        payload in prop_oneof![3 => Just(Payload::There), 1 => Just(Payload::Gone)],
    ) -> World {
        let slot = slot.map(|at| Slot { at, taken_at: NOW });
        let hide_limit = Duration::from_secs(hide_limit);
        World { task, row, event, subscription, slot, hide_limit, payload }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// `decide` fails if anything is asked for twice.
    #[test]
    fn it_ends_and_reads_nothing_for_nothing(world in worlds()) {
        let (asked, _, _) = world.decide();
        prop_assert!(asked.len() <= 6);
        if world.task.is_first() {
            prop_assert!(!asked.contains(&Step::Load(Load::Row)));
        }
        if world.task.has_content && !world.task.has_waited() {
            prop_assert!(!asked.contains(&Step::Load(Load::Event)));
        }
        let is_limited = world.subscription.is_some_and(|it| it.rate_limit_per_minute > 0);
        prop_assert!(is_limited || !asked.contains(&Step::TakeSlot));
    }

    #[test]
    fn an_attempt_is_made_only_with_a_payload_and_a_subscription(world in worlds()) {
        let (_, step, facts) = world.decide();
        if step == Step::Attempt {
            prop_assert_eq!(&facts.payload, &Fact::Known(Payload::There));
            prop_assert!(matches!(facts.subscription, Fact::Known(Some(_))));
            prop_assert!(facts.event != Fact::Known(EventRow::Erased));
            let limit = world.subscription.map_or(0, |it| it.rate_limit_per_minute);
            let has_slot = facts.known_row().is_some_and(|row| row.has_slot(&world.task.received));
            let took_one = world.slot.is_some_and(|slot| slot.at <= NOW.after(SOON));
            prop_assert!(limit == 0 || has_slot || took_one);
        }
    }

    #[test]
    fn what_is_erased_is_cancelled_once_that_is_known(world in worlds()) {
        let (_, step, facts) = world.decide();
        if facts.event == Fact::Known(EventRow::Erased) {
            prop_assert_eq!(step, Step::Cancel(Reason::Erased(None)));
        }
    }

    /// Its row may be on record, or the message has what it takes to make one.
    #[test]
    fn whatever_writes_a_row_has_one(world in worlds()) {
        let (_, step, facts) = world.decide();
        let writes = !matches!(
            step,
            Step::Drop(_) | Step::Hide { slot: None, .. } | Step::AwaitEvent
        );
        prop_assert!(!writes || facts.known_row().is_some() || world.task.has_content);
    }

    #[test]
    fn a_settled_delivery_takes_nothing_but_the_resend_that_was_asked_for(mut world in worlds()) {
        world.task.receive_count = 2;
        let (_, step, facts) = world.decide();
        let (Some(row), resend) = (facts.known_row(), world.task.received.resend) else {
            return Ok(());
        };
        match resend {
            None if row.status.is_settled() => {
                prop_assert!(matches!(step, Step::Drop(Dropped::Settled | Dropped::NotHeld)));
            }
            Some(_) if row.resend != resend => {
                prop_assert_eq!(step, Step::Drop(Dropped::ResendMade));
            }
            _ => {}
        }
    }

    #[test]
    fn only_the_message_that_carries_a_delivery_makes_its_attempt(mut world in worlds()) {
        world.task.receive_count = 2;
        let (_, step, facts) = world.decide();
        let Some(row) = facts.known_row() else { return Ok(()) };
        let (received, is_due) = (world.task.received, row.next.at().is_none_or(|at| at <= NOW));
        if step == Step::Attempt && received.resend.is_none() {
            prop_assert!(is_due);
            let late = row.next.at().unwrap_or(row.updated_at).after(60 * MINUTE) <= NOW;
            prop_assert!(late || row.next.carrier().is_none_or(|by| by == received.message_id));
        }
    }

    #[test]
    fn the_schedule_attempts_nothing_of_a_subscription_that_is_not_active(world in worlds()) {
        let (_, step, _) = world.decide();
        let Received { resend, probe, .. } = world.task.received;
        if step == Step::Attempt && resend.is_none() {
            let standing = world.subscription.expect("a subscription");
            prop_assert_eq!(standing.status, Status::Active);
            prop_assert!(standing.is_failing == probe || world.task.keeps_place());
        }
    }

    #[test]
    fn a_probe_neither_waits_nor_is_held_anew(mut world in worlds()) {
        (world.task.received.probe, world.task.received.resend) = (true, None);
        // Probes come from rows.
        (world.task.repeat, world.task.has_content) = (true, false);
        let step = world.outcome();
        let waits = matches!(step, Step::Hold(_) | Step::Hide { .. } | Step::Park { .. });
        prop_assert!(!waits, "{:?}", step);
    }

    #[test]
    fn a_resend_passes_by_pauses_and_breakers(mut world in worlds(), standing in standings()) {
        let resend = Some(ResendId::new(NOW, 1));
        (world.task.received.resend, world.task.received.probe) = (resend, false);
        world.event = EventRow::Kept;
        (world.subscription, world.payload) = (Some(standing), Payload::There);
        let row = world.row.take().unwrap_or_else(row);
        world.row = Some(Delivery { resend, ..row });
        let step = world.outcome();
        prop_assert!(matches!(step, Step::Attempt | Step::Hide { .. }), "{:?}", step);
    }

    #[test]
    fn in_order_nothing_is_held_or_parked_while_it_keeps_its_place(mut world in worlds()) {
        world.task.line = Line::Fifo;
        if world.task.keeps_place() {
            let step = world.outcome();
            prop_assert!(!matches!(step, Step::Hold(_) | Step::Park { .. }), "{:?}", step);
        }
    }

    #[test]
    fn nothing_waits_hidden_for_a_slot_beyond_the_hide_limit(world in worlds()) {
        let (asked, step, _) = world.decide();
        let stays = world.task.received.resend.is_some() || world.task.keeps_place();
        if let Step::Hide { seconds, slot: Some(slot) } = step {
            prop_assert!(stays || NOW.until(slot) <= world.hide_limit);
            prop_assert!(stays || asked.contains(&Step::Load(Load::HideLimit)));
            prop_assert!(NOW.until(slot) <= Duration::from_secs(u64::try_from(seconds).unwrap()));
        }
        if let Step::Park { slot } = step {
            prop_assert!(NOW.until(slot) > world.hide_limit);
        }
    }

    /// So what was decided before an attempt holds after it, as far as nobody wrote the row.
    #[test]
    fn what_a_message_may_attempt_it_may_attempt_later_as_well(
        row in rows(),
        task in tasks(),
        later in 0u64..10_000_000,
    ) {
        let received = task.received;
        if row.duty(&received) == Duty::Attempt {
            let later = Received { now: NOW.after(Duration::from_millis(later)), ..received };
            prop_assert_eq!(row.duty(&later), Duty::Attempt);
        }
    }
}
