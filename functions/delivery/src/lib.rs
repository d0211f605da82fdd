//! Delivery: one attempt for each task, recorded, and then the message settled — deleted, hidden,
//! or left to the scheduler. Record first, settle after: a crash in between repeats an attempt and
//! never loses one.

mod attempt;
mod case;
mod config;
mod consequences;
mod counted;
mod health;
mod in_flight;
mod operations;
mod pacer;
mod receivers;
mod record;
mod without_attempt;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::LambdaEvent;
use shared::core::delivery::attempt::{Made, Outcome};
use shared::core::delivery::reason::Reason;
use shared::core::delivery::retry::Placement;
use shared::core::delivery::step::{Step, step};
use shared::core::delivery::{Received, Schedule, Status};
use shared::core::id::EventId;
use shared::core::timestamp::Timestamp;
use shared::core::trace_context::TraceContext;
use shared::edges::batch::{self, Message, Settle};
use shared::edges::clock;
use shared::edges::deployment_secret::{DeploymentSecret, SecretError};
use shared::edges::failure::Failure;
use shared::edges::metrics::Metrics;
use shared::edges::queue::Queue;
use shared::edges::queue::messages::{self, DeliveryTask};
use shared::edges::sender::Sender;
use shared::edges::store::LogStore;

use attempt::Matter;
use case::{Case, Ready};
pub use config::Config;
use consequences::Consequences;
use counted::Before;
use in_flight::InFlight;
use operations::Operations;
use pacer::Pacer;
use receivers::Receivers;

/// The function's time where it is not told.
const WITHOUT_DEADLINE: Duration = Duration::from_secs(45);
/// Kept of the function's time to answer with what was done.
const RESERVE: Duration = Duration::from_secs(1);

/// The function's state: clients and caches, made once.
#[derive(Debug)]
pub struct Delivery {
    log: LogStore,
    queue: Queue,
    /// That of ordered subscriptions.
    ordered: Option<Queue>,
    dead_letters: Queue,
    receivers: Receivers,
    pacer: Pacer,
    consequences: Consequences,
    sender: Sender,
    in_flight: InFlight,
    metrics: Arc<Metrics>,
}

impl Delivery {
    /// Opens the clients and their connections, and reads the sealing keys.
    pub async fn start(config: Config) -> Result<Self, SecretError> {
        let sealing_keys = DeploymentSecret::read(&config.tables.aws, config.sealing_keys_secret);
        let (sealing_keys, ()) =
            tokio::join!(sealing_keys, config.tables.aws.connect(Some(&config.deliveries_queue)));
        let ((store, log), sqs) = (config.tables.open(), config.tables.aws.sqs());
        let operations = Operations::new(Queue::new(sqs.clone(), config.events_queue));
        let metrics = Arc::new(Metrics::new(config.deployment));
        let queue = Queue::new(sqs.clone(), config.deliveries_queue);
        Ok(Self {
            in_flight: InFlight::new(queue.clone(), config.hide_limit),
            queue,
            ordered: config.ordered_queue.map(|queue| Queue::new(sqs.clone(), queue)),
            dead_letters: Queue::new(sqs, config.dead_letters),
            receivers: Receivers::new(store.clone(), sealing_keys?),
            pacer: Pacer::new(log.clone()),
            consequences: Consequences::new(
                store,
                operations,
                config.tables.retention,
                Arc::clone(&metrics),
            ),
            log,
            sender: Sender::new(config.egress),
            metrics,
        })
    }

    /// Works on every task of a batch concurrently, each by itself.
    pub async fn handle(
        self: Arc<Self>,
        batch: LambdaEvent<SqsEvent>,
    ) -> Result<SqsBatchResponse, Infallible> {
        let deadline =
            Timestamp::from_millis(i64::try_from(batch.context.deadline).unwrap_or(i64::MAX));
        // A deadline that has passed at the start is none: some emulators count from zero.
        let left = Some(clock::now().until(deadline))
            .filter(|left| !left.is_zero())
            .unwrap_or(WITHOUT_DEADLINE);
        let each = |message| {
            let delivery = Arc::clone(&self);
            async move { delivery.settle(message).await }
        };
        let response =
            batch::fairly(batch.payload, left.saturating_sub(RESERVE), &self.queue, each).await;
        self.metrics.write(clock::now());
        Ok(response)
    }

