//! Schedules of minutes, hours and days, watched in the stack's own time. A [`Timeline`] lets it
//! pass from one attempt to the next, and looks shortly before each that nothing came yet.

use std::time::Duration;

use crate::{Delivery, Options, Received, Receiver, Subscription, Tenant, World, until};
use serde_json::json;

/// How long before an attempt's time the stack is looked at.
const BEFORE: Duration = Duration::from_secs(2);
/// The latest that an attempt comes after its time: a tick of the scheduler, and what a slow
/// machine takes.
const LATEST: Duration = Duration::from_secs(5);
/// The end of every schedule that is watched here.
const A_DAY: Duration = Duration::from_hours(24);

/// A stack whose time can be let pass, and that hides waits for as long as a deployment does.
#[must_use]
pub fn options() -> Options {
    Options::default().with_clock().with("HideLimitSeconds", "900")
}

/// A stack's time, with a canary: a tenant of its own, whose events show that the stack works.
#[derive(Debug)]
pub struct Timeline<'a> {
    world: &'a World,
    receiver: &'a Receiver,
    canary: Tenant,
    listener: Subscription,
}

/// The delivery that is watched.
#[derive(Debug)]
pub struct Line<'a> {
    /// Whose event it is.
    pub tenant: &'a Tenant,
    /// To whom.
    pub subscription: &'a Subscription,
    /// The receiver's endpoint.
    pub path: &'a str,
    /// The event's id.
    pub event: &'a str,
}

/// What came of it.
#[derive(Debug)]
pub struct Course {
    /// The delivery as it ended.
    pub delivery: Delivery,
    /// Its requests, as the receiver saw them.
    pub arrivals: Vec<Received>,
}

impl<'a> Timeline<'a> {
    /// The canary sings to a path of the same receiver.
    pub async fn start(world: &'a World, receiver: &'a Receiver) -> Self {
        let canary = world.tenant("canary", &["canary.sings"]).await;
        let listener = canary.subscribe(receiver, "/canary", json!({})).await;
        Self { world, receiver, canary, listener }
    }

    /// Publishes an event to another endpoint, and returns when it is delivered and nothing is
    /// being worked on.
    pub async fn works(&self) {
        let song = self.canary.publish("canary.sings", "1").await;
        self.canary.delivery(&self.listener, &song.id, "delivered").await;
        self.settled().await;
    }

    /// Waits until every message is settled, so that none is counted as lost when the time jumps.
    pub async fn settled(&self) {
        let mut before = None;
        until("nothing is being worked on", async || {
            let status = self.world.status().await;
            let functions = ["fanout", "delivery"].map(|name| status.functions[name].clone());
            let queues = ["EventsQueue", "DeliveriesQueue"].map(|name| status.queue(name));
            let idle = functions.iter().all(|function| function.busy == 0)
                && queues.iter().all(|q| q.visible == 0);
            // A message is settled a moment after its function has answered: two looks must be the
            // same.
            let look = idle.then_some((functions.map(|function| function.invocations), queues));
            let same = look.is_some() && look == before;
            before = look;
            if same { Ok(()) } else { Err(status) }
        })
        .await;
    }

    /// Waits until the scheduler has run twice: what is due by now is sent.
    pub async fn ticks(&self) {
        self.world.ticks(2).await;
    }

    /// Lets the time pass from the `made`-th attempt to the one after it.
    pub async fn next_attempt(&self, line: &Line<'_>, made: usize) {
        let what = format!("attempt {made} is on record");
        let on_record = |delivery: &Delivery| delivery.attempt_count as usize == made;
        let waiting =
            line.tenant.delivery_when(line.subscription, line.event, &what, on_record).await;
        assert_eq!(waiting.status, "pending", "{waiting:?}");
        let next = waiting.next_attempt_at.expect("another attempt follows");
        self.settled().await;
        self.world.advance_to(next.before(BEFORE)).await;
        self.works().await;
        let early = self.arrivals(line).iter().filter(|request| request.at < next).count();
        assert_eq!(early, made, "attempt {} came before {next}", made + 1);
        self.world.advance_to(next).await;
        let arrived = until(&format!("attempt {}", made + 1), async || {
            let arrived = self.arrivals(line).get(made).map(|request| request.at);
            arrived
                .ok_or_else(|| format!("none by {}, though it is due at {next}", self.world.now()))
        })
        .await;
        let late = next.until(arrived);
        assert!(late < LATEST, "attempt {} came {late:?} after {next}", made + 1);
    }

    /// Watches a delivery that fails until it is exhausted, and a day longer: nothing may come
    /// after its last attempt.
    pub async fn exhaust(&self, line: &Line<'_>, attempts: usize) -> Course {
        for made in 1..attempts {
            self.next_attempt(line, made).await;
        }
        let delivery = line.tenant.delivery(line.subscription, line.event, "exhausted").await;
        assert_eq!((delivery.attempt_count as usize, delivery.next_attempt_at), (attempts, None));
        self.nothing_for_a_day(line, attempts).await;
        Course { delivery, arrivals: self.arrivals(line) }
    }

    /// Lets a day pass in which the event must not come again.
    pub async fn nothing_for_a_day(&self, line: &Line<'_>, made: usize) {
        self.settled().await;
        self.world.advance(A_DAY).await;
        self.ticks().await;
        self.works().await;
        self.world.drained().await;
        assert_eq!(self.arrivals(line).len(), made, "something came after the last attempt");
    }

    /// The event's arrivals.
    #[must_use]
    pub fn arrivals(&self, line: &Line<'_>) -> Vec<Received> {
        let mut arrivals = self.receiver.requests(line.path);
        arrivals.retain(|request| request.id() == line.event);
        arrivals
    }
}

impl Course {
    /// The waits as the receiver saw them: from the end of each attempt until the next one was
    /// there.
    #[must_use]
    pub fn waits(&self) -> Vec<Duration> {
        let ends = self.delivery.attempts().iter().map(|made| {
            let took = Duration::from_millis(u64::from(made.duration_ms));
            made.started_at.after(took)
        });
        let arrivals = self.arrivals.iter().skip(1);
        ends.zip(arrivals).map(|(ended, next)| ended.until(next.at)).collect()
    }

    /// Fails unless each wait was as long as promised, and less than a second longer.
    #[track_caller]
    pub fn assert_waits(&self, promised: &[u64]) {
        let waits = self.waits();
        assert_eq!(waits.len(), promised.len(), "{waits:?}");
        for (wait, promised) in waits.iter().zip(promised) {
            let promised = Duration::from_secs(*promised);
            assert!(
                (promised..promised + Duration::from_secs(1)).contains(wait),
                "{waits:?} instead of {promised:?}"
            );
        }
    }

    /// From the first arrival to the last.
    #[must_use]
    pub fn span(&self) -> Duration {
        let (first, last) =
            (self.arrivals.first().expect("one"), self.arrivals.last().expect("one"));
        first.at.until(last.at)
    }
}
