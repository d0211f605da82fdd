//! Fan-out: one delivery task for each subscription that an event matches, and only then the
//! event's row.
//!
//! A row means "fanned out": a crash before it repeats the sends and loses nothing, and a message
//! whose row exists is dropped. A tenant's many subscriptions are taken in pages; a follow-up
//! message carries the cursor.

mod config;
mod decide;
mod routes;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::LambdaEvent;
use shared::core::event::Event;
use shared::core::id::{EventId, SubscriptionId};
use shared::core::tenant::days;
use shared::core::timestamp::Timestamp;
use shared::core::trace_context::TraceContext;
use shared::edges::batch::{self, Message, Settle};
use shared::edges::failure::Failure;
use shared::edges::queue::messages::{self, Content, DeliveryTask, EventMessage};
use shared::edges::queue::{Outgoing, Queue};
use shared::edges::store::LogStore;
use tracing::field::display;

pub use config::Config;
use decide::{Facts, Leftover, Progress, Queues, Remains, Row, Source, Step, Then};
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
        config.tables.aws.connect(Some(&config.events_queue)).await;
        let ((store, log), sqs) = (config.tables.open(), config.tables.aws.sqs());
        Self {
            log,
            events: Queue::new(sqs.clone(), config.events_queue),
            deliveries: Queue::new(sqs.clone(), config.deliveries_queue),
            ordered: config.ordered_queue.map(|queue| Queue::new(sqs.clone(), queue)),
            dead_letters: Queue::new(sqs, config.dead_letters),
            routes: Routes::new(store),
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

    /// Loads the facts that the decision asks for and does what it says, until the event is done
    /// or left to a next message.
    async fn fan_out(
        &self,
        mut event: EventMessage,
        message: &Message,
        revisions: &Revisions,
    ) -> Result<(), Failure> {
        event.repeat |= message.receive_count > 1;
        let source = if message.fifo { Source::InOrder } else { Source::Plain };
        let (mut row, mut page) = (Row::Unread, None);
        loop {
            match decide::next(&event, Facts { source, row, page: page.as_deref() }) {
                Step::ReadRow => row = self.row(&event).await?,
                Step::ReadPage => {
                    let cursor = event.cursor.as_deref();
                    page = Some(self.routes.page(&event.tenant, cursor, revisions).await?);
                }
                Step::Drop(leftover) => return self.clear(&event, leftover).await,
                Step::Erase(leftover, remains) => {
                    return self.erase(&event, leftover, remains).await;
                }
                Step::Send { to, retention_days, then } => {
                    self.send(&event, &to, retention_days).await?;
                    match then {
                        Then::GoOnHere(progress) => {
                            (event, page) = (resumed(event, progress), None);
                        }
                        Then::GoOnInNext(progress) => {
                            return self.go_on(&resumed(event, progress)).await;
                        }
                        Then::Record { matched, listed } => {
                            return self.record(event, matched, listed, retention_days).await;
                        }
                    }
                }
            }
        }
    }

    async fn row(&self, event: &EventMessage) -> Result<Row, Failure> {
        let found = self.log.fanned_out(&event.tenant, event.event).await?;
        Ok(found.map_or(Row::Absent, |row| Row::Present { erased: row.erased }))
    }

    /// A task for each subscription; those of ordered ones into the queue that keeps their order.
    async fn send(
        &self,
        event: &EventMessage,
        to: &[&Route],
        retention_days: Option<u16>,
    ) -> Result<(), Failure> {
        let queues = if self.ordered.is_some() { Queues::PlainAndOrdered } else { Queues::Plain };
        let lanes = decide::lanes(to, queues);
        let tasks = |routes: &[&Route]| {
            routes
                .iter()
                .map(|route| task(event, route, retention_days))
                .collect::<Result<Vec<_>, _>>()
        };
        // Each is of another group: in which order they are sent is of no account.
        self.deliveries.send_all(tasks(&lanes.plain)?).await?;
        if let Some(ordered) = &self.ordered {
            let once = |task| Outgoing { once: Some(event.event.to_string()), ..task };
            let tasks = tasks(&lanes.ordered)?.into_iter().map(once).collect();
            ordered.send_all(tasks).await?;
        }
        Ok(())
    }

    /// Leaves the next page to a message of its own.
    async fn go_on(&self, event: &EventMessage) -> Result<(), Failure> {
        let body = messages::write(event)?;
        self.events.send(Outgoing { body, group: None, once: None, delay_seconds: 0 }).await?;
        Ok(())
    }

    /// Writes the event's row: it is fanned out, to `matched` subscriptions.
    async fn record(
        &self,
        event: EventMessage,
        matched: u64,
        listed: Option<Vec<SubscriptionId>>,
        retention_days: Option<u16>,
    ) -> Result<(), Failure> {
        let row = Event {
            id: event.event,
            event_type: event.event_type,
            payload: Some(event.payload),
            parent: event.parent,
            trace: event.trace,
            matched,
            subscriptions: listed,
            expires_at: expiry(event.event, retention_days),
        };
        self.log.put_event(&event.tenant, &row).await?;
        let trace_id = row.trace.as_ref().map(TraceContext::trace_id).map(display);
        tracing::debug!(tenant = %event.tenant, event = %row.id, trace_id, matched, "fanned out");
        Ok(())
    }

    /// Ends an event that was in the queue while an erasure was asked for: it goes to nobody.
    async fn erase(
        &self,
        event: &EventMessage,
        leftover: Leftover,
        remains: Remains,
    ) -> Result<(), Failure> {
        self.clear(event, leftover).await?;
        let Remains::WithoutPayload(retention_days) = remains else { return Ok(()) };
        let row = Event {
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

    async fn clear(&self, event: &EventMessage, leftover: Leftover) -> Result<(), Failure> {
        match leftover {
            Leftover::Delete => self.log.delete_payload(event.event).await?,
            Leftover::Keep => {}
        }
        Ok(())
    }
}

fn resumed(event: EventMessage, progress: Progress) -> EventMessage {
    EventMessage { cursor: Some(progress.cursor), matched: progress.matched, ..event }
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
