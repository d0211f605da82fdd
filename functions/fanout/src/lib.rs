//! Fan-out: one delivery task for each subscription that an event matches, and only then the
//! event's row.
//!
//! A row means "fanned out": a crash before it repeats the sends and loses nothing, and a message
//! whose row exists is dropped. A tenant's many subscriptions are taken in pages; a follow-up
//! message carries the cursor.

mod config;
mod routes;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::LambdaEvent;
use shared::core::event::payload::Payload;
use shared::core::id::{EventId, SubscriptionId};
use shared::core::timestamp::Timestamp;
use shared::core::trace_context::TraceContext;
use shared::edges::batch::{self, Message, Settle};
use shared::edges::failure::Failure;
use shared::edges::queue::messages::{self, Content, DeliveryTask, EventMessage};
use shared::edges::queue::{Outgoing, Queue};
use shared::edges::store::events::{MAX_LISTED, StoredEvent};
use shared::edges::store::subscriptions::Revision;
use shared::edges::store::tenants::days;
use shared::edges::store::{ConfigStore, LogStore};
use tracing::field::display;

pub use config::Config;
use routes::{Revisions, Route, Routes};

/// What one message may take; the function's timeout is 60 seconds.
const LIMIT: Duration = Duration::from_secs(50);

/// The function's state: clients and caches, made once.
#[derive(Debug)]
pub struct Fanout {
    log: LogStore,
    events: Queue,
    deliveries: Queue,
    /// For ordered subscriptions' tasks.
    ordered: Option<Queue>,
    dead_letters: Queue,
    routes: Routes,
}

impl Fanout {
    /// Opens the clients and their connections.
    pub async fn start(config: Config) -> Self {
        config.aws.connect(Some(&config.events_queue)).await;
        let (dynamodb, sqs) = (config.aws.dynamodb(), config.aws.sqs());
        Self {
            log: LogStore::new(dynamodb.clone(), config.log_table, config.retention),
            events: Queue::new(sqs.clone(), config.events_queue),
            deliveries: Queue::new(sqs.clone(), config.deliveries_queue),
            ordered: config.ordered_queue.map(|queue| Queue::new(sqs.clone(), queue)),
            dead_letters: Queue::new(sqs, config.dead_letters),
            routes: Routes::new(ConfigStore::new(dynamodb, config.config_table)),
        }
    }

    /// Fans out every event of a batch, each by itself.
    pub async fn handle(
        self: Arc<Self>,
        batch: LambdaEvent<SqsEvent>,
    ) -> Result<SqsBatchResponse, Infallible> {
        let revisions = Arc::new(Revisions::default());
        let each = |message| {
            let (fanout, revisions) = (Arc::clone(&self), Arc::clone(&revisions));
            async move { fanout.settle(message, &revisions).await }
        };
        Ok(batch::each(batch.payload, LIMIT, each).await)
    }

    async fn settle(&self, message: Message, revisions: &Revisions) -> Settle {
        let event = match messages::read::<EventMessage>(&message.body) {
            Ok(event) => event,
            Err(unreadable) => {
                return batch::settle_unread(&self.dead_letters, &message, &unreadable).await;
            }
        };
        let (tenant, id) = (event.tenant.clone(), event.event);
        let trace_id = event.trace.as_ref().map(TraceContext::trace_id);
        match self.fan_out(event, &message, revisions).await {
            Ok(()) => Settle::Delete,
            Err(failure) => {
                let message = "an event was not fanned out and will be tried again";
                tracing::error!(%tenant, event = %id, trace_id = trace_id.map(display), %failure, message);
                Settle::Keep
            }
        }
    }

