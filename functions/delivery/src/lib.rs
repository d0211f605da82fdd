//! Delivery: one attempt for each task, recorded, and then the message settled — deleted, hidden,
//! or left to the scheduler. Record first, settle after: a crash in between repeats an attempt and
//! never loses one.

mod attempt;
mod config;
mod consequences;
mod counted;
mod health;
mod in_flight;
mod operations;
mod order;
mod pacer;
mod receivers;
mod record;
mod without_attempt;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::LambdaEvent;
use shared::core::delivery::attempt::Outcome;
use shared::core::delivery::retry::{self, Placement};
use shared::core::delivery::{self as rules, Duty, Received};
use shared::core::event::event_type::EventTypeName;
use shared::core::id::EventId;
use shared::core::subscription::Status;
use shared::core::timestamp::Timestamp;
use shared::core::trace_context::TraceContext;
use shared::edges::batch::{self, Message, Settle};
use shared::edges::clock;
use shared::edges::deployment_secret::{DeploymentSecret, SecretError};
use shared::edges::failure::Failure;
use shared::edges::metrics::Metrics;
use shared::edges::queue::Queue;
use shared::edges::queue::messages::{self, DeliveryTask};
use shared::edges::receiver::Receiver;
use shared::edges::sender::Sender;
use shared::edges::store::tenants::days;
use shared::edges::store::{ConfigStore, LogStore};
use tracing::field::display;

use attempt::Matter;
pub use config::Config;
use consequences::Consequences;
use counted::Before;
use in_flight::InFlight;
use operations::Operations;
use pacer::Pacer;
use receivers::Receivers;

