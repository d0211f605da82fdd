//! The scheduler: each tick it sends the parked deliveries that fall due before the next one, and
//! probes of receivers that fail. Send first, mark after: a crash in between repeats a send, which
//! delivery drops. What is left of the tick goes to what takes longer: releases of held deliveries,
//! erasures, and bulk resends.

mod config;
mod due;
mod erase;
mod probe;
mod receiver;
mod release;
mod resend;
mod turns;

use std::time::{Duration, Instant};

use aws_lambda_events::eventbridge::EventBridgeEvent;
use futures_util::{FutureExt, StreamExt, TryFutureExt, stream};
use lambda_runtime::{Error, LambdaEvent};
use shared::core::id::{ResendId, SubscriptionId, TenantId};
use shared::core::timestamp::Timestamp;
use shared::edges::clock;
use shared::edges::failure::Failure;
use shared::edges::queue::Queue;
use shared::edges::store::{ConfigStore, LogStore, SHARDS};

pub use config::Config;
use turns::{Next, Part, Round, Turns, Work};

/// Deliveries that are sent and marked in one go.
const CHUNK: usize = 10;
/// Steps that are made at the same time.
const CONCURRENT_STEPS: usize = 8;

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
        let mut turns = Turns::new(self.tick);
        loop {
            let work = self.load_work().await?.due(clock::now(), clock::random_bits());
            if work.is_empty() {
                return Ok(());
            }
            let steps = self.make_steps(work, started).await;
            let moved = steps.iter().any(|step| matches!(step, Ok(Round::Moved)));
            let round = if moved { Round::Moved } else { Round::Stood };
            match turns.after(round, started.elapsed()) {
                Next::GoOn => {}
                Next::Wait(pause) => tokio::time::sleep(pause).await,
                // A failed step fails the invocation, so that it is seen in the function's metrics.
                Next::Stop => return steps.into_iter().collect::<Result<Vec<_>, _>>().map(drop),
            }
        }
    }

    async fn load_work(&self) -> Result<Work, Failure> {
        Ok(Work {
            erasures: self.config.erasures().await?,
            resends: self.config.running_resends().await?,
            releases: self.config.releases().await?,
        })
    }

    /// A step of each piece of work, as far as there is time to begin it.
    async fn make_steps(&self, work: Work, started: Instant) -> Vec<Result<Round, Failure>> {
        let releases = work.releases.into_iter().map(|release| {
            let (tenant, subscription) = (release.tenant.clone(), release.subscription);
            let failed = move |failure: &_| tell_release_failed(&tenant, subscription, failure);
            self.release(release).inspect_err(failed).boxed()
        });
        let erasures = work.erasures.into_iter().map(|erasure| {
            let tenant = erasure.tenant.clone();
            let failed = move |failure: &_| tell_erasure_failed(&tenant, failure);
            self.erase(erasure).inspect_err(failed).boxed()
        });
        let resends = work.resends.into_iter().map(|resend| {
            let (tenant, subscription, id) =
                (resend.tenant.clone(), resend.subscription, resend.id);
            let failed = move |failure: &_| tell_resend_failed(&tenant, subscription, id, failure);
            self.resend(resend).inspect_err(failed).boxed()
        });
        let has_time = || turns::has_time(Part::Work, self.tick, started.elapsed());
        let in_time = releases.chain(erasures).chain(resends).take_while(|_| has_time());
        stream::iter(in_time).buffer_unordered(CONCURRENT_STEPS).collect().await
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
