//! The meter: what the stand-ins counted while something was done.

use std::time::Duration;

use http::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::time::{self, Instant};

use super::UnitsError;
use super::cost::Cost;
use crate::asked::Status;
use crate::client::{ApiClient, ClientError};
use crate::receiver::Receiver;
use aws::Stack;

/// How often an operation is done to fill caches, and how often it is measured then.
pub(crate) const WARM_UP: usize = 2;
pub(crate) const TIMES: usize = 20;
/// How long anything may take by the machine's clock, and how often a wait looks.
const LIMIT: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_millis(10);

/// A stack that is measured.
#[derive(Debug)]
pub(crate) struct Meter<'a> {
    pub(crate) stack: &'a Stack,
    pub(crate) api: ApiClient,
    pub(crate) receiver: &'a Receiver,
    /// What the scheduled functions cost when there is nothing to do for them.
    pub(crate) idle_tick: Cost,
}

/// Something that goes on in the background, as the API shows it.
#[derive(Deserialize)]
struct Job {
    status: String,
}

impl<'a> Meter<'a> {
    /// A meter of a stack that nobody else uses; measures what its ticks cost as long as there is
    /// nothing to do.
    pub(crate) async fn new(stack: &'a Stack, receiver: &'a Receiver) -> Result<Self, UnitsError> {
        let mut meter = Self {
            stack,
            api: ApiClient::new(stack.addresses()),
            receiver,
            idle_tick: Cost::default(),
        };
        meter.idle_tick = meter
            .each(TIMES, async |_| {
                stack.tick().await;
                Ok(())
            })
            .await?;
        Ok(meter)
    }

    /// The median cost of an operation and all that follows from it, done `times` times, one after
    /// the other. It is told how often it was done before: [`WARM_UP`] times unmeasured.
    pub(crate) async fn each(
        &self,
        times: usize,
        operation: impl AsyncFn(usize) -> Result<(), ClientError>,
    ) -> Result<Cost, UnitsError> {
        let mut costs = Vec::new();
        let mut before = self.rest().await?;
        for number in 0..WARM_UP + times {
            operation(number).await?;
            let after = self.rest().await?;
            if number >= WARM_UP {
                costs.push(Cost::of(&after.since(&before)));
            }
            before = after;
        }
        Ok(Cost::median(&costs))
    }

    /// What was asked since `before`, but for the ticks that fell in between.
    pub(crate) async fn since(&self, before: &Status) -> Result<Cost, UnitsError> {
        let asked = self.rest().await?.since(before);
        let ticks = asked.lambda.get("scheduler").map_or(0, |asked| asked.invocations);
        Ok(Cost::of(&asked).without(self.idle_tick.times(ticks)))
    }

    /// Waits until nothing is in any queue.
    pub(crate) async fn rest(&self) -> Result<Status, UnitsError> {
        let limit = Instant::now() + LIMIT;
        loop {
            let status = self.stack.status().await;
            let read: Result<Status, _> = serde_json::from_value(status.clone());
            match read {
                Ok(read) if read.is_at_rest() => return Ok(read),
                _ if Instant::now() > limit => {
                    return Err(UnitsError::Restless(status["queues"].to_string()));
                }
                _ => time::sleep(LOOK).await,
            }
        }
    }

    /// Lets time pass at once.
    pub(crate) async fn pass(&self, time: Duration) -> Result<(), UnitsError> {
        self.rest().await?;
        let ahead = self.stack.status().await["ahead_ms"].as_u64().unwrap_or_default();
        Ok(self.stack.run_ahead_by(Duration::from_millis(ahead) + time)?)
    }

    /// What a path of the API says, unread.
    pub(crate) async fn get(&self, path: &str) -> Result<(), ClientError> {
        let _: IgnoredAny = self.api.call(Method::GET, path, "").await?;
        Ok(())
    }

    /// What it cost to bring what `path` shows to its end since `before`, without these looks at it
    /// and without ticks for which there is nothing to do. `pass` is let pass between two looks.
    pub(crate) async fn until_done(
        &self,
        before: &Status,
        path: &str,
        pass: Duration,
    ) -> Result<Cost, UnitsError> {
        let (limit, mut looks) = (Instant::now() + LIMIT, 0);
        loop {
            self.rest().await?;
            let job: Job = self.api.call(Method::GET, path, "").await?;
            looks += 1;
            if job.status == "done" {
                break;
            }
            if Instant::now() > limit {
                return Err(UnitsError::Restless(format!("{path} is {}", job.status)));
            }
            self.pass(pass).await?;
            self.stack.tick().await;
            time::sleep(LOOK).await;
        }
        let cost = self.since(before).await?;
        let look = self.each(TIMES, async |_| self.get(path).await).await?;
        Ok(cost.without(look.times(looks)))
    }
}