    async fn fan_out(
        &self,
        mut event: EventMessage,
        message: &Message,
        revisions: &Revisions,
    ) -> Result<(), Failure> {
        event.repeat |= message.receive_count > 1;
        if event.repeat
            && let Some(found) = self.log.fanned_out(&event.tenant, event.event).await?
        {
            if found.erased {
                self.delete_payload(&event).await?;
            }
            return Ok(());
        }
        loop {
            let page = self.routes.page(&event.tenant, event.cursor.as_deref(), revisions).await?;
            let Revision { retention_days, payloads_erased_until, erased_until, .. } =
                page.revision;
            let until = |until: Option<Timestamp>| {
                until.is_some_and(|until| event.event.timestamp() <= until)
            };
            if until(erased_until) || until(payloads_erased_until) {
                return self.erased(&event, until(erased_until), retention_days).await;
            }
            let matching: Vec<&Route> = page
                .routes
                .iter()
                .filter(|route| route.filter.matches(&event.event_type))
                .collect();
            self.send(&event, &matching, retention_days).await?;
            let first_page = event.cursor.is_none();
            event.matched += matching.len() as u64;
            let Some(cursor) = &page.next else {
                let listed = first_page && matching.len() <= MAX_LISTED;
                let listed = listed.then(|| matching.iter().map(|route| route.id).collect());
                return self.record(event, listed, retention_days).await;
            };
            event.cursor = Some(cursor.clone());
            // In order, one message sends all: another would come after the tenant's next event.
            if !message.fifo {
                let body = messages::write(&event)?;
                self.events
                    .send(Outgoing { body, group: None, once: None, delay_seconds: 0 })
                    .await?;
                return Ok(());
            }
        }
    }

    /// A task for each subscription; those of ordered ones into the queue that keeps their order.
    async fn send(
        &self,
        event: &EventMessage,
        routes: &[&Route],
        retention_days: Option<u16>,
    ) -> Result<(), Failure> {
        let (mut tasks, mut in_order) = (Vec::new(), Vec::new());
        for route in routes {
            let task = task(event, route, retention_days)?;
            if route.ordered && self.ordered.is_some() {
                in_order.push(Outgoing { once: Some(event.event.to_string()), ..task });
            } else {
                tasks.push(task);
            }
        }
        // Each is of another group: in which order they are sent is of no account.
        self.deliveries.send_all(tasks).await?;
        if let Some(ordered) = &self.ordered {
            ordered.send_all(in_order).await?;
        }
        Ok(())
    }

    /// Writes the event's row: it is fanned out, `listed` says to whom unless these are many.
    async fn record(
        &self,
        event: EventMessage,
        listed: Option<Vec<SubscriptionId>>,
        retention_days: Option<u16>,
    ) -> Result<(), Failure> {
        let row = StoredEvent {
            id: event.event,
            event_type: event.event_type,
            payload: Some(event.payload),
            parent: event.parent,
            trace: event.trace,
            matched: event.matched,
            subscriptions: listed,
            expires_at: expiry(event.event, retention_days),
        };
        self.log.put_event(&event.tenant, &row).await?;
        let trace_id = row.trace.as_ref().map(TraceContext::trace_id).map(display);
        tracing::debug!(tenant = %event.tenant, event = %row.id, trace_id, matched = row.matched, "fanned out");
        Ok(())
    }

    /// An event that was in the queue while an erasure was asked for goes to nobody, and is
    /// recorded without its payload; or not at all, where everything was erased.
    async fn erased(
        &self,
        event: &EventMessage,
        all: bool,
        retention_days: Option<u16>,
    ) -> Result<(), Failure> {
        self.delete_payload(event).await?;
        if all {
            return Ok(());
        }
        let row = StoredEvent {
            id: event.event,
            event_type: event.event_type.clone(),
            payload: None,
            parent: event.parent,
            trace: event.trace.clone(),
            matched: 0,
            subscriptions: Some(Vec::new()),
            expires_at: expiry(event.event, retention_days),
        };
        self.log.put_event(&event.tenant, &row).await?;
        Ok(())
    }

    /// A payload that lies in the log by itself was put there before the event was sent, or sent
    /// again.
    async fn delete_payload(&self, event: &EventMessage) -> Result<(), Failure> {
        if matches!(event.payload, Payload::Log { .. }) {
            self.log.delete_payload(event.event).await?;
        }
        Ok(())
    }
}

fn expiry(event: EventId, retention_days: Option<u16>) -> Option<Timestamp> {
    retention_days.map(|kept| event.timestamp().after(days(kept)))
}

fn task(
    event: &EventMessage,
    route: &Route,
    retention_days: Option<u16>,
) -> Result<Outgoing, Failure> {
    let task = DeliveryTask {
        tenant: event.tenant.clone(),
        subscription: route.id,
        version: route.version,
        event: event.event,
        retention_days,
        content: Some(Content {
            event_type: event.event_type.clone(),
            payload: event.payload.clone(),
        }),
        trace: event.trace.clone(),
        repeat: event.repeat,
        resend: None,
        probe: false,
    };
    Ok(task.outgoing(0)?)
}
