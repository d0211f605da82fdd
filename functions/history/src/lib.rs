//! History: events, deliveries and attempts on record; one delivery again, or no more; a payload erased.

mod cancel;
mod config;
mod deliveries;
mod events;
mod resend;
mod views;

use std::convert::Infallible;

use lambda_http::Body;
use lambda_http::http::{Method, Response};
use shared::api::auth::Authority;
use shared::api::{ApiError, Request, object};
use shared::id::{SubscriptionId, TenantId};
use shared::queue::Queue;
use shared::store::{ConfigStore, LogStore};
use shared::subscription::Subscription;

pub use config::Config;

type Answer = Result<Response<Body>, ApiError>;

/// How often a row is loaded anew when others write it at the same time.
const ROUNDS: usize = 10;

/// Others wrote the same row each time.
fn contended() -> ApiError {
    ApiError::Conflict("The delivery was changed by others at the same time. Send the request again.".to_owned())
}

/// The function's state: clients and caches, made once.
#[derive(Debug)]
pub struct History {
    authority: Authority,
    config: ConfigStore,
    log: LogStore,
    queue: Queue,
}

impl History {
    /// Opens the clients.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let dynamodb = config.aws.dynamodb();
        let store = ConfigStore::new(dynamodb.clone(), config.config_table);
        Self {
            authority: Authority::new(config.admin_key, store.clone()),
            config: store,
            log: LogStore::new(dynamodb, config.log_table, config.retention),
            queue: Queue::new(config.aws.sqs(), config.deliveries_queue),
        }
    }

    /// Answers one request.
    pub async fn handle(&self, request: lambda_http::Request) -> Result<Response<Body>, Infallible> {
        Ok(self.route(&Request::new(request)).await.unwrap_or_else(|error| error.response()))
    }

    async fn route(&self, request: &Request) -> Answer {
        let caller = self.authority.caller(&request.headers).await?;
        let segments = request.segments();
        let ["v1", "tenants", tenant, rest @ ..] = &segments[..] else { return Err(ApiError::NotFound("route")) };
        let tenant = self.authority.tenant(&caller, tenant).await?;
        match (&request.method, rest) {
            (&Method::GET, ["events"]) => self.list_events(&tenant, request).await,
            (&Method::GET, ["events", event]) => self.get_event(&tenant, event).await,
            (&Method::GET, ["events", event, "deliveries"]) => self.event_deliveries(&tenant, event, request).await,
            (&Method::GET, ["subscriptions", subscription, "deliveries"]) => {
                self.list_deliveries(&tenant, subscription, request).await
            }
            (&Method::GET, ["subscriptions", subscription, "deliveries", event]) => {
                self.get_delivery(&tenant, subscription, event).await
            }
            (&Method::POST, ["subscriptions", subscription, "deliveries", event, "resend"]) => {
                self.resend(&tenant, subscription, event).await
            }
            (&Method::POST, ["subscriptions", subscription, "deliveries", event, "cancel"]) => {
                self.cancel(&tenant, subscription, event).await
            }
            (&Method::POST, ["subscriptions", subscription, "cancel"]) => self.cancel_all(&tenant, subscription).await,
            (&Method::DELETE, ["events", event, "payload"]) => self.erase_payload(&tenant, event).await,
            _ => Err(ApiError::NotFound("route")),
        }
    }

    async fn subscription(&self, tenant: &TenantId, segment: &str) -> Result<Subscription, ApiError> {
        let id: SubscriptionId = object(segment, "subscription")?;
        self.config.subscription(tenant, id).await?.ok_or(ApiError::NotFound("subscription"))
    }
}