    async fn settle(&self, message: Message) -> Settle {
        let task = match messages::read::<DeliveryTask>(&message.body) {
            Ok(task) => task,
            Err(unreadable) => {
                return batch::settle_unread(&self.dead_letters, &message, &unreadable).await;
            }
        };
        let (tenant, subscription, event) = (task.tenant.clone(), task.subscription, task.event);
        let trace_id = task.trace.as_ref().map(TraceContext::trace_id);
        match self.deliver(task, &message).await {
            Ok(settle) => settle,
            Err(failure) => {
                let message = "a delivery failed on our side and will be tried again";
                tracing::error!(%tenant, %subscription, %event, trace_id = trace_id.map(display), %failure, message);
                Settle::Keep
            }
        }
    }

    /// Loads what [`step`] asks for, and does what it decides.
    async fn deliver(&self, task: DeliveryTask, message: &Message) -> Result<Settle, Failure> {
        let mut case = Case::new(task, message, clock::now());
        let received = case.received();
        loop {
            match step(&case.facts) {
                Step::Load(what) => self.load(what, &mut case).await?,
                Step::TakeSlot => self.take_slot(&mut case).await?,
                Step::Attempt => return self.attempt(case).await,
                Step::Hide { seconds, slot: None } => return self.hide(message, seconds).await,
                Step::Hide { seconds, slot: Some(slot) } => {
                    return self.wait_for_slot(case, slot, Placement::Hide(seconds)).await;
                }
                Step::Park { slot } => {
                    return self.wait_for_slot(case, slot, Placement::Park).await;
                }
                Step::Hold(reason) => {
                    return self.end(case.into_row(), &received, Status::Held, reason).await;
                }
                Step::Cancel(reason) => {
                    return self.end(case.into_row(), &received, Status::Cancelled, reason).await;
                }
                Step::Exhaust(reason) => {
                    return self.end(case.into_row(), &received, Status::Exhausted, reason).await;
                }
                Step::Drop(why) => return self.leave(&case, why).await,
                Step::AwaitEvent => return Err(Failure::NoEvent),
            }
        }
    }

    /// Makes the attempt, records it, does what follows from it, and settles its message.
    async fn attempt(&self, case: Case<'_>) -> Result<Settle, Failure> {
        let (received, message) = (case.received(), case.message);
        let Ready { row, receiver, data, trace } = case.ready();
        let matter = Matter { data: &data.json()?, trace: trace.as_ref() };
        let sent = attempt::make(&self.sender, &receiver, &row, received.trigger(), matter).await;
        let made = match sent {
            Ok(made) => made,
            Err(unrenderable) => {
                let reason = Reason::Unrenderable(unrenderable);
                return self.end(row, &received, Status::Exhausted, reason).await;
            }
        };
        let (ended, before) = (Received { now: clock::now(), ..received }, Before::from(&row));
        let schedule = Schedule {
            policy: &receiver.policy,
            hide_limit: self.hide_limit(message, row.event, &made, ended.now).await,
            random: clock::random_share(),
        };
        let (row, placement) = record::record(&self.log, row, &made, &ended, schedule).await?;
        counted::attempted(&self.metrics, before, &row, &made.attempt);
        counted::waits(&self.metrics, placement);
        self.consequences.end_subscription(&row, false).await?;
        self.consequences.tell_exhausted(&row, before.was_settled(), false).await?;
        // A subscription that its receiver has ended is neither healthy nor failing.
        if made.ending.is_some()
            || self.consequences.judge_health(&row, &made.attempt, &receiver).await?
        {
            self.receivers.forget(row.subscription);
        }
        self.settle_by(message, placement).await
    }

    /// The longest wait for which the message stays in its queue after the attempt.
    async fn hide_limit(
        &self,
        message: &Message,
        event: EventId,
        made: &Made,
        now: Timestamp,
    ) -> Duration {
        match made.attempt.outcome {
            // Nothing is to wait for.
            Outcome::Succeeded => Duration::ZERO,
            _ if case::line(message).keeps_place(event, now) => Duration::MAX,
            _ => self.in_flight.hide_limit(now).await,
        }
    }

    /// Hides the message for as long as it waits, or deletes it.
    async fn settle_by(
        &self,
        message: &Message,
        placement: Option<Placement>,
    ) -> Result<Settle, Failure> {
        match placement {
            Some(Placement::Hide(seconds)) => self.hide(message, seconds).await,
            Some(Placement::Park) | None => Ok(Settle::Delete),
        }
    }

    /// Hides the message until its time; if that fails it comes back at the queue's own timeout and
    /// is hidden then.
    async fn hide(&self, message: &Message, seconds: i32) -> Result<Settle, Failure> {
        let queue = match &self.ordered {
            Some(ordered) if message.fifo => ordered,
            _ => &self.queue,
        };
        queue.hide(&message.receipt_handle, case::line(message).hidden_for(seconds)).await?;
        Ok(Settle::Keep)
    }
}
