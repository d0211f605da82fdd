//! Intake: `POST /v1/tenants/{tenant}/events` makes an event durable, and nothing more.
//!
//! authenticate → validate → see that the tenant is within its limit → claim the idempotency key,
//! if there is one → one send to the events queue → 202.

mod accept;
mod catalogue;
mod config;
mod described;
mod identity;
mod judge;
mod limits;
mod plan;
mod request;

use std::convert::Infallible;

use lambda_http::http::{Response, StatusCode};
use lambda_http::{Body, http::HeaderValue};
use shared::edges::api::auth::Authority;
use shared::edges::api::routes::intake::Operation;
use shared::edges::api::{ApiError, Request, response};
use shared::edges::clock;
use shared::edges::deployment_secret::{DeploymentSecret, SecretError};
use shared::edges::queue::Queue;
use shared::edges::store::LogStore;

use accept::Accepted;
use catalogue::Catalogue;
pub use config::Config;
pub use described::describe;
use limits::Limits;

/// The function's state: clients and caches, made once.
#[derive(Debug)]
pub struct Intake {
    authority: Authority,
    catalogue: Catalogue,
    limits: Limits,
    log: LogStore,
    events: Queue,
    /// For ordered tenants' events.
    ordered: Option<Queue>,
}

impl Intake {
    /// Opens the clients and their connections, and reads the admin key.
    pub async fn start(config: Config) -> Result<Self, SecretError> {
        let aws = &config.tables.aws;
        let admin = DeploymentSecret::read(aws, config.admin_key_secret);
        let (admin, ()) = tokio::join!(admin, aws.connect(Some(&config.events_queue)));
        let (store, log) = config.tables.open();
        Ok(Self {
            authority: Authority::new(admin?, store.clone()),
            catalogue: Catalogue::new(store),
            limits: Limits::new(log.clone(), config.events_per_minute),
            log,
            events: Queue::new(aws.sqs(), config.events_queue),
            ordered: config.ordered_queue.map(|queue| Queue::new(aws.sqs(), queue)),
        })
    }

    /// Answers one request.
    pub async fn handle(
        &self,
        request: lambda_http::Request,
    ) -> Result<Response<Body>, Infallible> {
        Ok(self.publish(&Request::new(request)).await.unwrap_or_else(|error| error.response()))
    }

    async fn publish(&self, request: &Request) -> Result<Response<Body>, ApiError> {
        let found = self.authority.admit(request).await?;
        let Operation::PublishEvents = found.operation;
        let tenant = self.authority.tenant(found.get("tenant")).await?;
        if tenant.id.is_operations() {
            return Err(ApiError::invalid(
                "tenant",
                "only Postrider itself publishes to this tenant",
            ));
        }
        // Before anything is read of it: a flood is refused at no cost.
        self.limits.check(&tenant, clock::now())?;
        let mut published = request::read(request)?;
        let now = clock::now();
        let entries = self.catalogue.entries(&published, now).await?;
        judge::request(&mut published, &entries)?;
        self.limits.admit(&tenant, published.count(), now).await?;
        let queue = self.ordered.as_ref().filter(|_| tenant.ordered).unwrap_or(&self.events);
        let accepted = accept::accept(&self.log, queue, &tenant, &mut published, now).await?;
        answer(published.batch, &accepted)
    }
}

fn answer(batch: bool, accepted: &[Accepted]) -> Result<Response<Body>, ApiError> {
    let mut answer = match accepted {
        [one] if !batch => response::json(StatusCode::ACCEPTED, one)?,
        all => response::json(StatusCode::ACCEPTED, &accept::AcceptedBatch { events: all })?,
    };
    if accepted.iter().any(|event| event.repeat) {
        answer.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    Ok(answer)
}
