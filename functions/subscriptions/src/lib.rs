//! Tenants, API keys, event types, profiles, subscriptions and their secrets: what a platform and
//! its tenants set up; and the test push, by which they see whether it works.
//!
//! This function also answers every path that no other function takes.

mod api_keys;
mod config;
mod described;
mod erasures;
mod event_types;
mod portal_links;
mod profiles;
mod secrets;
mod subscription_forms;
mod subscriptions;
mod tenants;
mod test_push;

use std::convert::Infallible;
use std::time::Duration;

use lambda_http::Body;
use lambda_http::http::Response;
use schemars::JsonSchema;
use serde::Serialize;
use shared::core::endpoint::address::EgressRule;
use shared::core::erasure::What;
use shared::core::sealing::SealingKeys;
use shared::edges::api::auth::Authority;
use shared::edges::api::routes::{Found, Operation};
use shared::edges::api::{ApiError, Request, response};
use shared::edges::deployment_secret::{DeploymentSecret, SecretError};
use shared::edges::sender::Sender;
use shared::edges::store::{ConfigStore, LogStore};

pub use config::Config;
pub use described::describe;

type Answer = Result<Response<Body>, ApiError>;

/// The API's description: `cargo run --release -p openapi` writes it.
const OPENAPI: &str = include_str!("../openapi.json");

/// Whether it runs.
#[derive(Serialize, JsonSchema)]
struct Health {
    #[schemars(extend("enum" = ["ok"]))]
    status: &'static str,
}

/// How often a change is tried anew when another change came in between.
const ROUNDS: usize = 5;

/// The function's state: clients and caches, made once.
#[derive(Debug)]
pub struct Subscriptions {
    authority: Authority,
    store: ConfigStore,
    log: LogStore,
    sealing_keys: DeploymentSecret<SealingKeys>,
    egress: EgressRule,
    sender: Sender,
    retention: Duration,
    events_per_minute: u32,
    ordered_delivery: bool,
    api_url: String,
}

impl Subscriptions {
    /// Opens the clients and a connection, and reads the deployment's secrets.
    pub async fn start(config: Config) -> Result<Self, SecretError> {
        let admin = DeploymentSecret::read(&config.aws, config.admin_key_secret);
        let sealing_keys = DeploymentSecret::read(&config.aws, config.sealing_keys_secret);
        let (admin, sealing_keys, ()) = tokio::join!(admin, sealing_keys, config.aws.connect(None));
        let dynamodb = config.aws.dynamodb();
        let store = ConfigStore::new(dynamodb.clone(), config.config_table);
        Ok(Self {
            authority: Authority::new(admin?, store.clone()),
            store,
            log: LogStore::new(dynamodb, config.log_table, config.retention),
            sealing_keys: sealing_keys?,
            sender: Sender::new(config.egress.clone()),
            egress: config.egress,
            retention: config.retention,
            events_per_minute: config.events_per_minute,
            ordered_delivery: config.ordered_delivery,
            api_url: config.api_url,
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
        match found.route.operation {
            Operation::Health => response::ok(&Health { status: "ok" }),
            Operation::GetOpenApi => Ok(response::written(OPENAPI)),
            Operation::ListTenants => self.list_tenants(request).await,
            Operation::PutTenant => self.put_tenant(found.get("tenant"), request).await,
            Operation::DeleteTenant => self.erase(found.get("tenant"), What::Everything).await,
            Operation::GetErasure => self.get_erasure(found.get("tenant")).await,
            Operation::ErasePayloads => self.erase(found.get("tenant"), What::Payloads).await,
            Operation::ListEventTypes => self.list_event_types(request).await,
            Operation::ImportEventTypes => self.import_event_types(request).await,
            Operation::GetEventType => self.get_event_type(found.get("name")).await,
            Operation::PutEventType => self.put_event_type(found.get("name"), request).await,
            Operation::DeleteEventType => self.delete_event_type(found.get("name")).await,
            Operation::GetSchema => self.get_schema(found.get("name")).await,
            Operation::ListProfiles => profiles::list(),
            Operation::GetProfile => profiles::get(found.get("profile")),
            _ => self.route_within(&found, request).await,
        }
    }

    /// What concerns a tenant that exists.
    async fn route_within(&self, found: &Found<'_>, request: &Request) -> Answer {
        let tenant = &self.authority.tenant(found.get("tenant")).await?.id;
        let id = found.get("subscription");
        match found.route.operation {
            Operation::GetTenant => self.get_tenant(tenant).await,
            Operation::CreateKey => self.create_key(tenant, request).await,
            Operation::ListKeys => self.list_keys(tenant).await,
            Operation::DeleteKey => self.delete_key(tenant, found.get("key")).await,
            Operation::CreatePortalLink => self.create_portal_link(tenant, request).await,
            Operation::RevokePortalLinks => self.revoke_portal_links(tenant).await,
            Operation::CreateSubscription => self.create_subscription(tenant, request).await,
            Operation::ListSubscriptions => self.list_subscriptions(tenant, request).await,
            Operation::GetSubscription => self.get_subscription(tenant, id).await,
            Operation::PatchSubscription => self.patch_subscription(tenant, id, request).await,
            Operation::DeleteSubscription => self.delete_subscription(tenant, id).await,
            Operation::GetSecret => self.get_secret(tenant, id).await,
            Operation::RotateSecret => self.rotate_secret(tenant, id, request).await,
            Operation::PushTest => self.push_test(tenant, id, request).await,
            // API Gateway sends the others to other functions.
            _ => Err(ApiError::NotFound("route")),
        }
    }
}