/// A slot this far ahead is now: clocks differ, and a wait would be a whole second.
const SOON: Duration = Duration::from_millis(100);
/// When others took slots each time, the message comes back after this.
const NEXT_TRY_SECONDS: i32 = 1;
/// How often a row is loaded anew when others write it at the same time.
const ROUNDS: usize = 5;
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
        let sealing_keys = DeploymentSecret::read(&config.aws, config.sealing_keys_secret);
        let (sealing_keys, ()) =
            tokio::join!(sealing_keys, config.aws.connect(Some(&config.deliveries_queue)));
        let (dynamodb, sqs) = (config.aws.dynamodb(), config.aws.sqs());
        let store = ConfigStore::new(dynamodb.clone(), config.config_table);
        let log = LogStore::new(dynamodb, config.log_table, config.retention);
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
                config.retention,
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

    /// load → decide → wait for a slot, or attempt
    async fn deliver(&self, task: DeliveryTask, message: &Message) -> Result<Settle, Failure> {
        let now = clock::now();
        let received =
            Received { message_id: &message.id, resend: task.resend, probe: task.probe, now };
        // A first receive of a first task has no row: reading it would cost a unit for nothing.
        let (in_place, waited) = (
            order::keeps_place(message, task.event, now),
            order::has_waited(message, task.event, now),
        );
        let first = message.receive_count == 1 && !task.repeat && task.resend.is_none() && !waited;
        let row = if first {
            None
        } else {
            self.log.delivery(task.subscription, task.event, now).await?
        };
        match row.as_ref().map(|row| (row, row.duty(&received))) {
            Some((row, Duty::Drop(why))) => {
                // Whoever settled it may have died before what follows from that was done.
                self.consequences.end_subscription(row, true).await?;
                self.consequences.tell_exhausted(row, false, true).await?;
                return Ok(dropped(&task, why));
            }
            Some((_, Duty::Hide(seconds))) => return self.hide(message, seconds).await,
            Some((_, Duty::Attempt)) | None => {}
        }
        let (row, payload, trace) = match (row, task.content.clone()) {
            (Some(row), Some(content)) => (row, Some(content.payload), task.trace.clone()),
            (Some(row), None) => match self.log.event(&task.tenant, task.event, now).await? {
                Some(event) if event.payload.is_none() => {
                    return self
                        .end(row, &received, rules::Status::Cancelled, rules::reasons::ERASED)
                        .await;
                }
                Some(event) => (row, event.payload, event.trace),
                None if self.log.has_expired(task.event, now) => (row, None, None),
                // Fan-out writes the event last; until it has, the message waits.
                None => return Err(Failure::NoEvent),
            },
            (None, Some(content)) => {
                (fresh(&task, content.event_type, now), Some(content.payload), task.trace.clone())
            }
            // Parked, released and resent tasks come without content, and are made from a row.
            (None, None) => return Ok(dropped(&task, "the delivery is no longer on record")),
        };
        let Some(receiver) = self.receivers.find(&task, first, now).await? else {
            if message.fifo && row.revision == 0 {
                // It waited for its turn, maybe until after all of its tenant was erased: nothing
                // of it is put on record.
                return Ok(dropped(&task, "the subscription was deleted"));
            }
            return self
                .end(row, &received, rules::Status::Cancelled, "the subscription was deleted")
                .await;
        };
        match (receiver.status, receiver.is_failing()) {
            _ if task.resend.is_some() => {}
            // In order there is one attempt at a time, by the schedule: each is a probe by itself.
            (Status::Active, failing) if failing == task.probe || in_place => {}
            // Nobody is to be probed any more: what is held stays so until it is released.
            _ if task.probe => return Ok(dropped(&task, "the receiver is not probed any more")),
            (Status::Active, _) => {
                return self
                    .end(row, &received, rules::Status::Held, rules::reasons::FAILING)
                    .await;
            }
            (Status::Paused, _) if in_place => {
                let wait = order::paused_for(receiver.updated_at, now);
                return self.hide(message, retry::whole_seconds(wait)).await;
            }
            (Status::Paused, _) => {
                return self.end(row, &received, rules::Status::Held, rules::reasons::PAUSED).await;
            }
            (Status::Disabled, _) => {
                return self
                    .end(row, &received, rules::Status::Cancelled, rules::reasons::DISABLED)
                    .await;
            }
        }
        if waited
            && let Some(event) = self.log.event(&task.tenant, task.event, now).await?
            && event.payload.is_none()
        {
            // It came before the payload was erased, with the payload in it.
            return self
                .end(row, &received, rules::Status::Cancelled, rules::reasons::ERASED)
                .await;
        }
        let limit = receiver.policy.rate_limit_per_minute;
        if limit > 0 && !row.has_slot(&received) {
            match self.pacer.take(task.subscription, limit).await? {
                Some(slot) if slot <= clock::now().after(SOON) => {}
                // The next one will have its slot.
                _ if task.probe => {
                    return Ok(dropped(&task, "the probe would have to wait for its slot"));
                }
                Some(slot) => return self.wait_for_slot(row, slot, &received, message).await,
                None => return self.hide(message, NEXT_TRY_SECONDS).await,
            }
        }
        let packed = match payload {
            Some(payload) => self.log.payload(task.event, payload).await?,
            None => None,
        };
        let Some(packed) = packed else {
            return self
                .end(row, &received, rules::Status::Exhausted, "the event is no longer on record")
                .await;
        };
        let matter = Matter { data: &packed.json()?, trace: trace.as_ref() };
        self.attempt(row, &receiver, matter, &received, message).await
    }

    /// Makes the attempt, records it, does what follows from it, and settles its message.
    async fn attempt(
        &self,
        row: rules::Delivery,
        receiver: &Receiver,
        matter: Matter<'_>,
        received: &Received<'_>,
        message: &Message,
    ) -> Result<Settle, Failure> {
        let made =
            match attempt::make(&self.sender, receiver, &row, received.trigger(), matter).await {
                Ok(made) => made,
                Err(unrenderable) => {
                    return self
                        .end(row, received, rules::Status::Exhausted, &unrenderable.to_string())
                        .await;
                }
            };
        let (ended, was_settled) =
            (Received { now: clock::now(), ..*received }, row.status.is_settled());
        let before = Before::from(&row);
        let hide_limit = match made.attempt.outcome {
            // Nothing is to wait for.
            Outcome::Succeeded => Duration::ZERO,
            _ => self.hide_limit(message, row.event, ended.now).await,
        };
        let (row, placement) =
            record::record(&self.log, row, &made, &receiver.policy, &ended, hide_limit).await?;
        counted::attempted(&self.metrics, before, &row, &made.attempt);
        counted::waits(&self.metrics, placement);
        self.consequences.end_subscription(&row, false).await?;
        self.consequences.tell_exhausted(&row, was_settled, false).await?;
        // A subscription that its receiver has ended is neither healthy nor failing.
        if made.ending.is_some()
            || self.consequences.judge_health(&row, &made.attempt, receiver).await?
        {
            self.receivers.forget(row.subscription);
        }
        match placement {
            Some(Placement::Hide(seconds)) => self.hide(message, seconds).await,
            Some(Placement::Park) | None => Ok(Settle::Delete),
        }
    }

    /// The longest wait for which the message stays in its queue.
    async fn hide_limit(&self, message: &Message, event: EventId, now: Timestamp) -> Duration {
        if order::keeps_place(message, event, now) {
            Duration::MAX
        } else {
            self.in_flight.hide_limit(now).await
        }
    }

    /// Hides the message until its time; if that fails it comes back at the queue's own timeout and
    /// is hidden then.
    async fn hide(&self, message: &Message, seconds: i32) -> Result<Settle, Failure> {
        match &self.ordered {
            Some(ordered) if message.fifo => {
                ordered.hide(&message.receipt_handle, order::look_after(seconds)).await?;
            }
            _ => self.queue.hide(&message.receipt_handle, seconds).await?,
        }
        Ok(Settle::Keep)
    }
}

fn fresh(task: &DeliveryTask, event_type: EventTypeName, now: Timestamp) -> rules::Delivery {
    let expires_at = task.retention_days.map(|kept| task.event.timestamp().after(days(kept)));
    let new =
        rules::Delivery::new(task.tenant.clone(), task.subscription, task.event, event_type, now);
    rules::Delivery { expires_at, ..new }
}

fn dropped(task: &DeliveryTask, why: &str) -> Settle {
    let DeliveryTask { tenant, subscription, event, trace, .. } = task;
    let trace_id = trace.as_ref().map(TraceContext::trace_id).map(display);
    tracing::debug!(%tenant, %subscription, %event, trace_id, why, "a duplicate task was dropped");
    Settle::Delete
}
