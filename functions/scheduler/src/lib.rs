//! The scheduler: each tick it sends the parked deliveries that fall due before the next one, and
//! probes of receivers that fail. Send first, mark after: a crash in between repeats a send, which
//! delivery drops. What is left of the tick goes to what takes longer: releases of held deliveries,
//! erasures, and bulk resends.

mod config;
mod erase;
mod probe;
mod release;
mod resend;

use std::time::{Duration, Instant};

use aws_lambda_events::eventbridge::EventBridgeEvent;
use futures_util::{FutureExt, StreamExt, TryFutureExt, stream};
use lambda_runtime::{Error, LambdaEvent};
use shared::core::delivery::retry;
use shared::core::id::{ResendId, SubscriptionId, TenantId};
use shared::core::timestamp::Timestamp;
use shared::edges::clock;
use shared::edges::failure::Failure;
use shared::edges::queue::messages::{DeliveryTask, Unreadable};
use shared::edges::queue::{Outgoing, Queue};
use shared::edges::store::deliveries::Due;
use shared::edges::store::{ConfigStore, LogStore, SHARDS};

pub use config::Config;

/// SQS delays a message by 15 minutes at most; a tick is far shorter.
const MAX_DELAY: i32 = 900;
/// Deliveries that are sent and marked in one go.
const CHUNK: usize = 10;
/// What one query for due deliveries answers at most.
const FULL_PAGE: usize = 1_000;

/// The share of a tick that goes to erasures and bulk resends at most, so that it ends before the
/// next one starts.
const SHARE_OF_WORK: f64 = 0.6;
/// Steps that are made at the same time.
const CONCURRENT_STEPS: usize = 8;
/// Before looking again whether what is under way was made; longer each time that it was not.
const SHORTEST_PAUSE: Duration = Duration::from_millis(125);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The function's state, made once.
#[derive(Debug)]
pub struct Scheduler {
    config: ConfigStore,
    log: LogStore,
    queue: Queue,
    tick: Duration,
    retention: Duration,
}

impl Scheduler {
    /// Opens the clients and their connections.
    pub async fn start(config: Config) -> Self {
        config.tables.aws.connect(Some(&config.deliveries_queue)).await;
        let (store, log) = config.tables.open();
        Self {
            config: store,
            log,
            queue: Queue::new(config.tables.aws.sqs(), config.deliveries_queue),
            tick: config.tick,
            retention: config.tables.retention,
        }
    }

    /// One tick. An error fails the invocation, and is seen in the function's metrics.
    pub async fn handle(&self, _tick: LambdaEvent<EventBridgeEvent>) -> Result<(), Error> {
        Ok(self.tick(clock::now()).await?)
    }

    /// What fails in it is taken up again by the next one.
    async fn tick(&self, now: Timestamp) -> Result<(), Failure> {
        let started = Instant::now();
        for shard in 0..SHARDS {
            self.send_due(shard, now).await?;
        }
        let probed = self.probe(now, started).await;
        self.work(started).await?;
        probed
    }

    /// Releases, erasures and bulk resends get on in turns, step by step, for as long as the tick
    /// has time. One that fails holds up no other.
    async fn work(&self, started: Instant) -> Result<(), Failure> {
        let (budget, mut pause) = (self.tick.mul_f64(SHARE_OF_WORK), SHORTEST_PAUSE);
        loop {
            let (mut erasures, mut resends) =
                (self.config.erasures().await?, self.config.running_resends().await?);
            let mut releases = self.config.releases().await?;
            // The others wait for their next look.
            releases.retain(|release| release.look_at <= clock::now());
            erasures.retain(|erasure| erasure.look_at <= clock::now());
            if releases.is_empty() && erasures.is_empty() && resends.is_empty() {
                return Ok(());
            }
            if !resends.is_empty() {
                // Whoever comes last gets no step where there are too many: it is another one each
                // time.
                let first = clock::random_bits() % resends.len() as u128;
                resends.rotate_left(usize::try_from(first).unwrap_or_default());
            }
            let releases = releases.into_iter().map(|release| {
                let (tenant, subscription) = (release.tenant.clone(), release.subscription);
                let failed = move |failure: &_| tell_release_failed(&tenant, subscription, failure);
                self.release(release).inspect_err(failed).boxed()
            });
            let erasures = erasures.into_iter().map(|erasure| {
                let tenant = erasure.tenant.clone();
                let failed = move |failure: &_| tell_erasure_failed(&tenant, failure);
                self.erase(erasure).inspect_err(failed).boxed()
            });
            let resends = resends.into_iter().map(|resend| {
                let (tenant, subscription, id) =
                    (resend.tenant.clone(), resend.subscription, resend.id);
                let failed =
                    move |failure: &_| tell_resend_failed(&tenant, subscription, id, failure);
                self.resend(resend).inspect_err(failed).boxed()
            });
            let in_time =
                releases.chain(erasures).chain(resends).take_while(|_| started.elapsed() < budget);
            let steps: Vec<_> =
                stream::iter(in_time).buffer_unordered(CONCURRENT_STEPS).collect().await;
            let (done, failed): (Vec<_>, Vec<_>) = steps.into_iter().partition(Result::is_ok);
            let moved = done.into_iter().any(|step| step.unwrap_or(false));
            pause = if moved { SHORTEST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
            if started.elapsed() + pause >= budget {
                // The invocation fails, so that it is seen in the function's metrics.
                return failed.into_iter().collect::<Result<Vec<_>, _>>().map(drop);
            }
            if !moved {
                tokio::time::sleep(pause).await;
            }
        }
    }

    /// Sends what falls due before the next tick, each with the delay that is left to its time.
    async fn send_due(&self, shard: u8, now: Timestamp) -> Result<(), Failure> {
        loop {
            let due = self.log.due(shard, now.after(self.tick)).await?;
            for chunk in due.chunks(CHUNK) {
                let tasks =
                    chunk.iter().map(|due| parked_task(due, now)).collect::<Result<_, _>>()?;
                let carriers = self.queue.send_all(tasks).await?;
                for (due, carrier) in chunk.iter().zip(carriers) {
                    self.log.unpark(due, &carrier).await?;
                    let Due { tenant, subscription, event, .. } = due;
                    tracing::debug!(%tenant, %subscription, %event, "a parked delivery goes on");
                }
            }
            if due.len() < FULL_PAGE {
                return Ok(());
            }
        }
    }
}

fn tell_release_failed(tenant: &TenantId, subscription: SubscriptionId, failure: &Failure) {
    tracing::error!(%tenant, %subscription, %failure, "a step of a release failed and will be tried again");
}

fn tell_erasure_failed(tenant: &TenantId, failure: &Failure) {
    tracing::error!(%tenant, %failure, "a step of an erasure failed and will be tried again");
}

fn tell_resend_failed(
    tenant: &TenantId,
    subscription: SubscriptionId,
    resend: ResendId,
    failure: &Failure,
) {
    tracing::error!(%tenant, %subscription, %resend, %failure, "a step of a bulk resend failed and will be tried again");
}

fn parked_task(due: &Due, now: Timestamp) -> Result<Outgoing, Unreadable> {
    let delay_seconds = retry::whole_seconds(now.until(due.due_at)).min(MAX_DELAY);
    DeliveryTask::of_row(due.tenant.clone(), due.subscription, due.event, None)
        .outgoing(delay_seconds)
}
