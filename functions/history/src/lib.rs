//! History: events, deliveries and attempts on record, and their statistics; deliveries again, one
//! or many, or no more; a payload erased.

mod bulk;
mod cancel;
mod config;
mod counting;
mod deliveries;
mod described;
mod events;
mod owner;
mod resend;
mod statistics;
mod views;

use std::convert::Infallible;
use std::time::Duration;

use lambda_http::Body;
use lambda_http::http::Response;
use shared::core::id::{EventId, ResendId, SubscriptionId, TenantId};
use shared::core::subscription::Subscription;
use shared::edges::api::auth::Authority;
use shared::edges::api::routes::history::Operation;
use shared::edges::api::{ApiError, Request};
use shared::edges::clock;
use shared::edges::deployment_secret::{DeploymentSecret, SecretError};
use shared::edges::queue::Queue;
use shared::edges::store::{ConfigStore, LogStore};

pub use config::Config;
pub use described::describe;
use owner::Owner;
use resend::OneMore;

type Answer = Result<Response<Body>, ApiError>;

/// Others wrote the same row each time.
fn contended() -> ApiError {
    ApiError::contended("The delivery")
}

/// The function's state: clients and caches, made once.
#[derive(Debug)]
pub struct History {
    authority: Authority,
    config: ConfigStore,
    log: LogStore,
    queue: Queue,
    retention: Duration,
}

impl History {
    /// Opens the clients and their connections, and reads the admin key.
    pub async fn start(config: Config) -> Result<Self, SecretError> {
        let aws = &config.tables.aws;
        let admin = DeploymentSecret::read(aws, config.admin_key_secret);
        let (admin, ()) = tokio::join!(admin, aws.connect(Some(&config.deliveries_queue)));
        let (store, log) = config.tables.open();
        Ok(Self {
            authority: Authority::new(admin?, store.clone()),
            config: store,
            log,
            queue: Queue::new(aws.sqs(), config.deliveries_queue),
            retention: config.tables.retention,
        })
    }

    /// Answers one request.
    pub async fn handle(
        &self,
        request: lambda_http::Request,
    ) -> Result<Response<Body>, Infallible> {
        // On the heap: it has room for each operation's own future.
        let answer = Box::pin(self.route(&Request::new(request))).await;
        Ok(answer.unwrap_or_else(|error| error.response()))
    }

    async fn route(&self, request: &Request) -> Answer {
        let found = self.authority.admit(request).await?;
        let tenant = self.authority.tenant(found.get("tenant")).await?;
        let owner = &Owner::new(tenant, self.retention, clock::now());
        let (config, log) = (&self.config, &self.log);
        let subscription = async || {
            let id: SubscriptionId = found.id("subscription", "subscription")?;
            find_subscription(config, owner.id(), id).await
        };
        let event = || found.id::<EventId>("event", "event");
        let delivery = || found.id::<EventId>("event", "delivery");
        let resend = || found.id::<ResendId>("resend", "resend");
        match found.operation {
            Operation::GetTenantStatistics => {
                statistics::of_tenant(config, log, owner, request).await
            }
            Operation::GetSubscriptionStatistics => {
                statistics::of_subscription(log, owner, &subscription().await?, request).await
            }
            Operation::ListEvents => events::list(log, owner, request).await,
            Operation::GetEvent => events::get(log, owner, event()?).await,
            Operation::ErasePayload => cancel::erase_payload(config, log, owner, event()?).await,
            Operation::ListDeliveriesOfEvent => {
                events::deliveries(config, log, owner, event()?, request).await
            }
            Operation::ListDeliveries => {
                deliveries::list(log, owner, &subscription().await?, request).await
            }
            Operation::GetDelivery => {
                deliveries::get(log, owner, &subscription().await?, delivery()?).await
            }
            Operation::Resend => {
                let one_more = OneMore { log, queue: &self.queue };
                one_more.ask(owner, &subscription().await?, delivery()?).await
            }
            Operation::Cancel => cancel::one(log, owner, &subscription().await?, delivery()?).await,
            Operation::CancelAll => cancel::all(log, &subscription().await?).await,
            Operation::StartResend => {
                bulk::start(config, log, &subscription().await?, request).await
            }
            Operation::ListResends => {
                bulk::list(config, log, &subscription().await?, request).await
            }
            Operation::GetResend => bulk::get(config, log, &subscription().await?, resend()?).await,
            Operation::CancelResend => {
                bulk::cancel(config, log, &subscription().await?, resend()?).await
            }
        }
    }
}

async fn find_subscription(
    config: &ConfigStore,
    tenant: &TenantId,
    id: SubscriptionId,
) -> Result<Subscription, ApiError> {
    config.subscription(tenant, id).await?.ok_or(ApiError::NotFound("subscription"))
}
