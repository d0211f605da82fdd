//! The simulated deployment: one clock, one queue, the delivery function, the rows, and the
//! scheduler.
//!
//! What decides is the functions' own code of `shared`: the delivery's next step, the schedule, the
//! breaker, releases, how long a message may be hidden. What is modelled is what runs it: SQS,
//! Lambda's concurrency, how long things take.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::time::Duration;

use shared::core::delivery::attempt::{Attempt, Made, Outcome, Timing};
use shared::core::delivery::order::Line;
use shared::core::delivery::reason::Reason;
use shared::core::delivery::retry::{self, Placement};
use shared::core::delivery::step::{EventRow, Fact, Facts, Load, Payload, Step, Task, step};
use shared::core::delivery::{Delivery, Duty, Received, Schedule, Status};
use shared::core::event::event_type::EventTypeName;
use shared::core::id::EventId;
use shared::core::timestamp::Timestamp;

use super::queue::{Message, Queue};
use super::receivers::Subscription;
use super::report::Hours;

/// When the simulation starts, in milliseconds since 1970.
pub const START: i64 = 1_800_000_000_000;
/// Messages of one invocation.
const BATCH: usize = 10;
/// What it takes to hold, drop or hide without an attempt: some reads and a write.
const WITHOUT_ATTEMPT_MS: i64 = 20;
/// How often each process asks how many messages are in flight.
const COUNTED_EVERY_MS: i64 = 30_000;

/// How messages wait.
#[derive(Debug, Clone, Copy)]
pub struct Waiting {
    /// The longest wait that is hidden.
    pub hide_limit: Duration,
    /// Whether shorter ones are parked while many messages are in flight.
    pub is_bounded: bool,
}

/// What happens at a time.
#[derive(Debug)]
pub enum What {
    /// A message can be received, new or after its wait.
    Seen(Message, bool),
    /// A message was handled.
    Handled(Message, Done),
    /// An invocation ends, and what it has deleted goes.
    Ended(Vec<Message>),
    /// The scheduler runs.
    Tick,
    /// It makes a step of each release; it may go on until then.
    Releases(i64),
}

/// What a function has done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    Attempted(bool),
    Held,
    Dropped,
    Early(i32),
}

/// The world.
#[derive(Debug)]
pub struct World {
    pub now: i64,
    pub subscriptions: Vec<Subscription>,
    pub queue: Queue,
    /// The rows of deliveries that were attempted or sent by the scheduler, until they are
    /// delivered.
    pub rows: HashMap<u32, Delivery>,
    /// Parked deliveries: when due, and their events.
    pub parked: BTreeMap<i64, Vec<(usize, u32)>>,
    pub hours: Hours,
    created: Vec<i64>,
    event_type: EventTypeName,
    /// Invocations that may still start.
    idle: usize,
    waiting: Waiting,
    counted: (i64, u64),
    agenda: BinaryHeap<Reverse<(i64, u64)>>,
    happening: HashMap<u64, What>,
    sequence: u64,
    chance: u64,
}

impl World {
    /// `concurrency` invocations run at once.
    pub fn new(subscriptions: Vec<Subscription>, concurrency: usize, waiting: Waiting) -> Self {
        Self {
            now: 0,
            queue: Queue::new(subscriptions.len()),
            subscriptions,
            rows: HashMap::new(),
            parked: BTreeMap::new(),
            hours: Hours::default(),
            created: Vec::new(),
            event_type: "order.created".parse().expect("a name"),
            idle: concurrency,
            waiting,
            counted: (i64::MIN / 2, 0),
            agenda: BinaryHeap::new(),
            happening: HashMap::new(),
            sequence: 0,
            chance: 1,
        }
    }

    /// The time as the rules know it.
    pub const fn time(&self) -> Timestamp {
        Timestamp::from_millis(START + self.now)
    }

    /// Something will happen.
    pub fn schedule(&mut self, at: i64, what: What) {
        self.sequence += 1;
        self.agenda.push(Reverse((at, self.sequence)));
        self.happening.insert(self.sequence, what);
    }

    /// An event for one subscription is accepted now, and fanned out.
    pub fn publish(&mut self, group: usize) {
        let event = u32::try_from(self.created.len()).unwrap_or(u32::MAX);
        self.created.push(self.now);
        let message = self.message(group, event, false);
        self.queue.send(Message { again: false, has_content: true, ..message });
        self.invoke();
    }

