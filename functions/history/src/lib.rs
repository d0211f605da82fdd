//! History: events, deliveries and attempts on record, and their statistics; deliveries again, one
//! or many, or no more; a payload erased.

mod bulk;
mod cancel;
mod config;
mod counting;
mod deliveries;
mod described;
mod events;
mod resend;
mod statistics;
mod views;

use std::convert::Infallible;
use std::time::Duration;

use lambda_http::Body;
use lambda_http::http::Response;
use shared::core::id::{EventId, SubscriptionId, TenantId};
use shared::core::subscription::Subscription;
use shared::core::tenant::Tenant;
use shared::core::timestamp::Timestamp;
use shared::edges::api::auth::Authority;
use shared::edges::api::routes::Operation;
use shared::edges::api::{ApiError, Request, object};
use shared::edges::clock;
use shared::edges::deployment_secret::{DeploymentSecret, SecretError};
use shared::edges::queue::Queue;
use shared::edges::store::{ConfigStore, LogStore};

pub use config::Config;
pub use described::describe;

type Answer = Result<Response<Body>, ApiError>;

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
        let admin = DeploymentSecret::read(&config.aws, config.admin_key_secret);
        let (admin, ()) = tokio::join!(admin, config.aws.connect(Some(&config.deliveries_queue)));
        let dynamodb = config.aws.dynamodb();
        let store = ConfigStore::new(dynamodb.clone(), config.config_table);
        Ok(Self {
            authority: Authority::new(admin?, store.clone()),
            config: store,
            log: LogStore::new(dynamodb, config.log_table, config.retention),
            queue: Queue::new(config.aws.sqs(), config.deliveries_queue),
            retention: config.retention,
        })
    }

    /// Answers one request.
    pub async fn handle(
        &self,
        request: lambda_http::Request,
    ) -> Result<Response<Body>, Infallible> {
        Ok(self.route(&Request::new(request)).await.unwrap_or_else(|error| error.response()))
    }

    async fn route(&self, request: &Request) -> Answer {
        let found = self.authority.admit(request).await?;
        let tenant = &self.authority.tenant(found.get("tenant")).await?;
        let (subscription, event) = (found.get("subscription"), found.get("event"));
        match found.route.operation {
            Operation::GetTenantStatistics => self.tenant_statistics(tenant, request).await,
            Operation::GetSubscriptionStatistics => {
                self.subscription_statistics(tenant, subscription, request).await
            }
            Operation::ListEvents => self.list_events(tenant, request).await,
            Operation::GetEvent => self.get_event(tenant, event).await,
            Operation::ErasePayload => self.erase_payload(tenant, event).await,
            Operation::ListDeliveriesOfEvent => self.event_deliveries(tenant, event, request).await,
            Operation::ListDeliveries => self.list_deliveries(tenant, subscription, request).await,
            Operation::GetDelivery => self.get_delivery(tenant, subscription, event).await,
            Operation::Resend => self.resend(tenant, subscription, event).await,
            Operation::Cancel => self.cancel(tenant, subscription, event).await,
            Operation::CancelAll => self.cancel_all(&tenant.id, subscription).await,
            Operation::StartResend => self.resend_many(&tenant.id, subscription, request).await,
            Operation::ListResends => self.list_resends(&tenant.id, subscription, request).await,
            Operation::GetResend => {
                self.get_resend(&tenant.id, subscription, found.get("resend")).await
            }
            Operation::CancelResend => {
                self.cancel_resend(&tenant.id, subscription, found.get("resend")).await
            }
            // API Gateway sends the others to other functions.
            _ => Err(ApiError::NotFound("route")),
        }
    }

    /// The time range that a request asks for, as far back as the tenant's record goes.
    fn range(
        &self,
        tenant: &Tenant,
        request: &Request,
    ) -> Result<(Timestamp, Timestamp), ApiError> {
        let (from, to) = request.range()?;
        Ok((from.max(self.kept_since(tenant)), to))
    }

    /// An id of something that is not older than what the tenant keeps.
    fn kept(
        &self,
        tenant: &Tenant,
        event: EventId,
        what: &'static str,
    ) -> Result<EventId, ApiError> {
        if event.timestamp() < self.kept_since(tenant) {
            Err(ApiError::NotFound(what))
        } else {
            Ok(event)
        }
    }

    /// What is older is not shown, whether it was removed yet or not.
    fn kept_since(&self, tenant: &Tenant) -> Timestamp {
        let retention = tenant.retention().unwrap_or(self.retention).min(self.retention);
        clock::now().before(retention)
    }

    async fn subscription(
        &self,
        tenant: &TenantId,
        segment: &str,
    ) -> Result<Subscription, ApiError> {
        let id: SubscriptionId = object(segment, "subscription")?;
        self.config.subscription(tenant, id).await?.ok_or(ApiError::NotFound("subscription"))
    }
}
