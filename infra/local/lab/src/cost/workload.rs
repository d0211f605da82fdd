//! The workloads, and the counting around them.

use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use tokio::time::{self, Instant};

use super::CostError;
use super::counts::{Counted, Traffic, Workload};
use super::tables::SINGLE;
use crate::asked::Status;
use crate::bench::cpu::Cpu;
use crate::client::ClientError;
use crate::units::UnitsError;
use crate::units::meter::Meter;
use crate::units::scene::Scene;
use aws::Stack;

/// Between two requests of quiet traffic.
const QUIET: Duration = Duration::from_mins(1);
/// Requests at the same time in busy traffic.
const CONNECTIONS: usize = 16;
/// Events of a batch, and subscriptions of a fan-out.
const BATCH: u32 = 10;
const FAN_OUT: u32 = 100;
/// One of so many deliveries fails, so many times before it succeeds.
const FAILING_OF: u32 = 50;
const FAILED_ATTEMPTS: u32 = 3;
/// More than the default profile waits after the first and the second attempt (5 s, 5 min), which
/// it does in the queue, and after the third (30 min), for which it is parked. Jitter included.
const HIDDEN: [Duration; 2] = [Duration::from_secs(10), Duration::from_mins(6)];
const PARKED: Duration = Duration::from_mins(40);
/// Runs of the scheduler that are measured.
const TICKS: u32 = 50;
/// How long anything may take by the machine's clock, and how often a wait looks.
const LIMIT: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_millis(10);
const LOG: &str = "LogTable";

/// What is counted.
#[derive(Debug)]
pub(super) struct Counting<'a> {
    meter: &'a Meter<'a>,
    tick: Counted,
}

/// How everything stood.
struct Snapshot {
    status: Status,
    cpu: Cpu,
    received: u64,
    stored: u64,
}

impl<'a> Counting<'a> {
    /// Counts what the scheduler does as long as there is nothing to do.
    pub(super) async fn new(meter: &'a Meter<'a>) -> Result<Self, CostError> {
        let mut counting = Self { meter, tick: Counted::default() };
        let ticks = async || {
            for _ in 0..TICKS {
                meter.stack.tick().await;
            }
            Ok(())
        };
        counting.tick = counting.count(TICKS, ticks).await?;
        Ok(counting)
    }

    /// One run of the scheduler.
    pub(super) fn tick(&self) -> &Counted {
        &self.tick
    }

    /// All workloads.
    pub(super) async fn workloads(&self) -> Result<Vec<Workload>, CostError> {
        self.warm_up().await?;
        Ok(vec![
            self.single(Traffic::Quiet, 60).await?,
            self.single(Traffic::Busy, 1_500).await?,
            self.batches(Traffic::Quiet, 20).await?,
            self.batches(Traffic::Busy, 150).await?,
            self.fan_out(Traffic::Quiet, 10).await?,
            self.fan_out(Traffic::Busy, 30).await?,
            self.failing(Traffic::Quiet, 1).await?,
            self.failing(Traffic::Busy, 20).await?,
        ])
    }

    /// Until every function has its processes.
    async fn warm_up(&self) -> Result<(), CostError> {
        let scene = Scene::new(self.meter, json!({})).await?;
        publish(&scene, Traffic::Busy, 300, 1).await?;
        self.meter.rest().await?;
        Ok(())
    }

    async fn single(&self, traffic: Traffic, events: u32) -> Result<Workload, CostError> {
        let scene = Scene::new(self.meter, json!({})).await?;
        self.workload(SINGLE, traffic, events, async || publish(&scene, traffic, events, 1).await)
            .await
    }

    async fn batches(&self, traffic: Traffic, batches: u32) -> Result<Workload, CostError> {
        let scene = Scene::new(self.meter, json!({})).await?;
        let work = async || publish(&scene, traffic, batches, BATCH).await;
        self.workload("batches of 10", traffic, batches * BATCH, work).await
    }

    async fn fan_out(&self, traffic: Traffic, events: u32) -> Result<Workload, CostError> {
        let scene = Scene::new(self.meter, json!({})).await?;
        for _ in 1..FAN_OUT {
            scene.subscribe(json!({})).await?;
        }
        let work = async || publish(&scene, traffic, events, 1).await;
        self.workload("one event to 100", traffic, events * FAN_OUT, work).await
    }

    /// Each of the failing deliveries has a subscription of its own.
    async fn failing(&self, traffic: Traffic, failing: u32) -> Result<Workload, CostError> {
        let good = Scene::new(self.meter, json!({})).await?;
        let mut bad = Vec::new();
        for _ in 0..failing {
            let scene = Scene::new(self.meter, json!({})).await?;
            scene.refuse_first(FAILED_ATTEMPTS);
            bad.push(scene);
        }
        let work = async || {
            publish(&good, traffic, failing * (FAILING_OF - 1), 1).await?;
            self.meter.rest().await?;
            let received = self.meter.receiver.totals().requests;
            for scene in &bad {
                scene.publish(json!({})).await?;
            }
            self.let_retries_pass(failing, received).await
        };
        self.workload("2 % failing", traffic, failing * FAILING_OF, work).await
    }