    /// A message about a delivery, which has an id of its own.
    pub fn message(&mut self, group: usize, event: u32, probe: bool) -> Message {
        self.sequence += 1;
        let (id, seen_at) = (self.sequence, self.now);
        Message { id, group, event, probe, again: true, has_content: false, seen_at }
    }

    /// The id of an event by its number.
    pub fn event_id(&self, event: u32) -> EventId {
        EventId::new(
            Timestamp::from_millis(START + self.created[event as usize]),
            u128::from(event),
        )
    }

    /// A row of a delivery that has none yet.
    pub fn new_row(&self, group: usize, event: u32) -> Delivery {
        let subscription = &self.subscriptions[group];
        let (tenant, event_type) = (subscription.tenant.clone(), self.event_type.clone());
        Delivery::new(tenant, subscription.id, self.event_id(event), event_type, self.time())
    }

    /// Notes how much waits at the end of an hour.
    pub fn sample(&mut self) {
        let parked = self.parked.values().map(Vec::len).sum();
        let held = self.subscriptions.iter().map(|subscription| subscription.held.len()).sum();
        self.hours.sample(self.now, parked, held);
    }

    /// Lets all that happens until then happen.
    pub fn run_until(&mut self, until: i64) {
        while let Some(Reverse((at, number))) =
            self.agenda.peek().copied().filter(|next| next.0.0 <= until)
        {
            self.agenda.pop();
            self.now = at;
            if let Some(what) = self.happening.remove(&number) {
                self.happen(what);
            }
            self.invoke();
        }
        self.now = until;
    }

    fn happen(&mut self, what: What) {
        match what {
            What::Seen(message, hidden) => {
                let message =
                    Message { again: message.again || hidden, seen_at: self.now, ..message };
                if hidden { self.queue.show(message) } else { self.queue.send(message) }
            }
            What::Handled(message, done) => self.handled(message, done),
            What::Ended(deleted) => {
                self.idle += 1;
                for message in deleted {
                    self.queue.delete(message);
                }
            }
            What::Tick => self.tick(),
            What::Releases(until) => self.releases(until),
        }
    }

    /// Starts an invocation for what can be received, as long as there is one.
    fn invoke(&mut self) {
        while self.idle > 0 && !self.queue.is_silent() {
            self.idle -= 1;
            let batch: Vec<_> = std::iter::from_fn(|| self.queue.receive()).take(BATCH).collect();
            let (mut ends, mut deleted) = (self.now, Vec::with_capacity(batch.len()));
            for message in batch {
                let (done, takes) = self.begin(message);
                self.schedule(self.now + takes, What::Handled(message, done));
                ends = ends.max(self.now + takes);
                // What failed is deleted, or hidden, when that is known.
                if !matches!(done, Done::Early(_) | Done::Attempted(false)) {
                    deleted.push(message);
                }
            }
            self.schedule(ends, What::Ended(deleted));
        }
        self.hours.in_flight(self.now, self.queue.in_flight());
    }

    /// What becomes of a message, and how long it takes.
    fn begin(&mut self, message: Message) -> (Done, i64) {
        let done = match self.decide(message) {
            Step::Attempt => return self.attempt(message),
            Step::Hide { seconds, slot: None } => Done::Early(seconds),
            Step::Hold(_) => Done::Held,
            Step::Drop(_) => Done::Dropped,
            other => unreachable!("there are no rate limits, and nothing is erased: {other:?}"),
        };
        (done, WITHOUT_ATTEMPT_MS)
    }

    /// What delivery decides, which is told each fact that it asks for.
    fn decide(&mut self, message: Message) -> Step {
        let (id, now) = (message.id.to_string(), self.time());
        let subscription = &self.subscriptions[message.group];
        let mut facts = Facts::of(Task {
            received: received(&id, message, now),
            event: self.event_id(message.event),
            line: Line::Standard,
            receive_count: if message.again { 2 } else { 1 },
            repeat: !message.has_content,
            has_content: message.has_content,
        });
        loop {
            match step(&facts) {
                Step::Load(Load::Row) => {
                    facts.row = Fact::Known(self.rows.get(&message.event).cloned());
                }
                Step::Load(Load::Event) => facts.event = Fact::Known(EventRow::Kept),
                Step::Load(Load::Subscription) => {
                    let standing = subscription.standing(!facts.task.is_first(), now);
                    facts.subscription = Fact::Known(Some(standing));
                }
                Step::Load(Load::Payload) => facts.payload = Fact::Known(Payload::There),
                decided => return decided,
            }
        }
    }

