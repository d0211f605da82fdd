//! Control: tenants, their API keys and portal links, the catalogue, the profiles, and erasures.
//! The platform sets these up; no secret that signs or seals is needed for any of them.
//!
//! This function also answers the service's health, the API's description, and every path that no
//! other function serves.

mod api_keys;
mod config;
mod described;
mod erasures;
mod event_types;
mod portal_links;
mod profiles;
mod tenants;

use std::convert::Infallible;

use lambda_http::Body;
use lambda_http::http::Response;
use schemars::JsonSchema;
use serde::Serialize;
use shared::core::erasure::What;
use shared::edges::api::auth::Authority;
use shared::edges::api::routes::control::Operation;
use shared::edges::api::{ApiError, Request, response};
use shared::edges::deployment_secret::{DeploymentSecret, SecretError};
use shared::edges::store::ConfigStore;

pub use config::Config;
pub use described::describe;
use tenants::Terms;

type Answer = Result<Response<Body>, ApiError>;

/// The API's description: `cargo run -p openapi` writes it.
const OPENAPI: &str = include_str!("../openapi.json");

/// Whether it runs.
#[derive(Serialize, JsonSchema)]
struct Health {
    #[schemars(extend("enum" = ["ok"]))]
    status: &'static str,
}

/// The function's state: clients and caches, made once.
#[derive(Debug)]
pub struct Control {
    authority: Authority,
    config: ConfigStore,
    terms: Terms,
    api_url: String,
}

impl Control {
    /// Opens the clients and a connection, and reads the admin key.
    pub async fn start(config: Config) -> Result<Self, SecretError> {
        let admin = DeploymentSecret::read(&config.aws, config.admin_key_secret);
        let (admin, ()) = tokio::join!(admin, config.aws.connect(None));
        let store = ConfigStore::new(config.aws.dynamodb(), config.config_table);
        Ok(Self {
            authority: Authority::new(admin?, store.clone()),
            config: store,
            terms: config.terms,
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
        let (config, terms) = (&self.config, &self.terms);
        // A tenant that has to exist.
        let tenant = || self.authority.tenant(found.get("tenant"));
        match found.operation {
            Operation::Health => response::ok(&Health { status: "ok" }),
            Operation::GetOpenApi => Ok(response::written(OPENAPI)),

            Operation::ListTenants => tenants::list(config, terms, request).await,
            Operation::GetTenant => tenants::get(config, terms, &tenant().await?.id).await,
            Operation::PutTenant => tenants::put(config, terms, found.get("tenant"), request).await,
            Operation::DeleteTenant => {
                let id = found.id("tenant", "tenant")?;
                erasures::ask(config, terms.retention, &id, What::Everything).await
            }
            Operation::ErasePayloads => {
                let id = found.id("tenant", "tenant")?;
                erasures::ask(config, terms.retention, &id, What::Payloads).await
            }
            Operation::GetErasure => erasures::get(config, &found.id("tenant", "tenant")?).await,

            Operation::ListKeys => api_keys::list(config, &tenant().await?.id).await,
            Operation::CreateKey => api_keys::create(config, &tenant().await?.id, request).await,
            Operation::DeleteKey => {
                api_keys::delete(config, &tenant().await?.id, found.id("key", "key")?).await
            }
            Operation::CreatePortalLink => {
                let (tenant, api_url) = (tenant().await?, &self.api_url);
                portal_links::create(config, &self.authority, api_url, &tenant.id, request).await
            }
            Operation::RevokePortalLinks => portal_links::revoke(config, &tenant().await?.id).await,

            Operation::ListEventTypes => event_types::list(config, request).await,
            Operation::ImportEventTypes => event_types::import(config, request).await,
            Operation::GetEventType => {
                event_types::get(config, &found.id("name", "event type")?).await
            }
            Operation::PutEventType => event_types::put(config, found.get("name"), request).await,
            Operation::DeleteEventType => {
                event_types::delete(config, &found.id("name", "event type")?).await
            }
            Operation::GetSchema => {
                event_types::schema(config, &found.id("name", "event type")?).await
            }
            Operation::ListProfiles => profiles::list(),
            Operation::GetProfile => profiles::get(found.get("profile")),
        }
    }
}