    /// Lets the time pass that failing deliveries wait for, hidden and then parked, until they have
    /// succeeded. `received` is what the receiver had before.
    async fn let_retries_pass(&self, failing: u32, received: u64) -> Result<(), CostError> {
        for (attempts, wait) in (1..).zip(HIDDEN) {
            self.until_hidden(failing, received + u64::from(attempts * failing)).await?;
            self.run_ahead_by(wait).await?;
        }
        // Parked, they are in no queue.
        self.meter.pass(PARKED).await?;
        self.meter.stack.tick().await;
        self.meter.rest().await?;
        Ok(())
    }

    /// Waits until the receiver has had so many requests, and so many messages are hidden that no
    /// invocation works on.
    async fn until_hidden(&self, messages: u32, requests: u64) -> Result<(), CostError> {
        let limit = Instant::now() + LIMIT;
        loop {
            let received = self.meter.receiver.totals().requests;
            let status = status(self.meter.stack).await?;
            if received >= requests && status.waits_for_retries(u64::from(messages)) {
                return Ok(());
            }
            if Instant::now() > limit {
                return Err(UnitsError::Restless(format!(
                    "{messages} retries: {:?}",
                    status.queues
                ))
                .into());
            }
            time::sleep(LOOK).await;
        }
    }

    async fn run_ahead_by(&self, time: Duration) -> Result<(), CostError> {
        let ahead = self.meter.stack.status().await["ahead_ms"].as_u64().unwrap_or_default();
        self.meter
            .stack
            .run_ahead_by(Duration::from_millis(ahead) + time)
            .map_err(UnitsError::from)?;
        Ok(())
    }

    async fn workload(
        &self,
        name: &str,
        traffic: Traffic,
        deliveries: u32,
        work: impl AsyncFnOnce() -> Result<(), CostError>,
    ) -> Result<Workload, CostError> {
        let counted = self.count(deliveries, work).await?;
        eprintln!("  counted: {name}, {traffic:?}, {deliveries} deliveries");
        Ok(Workload { name: name.to_owned(), traffic, deliveries, counted })
    }

    /// What one of `parts` was billed for, without the ticks that fell in between.
    async fn count(
        &self,
        parts: u32,
        work: impl AsyncFnOnce() -> Result<(), CostError>,
    ) -> Result<Counted, CostError> {
        let before = self.snapshot().await?;
        work().await?;
        let after = self.snapshot().await?;
        let asked = after.status.since(&before.status);
        let cpu = after.cpu.since(&before.cpu);
        let received = after.received - before.received;
        let counted =
            Counted::of(&asked, &cpu, received, after.stored.saturating_sub(before.stored));
        let ticks =
            counted.functions.get("scheduler").map_or(0.0, |scheduler| scheduler.invocations);
        Ok(counted.without(&self.tick.times(ticks)).per(parts))
    }

    /// Once nothing is in any queue.
    async fn snapshot(&self) -> Result<Snapshot, CostError> {
        let status = self.meter.rest().await?;
        let mut cpu = Cpu::default();
        for (name, function) in &status.functions {
            for pid in &function.pids {
                cpu.add_process(name, *pid)?;
            }
        }
        let stored = self.meter.stack.dynamodb().stored(LOG).map_err(UnitsError::from)?;
        Ok(Snapshot { status, cpu, received: self.meter.receiver.totals().bytes, stored })
    }
}

/// Publishes so many requests of `batch` events each.
async fn publish(
    scene: &Scene<'_>,
    traffic: Traffic,
    requests: u32,
    batch: u32,
) -> Result<(), CostError> {
    let one = async || -> Result<(), ClientError> {
        if batch == 1 {
            return scene.publish(json!({})).await.map(drop);
        }
        scene.publish_batch(batch as usize).await.map(drop)
    };
    if traffic == Traffic::Quiet {
        for _ in 0..requests {
            scene.meter().pass(QUIET).await?;
            one().await?;
        }
        return Ok(());
    }
    let requests = stream::iter(0..requests).map(|_| one()).buffer_unordered(CONNECTIONS);
    requests.try_collect::<Vec<()>>().await?;
    Ok(())
}

async fn status(stack: &Stack) -> Result<Status, CostError> {
    let status = serde_json::from_value(stack.status().await);
    status.map_err(|error| UnitsError::Restless(error.to_string()).into())
}
