//! The scheduler of the simulation: each minute, what is due, the probes, and releases for as long
//! as a tick has time.

use std::time::Duration;

use shared::core::delivery::next::Next;
use shared::core::delivery::reason::Reason;
use shared::core::delivery::{Delivery, Status};
use shared::core::timestamp::Timestamp;

use super::queue::Message;
use super::world::{START, What, World};

const TICK_MS: i64 = 60_000;
/// A tick's share for releases.
const WORKS_MS: i64 = 36_000;
/// Releases of which a step is made at the same time, and what a step takes: four or so requests
/// one after another.
const AT_ONCE: usize = 8;
const STEP_MS: i64 = 60;
/// The pause between rounds.
const PAUSE_MS: i64 = 125;

impl World {
    pub(super) fn tick(&mut self) {
        self.schedule(self.now + TICK_MS, What::Tick);
        self.send_due();
        self.probe();
        self.schedule(self.now, What::Releases(self.now + WORKS_MS));
    }

    fn send_due(&mut self) {
        let later = self.parked.split_off(&(self.now + TICK_MS + 1));
        for (due, deliveries) in std::mem::replace(&mut self.parked, later) {
            for (group, event) in deliveries {
                let message = self.message(group, event, false);
                if let Some(row) = self.rows.get_mut(&event) {
                    row.next = Next::Carried { by: message.id.to_string(), at: row.next.at() };
                    self.schedule(due.max(self.now), What::Seen(message, false));
                }
            }
        }
    }

    fn probe(&mut self) {
        let by = self.time().after(Duration::from_millis(TICK_MS.unsigned_abs()));
        for group in 0..self.subscriptions.len() {
            let (now, random) = (self.time(), self.chance());
            let subscription = &mut self.subscriptions[group];
            let Some(breaker) =
                subscription.breaker.as_ref().filter(|breaker| breaker.next_probe_at <= by)
            else {
                continue;
            };
            let at = breaker.next_probe_at.max(now);
            let newest = subscription.held.last().copied();
            subscription.breaker = breaker.probed(at, &subscription.policy, random);
            if let Some(event) = newest {
                self.held_row(group, event);
                let message = self.message(group, event, true);
                self.schedule(at.as_millis() - START, What::Seen(message, false));
            }
        }
    }

    pub(super) fn releases(&mut self, until: i64) {
        let now = self.time();
        let due = |world: &Self, group: usize| {
            world.subscriptions[group]
                .release
                .as_ref()
                .is_some_and(|release| release.look_at <= now)
        };
        let groups: Vec<_> =
            (0..self.subscriptions.len()).filter(|group| due(self, *group)).collect();
        if groups.is_empty() {
            return;
        }
        for group in &groups {
            self.release(*group, now);
        }
        let takes =
            STEP_MS * i64::try_from(groups.len().div_ceil(AT_ONCE)).unwrap_or_default() + PAUSE_MS;
        if self.now + takes < until {
            self.schedule(self.now + takes, What::Releases(until));
        }
    }

    /// One step of a release, as the scheduler makes it.
    fn release(&mut self, group: usize, now: Timestamp) {
        let subscription = &self.subscriptions[group];
        let Some(mut release) = subscription.release.clone() else { return };
        if subscription.is_held(true, now) {
            self.subscriptions[group].release = None;
            return;
        }
        let most = subscription.policy.release_concurrency;
        let under_way: Vec<_> = release.under_way.iter().map(|event| number(*event)).collect();
        // What was delivered has no row here any more.
        let rows: Vec<Delivery> = under_way
            .iter()
            .map(|event| {
                self.rows.get(event).cloned().unwrap_or_else(|| Delivery {
                    status: Status::Delivered,
                    ..self.new_row(group, *event)
                })
            })
            .collect();
        release.follow(&rows, most, now);
        let wanted = release.wanted();
        if wanted > 0 {
            let from = release.after.map_or(0, |event| number(event) + 1);
            let behind = self.subscriptions[group].held.range(from..).copied();
            let chosen: Vec<u32> = behind.take(wanted).collect();
            for event in &chosen {
                self.send_held(group, *event);
            }
            let more = self.subscriptions[group].held.range(from..).next().is_some();
            let after = chosen.last().filter(|_| more).map(|event| self.event_id(*event));
            let ids: Vec<_> = chosen.iter().map(|event| self.event_id(*event)).collect();
            release.sent(ids, after, now);
        }
        self.subscriptions[group].release = (!release.is_done(now)).then_some(release);
    }

    fn send_held(&mut self, group: usize, event: u32) {
        self.subscriptions[group].held.remove(&event);
        let message = self.message(group, event, false);
        let row = self.held_row(group, event);
        (row.status, row.reason) = (Status::Pending, None);
        row.next = Next::Carried { by: message.id.to_string(), at: None };
        self.queue.send(Message { seen_at: self.now, ..message });
    }

    fn held_row(&mut self, group: usize, event: u32) -> &mut Delivery {
        let mut new = self.new_row(group, event);
        new.settle(Status::Held, Some(Reason::Failing));
        self.rows.entry(event).or_insert(new)
    }
}

/// The number of an event by its id.
fn number(event: shared::core::id::EventId) -> u32 {
    let bytes = event.to_bytes();
    u32::from_be_bytes([bytes[12], bytes[13], bytes[14], bytes[15]])
}