    fn attempt(&mut self, message: Message) -> (Done, i64) {
        let (succeeds, takes) = self.subscriptions[message.group].attempt(self.time());
        self.hours.attempt(self.now, message.probe, succeeds);
        if !message.again {
            self.hours.waited(message.group, self.now, self.now - message.seen_at);
        }
        (Done::Attempted(succeeds), takes)
    }

    fn handled(&mut self, message: Message, done: Done) {
        match done {
            Done::Dropped => {}
            Done::Early(seconds) => self.hide(message, seconds),
            Done::Held => {
                if let Some(row) = self.rows.get_mut(&message.event) {
                    row.settle(Status::Held, Some(Reason::Failing));
                }
                self.subscriptions[message.group].held.insert(message.event);
            }
            Done::Attempted(true) => {
                self.rows.remove(&message.event);
                let now = self.time();
                let subscription = &mut self.subscriptions[message.group];
                subscription.held.remove(&message.event);
                subscription.attempted(true, now, 0.5);
                self.hours.delivered += 1;
            }
            Done::Attempted(false) => self.failed(message),
        }
    }

    fn failed(&mut self, message: Message) {
        let (now, hide_limit, random) = (self.time(), self.hide_limit(), self.chance());
        let new = self.new_row(message.group, message.event);
        let subscription = &mut self.subscriptions[message.group];
        let row = self.rows.entry(message.event).or_insert(new);
        let id = message.id.to_string();
        let received = received(&id, message, now);
        let schedule = Schedule { policy: &subscription.policy, hide_limit, random };
        let placement = row.attempted(Duty::Attempt, &timed_out(&received), &received, schedule);
        // Nobody looks at it here.
        row.attempts = Vec::new();
        subscription.attempted(false, now, random);
        match (placement, row.next.due_at()) {
            (Some(Placement::Hide(seconds)), _) => self.hide(message, seconds),
            (Some(Placement::Park), Some(due)) => {
                self.parked
                    .entry(due.as_millis() - START)
                    .or_default()
                    .push((message.group, message.event));
                self.queue.delete(message);
            }
            (Some(Placement::Park), None) | (None, _) => {
                if row.status == Status::Exhausted {
                    self.hours.exhausted += 1;
                    self.rows.remove(&message.event);
                }
                self.queue.delete(message);
            }
        }
    }

    fn hide(&mut self, message: Message, seconds: i32) {
        self.schedule(self.now + i64::from(seconds) * 1_000, What::Seen(message, true));
    }

    fn hide_limit(&mut self) -> Duration {
        if self.now - self.counted.0 >= COUNTED_EVERY_MS {
            self.counted = (self.now, self.queue.in_flight() as u64);
        }
        if self.waiting.is_bounded {
            retry::hide_limit(self.counted.1, self.waiting.hide_limit)
        } else {
            self.waiting.hide_limit
        }
    }

    /// The next of a fixed row of numbers in 0..1 that look random (a linear congruential
    /// generator, Knuth's constants).
    pub fn chance(&mut self) -> f64 {
        self.chance = self
            .chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.chance >> 32).unwrap_or_default()) / f64::from(u32::MAX)
    }
}

const fn received(id: &str, message: Message, now: Timestamp) -> Received<'_> {
    Received { message_id: id, resend: None, probe: message.probe, now }
}

fn timed_out(received: &Received<'_>) -> Made {
    let attempt = Attempt {
        number: 0,
        trigger: received.trigger(),
        started_at: received.now,
        duration_ms: 0,
        outcome: Outcome::TimedOut,
        status: None,
        error_class: None,
        timeout_phase: None,
        error: None,
        response_excerpt: None,
        timing: Timing::default(),
        request_headers: None,
        response_headers: None,
    };
    Made { attempt, retry_after: None, ending: None }
}
