//! Tenants, API keys, event types, profiles, subscriptions and their secrets: what a platform and its tenants set up;
//! and the test push, by which they see whether it works.
//!
//! This function also answers every path that no other function takes.

mod api_keys;
mod config;
mod erasures;
mod event_types;
mod profiles;
mod secrets;
mod subscriptions;
mod tenants;
mod test_push;

use std::convert::Infallible;
use std::time::Duration;

use lambda_http::Body;
use lambda_http::http::{Method, Response};
use serde_json::json;
use shared::address::EgressRule;
use shared::api::auth::{Authority, Caller};
use shared::api::{ApiError, Request, response};
use shared::deployment_secret::{DeploymentSecret, SecretError};
use shared::erasure::What;
use shared::id::TenantId;
use shared::sealing::SealingKeys;
use shared::sender::Sender;
use shared::store::{ConfigStore, LogStore};

pub use config::Config;

type Answer = Result<Response<Body>, ApiError>;

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
        })
    }

    /// Answers one request.
    pub async fn handle(&self, request: lambda_http::Request) -> Result<Response<Body>, Infallible> {
        Ok(self.route(&Request::new(request)).await.unwrap_or_else(|error| error.response()))
    }

    async fn route(&self, request: &Request) -> Answer {
        let segments = request.segments();
        if segments[..] == ["health"] {
            return health(request);
        }
        let caller = self.authority.caller(&request.headers).await?;
        match &segments[..] {
            ["v1", "tenants"] => self.route_tenants(&caller, request).await,
            ["v1", "tenants", tenant, what @ ("erasure" | "payloads")] => {
                self.route_erasures(&caller, tenant, what, &request.method).await
            }
            ["v1", "tenants", tenant] => self.route_tenant(&caller, tenant, request).await,
            ["v1", "tenants", tenant, rest @ ..] => {
                let tenant = self.authority.tenant(&caller, tenant).await?;
                self.route_within(&caller, &tenant.id, rest, request).await
            }
            ["v1", "profiles", rest @ ..] => route_profiles(rest, request),
            ["v1", "event-types", rest @ ..] => self.route_event_types(&caller, rest, request).await,
            _ => Err(ApiError::NotFound("route")),
        }
    }

    async fn route_tenants(&self, caller: &Caller, request: &Request) -> Answer {
        caller.admin()?;
        match request.method {
            Method::GET => self.list_tenants(request).await,
            _ => Err(ApiError::MethodNotAllowed("GET")),
        }
    }

    async fn route_tenant(&self, caller: &Caller, tenant: &str, request: &Request) -> Answer {
        match request.method {
            Method::PUT if *caller == Caller::Admin => return self.put_tenant(tenant, request).await,
            Method::DELETE if *caller == Caller::Admin => {
                let id = tenant.parse().map_err(|_| ApiError::NotFound("tenant"))?;
                return self.erase(&id, What::Everything).await;
            }
            _ => {}
        }
        let tenant = self.authority.tenant(caller, tenant).await?;
        match request.method {
            Method::GET => self.get_tenant(&tenant.id).await,
            Method::PUT | Method::DELETE if *caller != Caller::Admin => Err(ApiError::AdminOnly),
            _ => Err(ApiError::MethodNotAllowed("GET, PUT, DELETE")),
        }
    }

    async fn route_within(&self, caller: &Caller, tenant: &TenantId, rest: &[&str], request: &Request) -> Answer {
        match (&request.method, rest) {
            (_, ["keys", ..]) if *caller != Caller::Admin => Err(ApiError::AdminOnly),
            (&Method::POST, ["keys"]) => self.create_key(tenant, request).await,
            (&Method::GET, ["keys"]) => self.list_keys(tenant).await,
            (&Method::DELETE, ["keys", id]) => self.delete_key(tenant, id).await,
            (_, ["keys", _]) => Err(ApiError::MethodNotAllowed("DELETE")),
            (&Method::POST, ["subscriptions"]) => self.create_subscription(tenant, request).await,
            (&Method::GET, ["subscriptions"]) => self.list_subscriptions(tenant, request).await,
            (_, ["keys" | "subscriptions"]) => Err(ApiError::MethodNotAllowed("GET, POST")),
            (&Method::GET, ["subscriptions", id]) => self.get_subscription(tenant, id).await,
            (&Method::PATCH, ["subscriptions", id]) => self.patch_subscription(tenant, id, request).await,
            (&Method::DELETE, ["subscriptions", id]) => self.delete_subscription(tenant, id).await,
            (_, ["subscriptions", _]) => Err(ApiError::MethodNotAllowed("GET, PATCH, DELETE")),
            (&Method::GET, ["subscriptions", id, "secret"]) => self.get_secret(tenant, id).await,
            (_, ["subscriptions", _, "secret"]) => Err(ApiError::MethodNotAllowed("GET")),
            (&Method::POST, ["subscriptions", id, "test"]) => self.push_test(tenant, id, request).await,
            (&Method::POST, ["subscriptions", id, "secret", "rotate"]) => self.rotate_secret(tenant, id, request).await,
            (_, ["subscriptions", _, "test"] | ["subscriptions", _, "secret", "rotate"]) => {
                Err(ApiError::MethodNotAllowed("POST"))
            }
            _ => Err(ApiError::NotFound("route")),
        }
    }

    async fn route_event_types(&self, caller: &Caller, rest: &[&str], request: &Request) -> Answer {
        if request.method != Method::GET {
            caller.admin()?;
        }
        match (&request.method, rest) {
            (&Method::GET, []) => self.list_event_types(request).await,
            (&Method::POST, ["import"]) => self.import_event_types(request).await,
            (&Method::GET, [name]) => self.get_event_type(name).await,
            (&Method::PUT, [name]) => self.put_event_type(name, request).await,
            (&Method::DELETE, [name]) => self.delete_event_type(name).await,
            (_, [_]) => Err(ApiError::MethodNotAllowed("GET, PUT, DELETE")),
            (&Method::GET, [name, "schema"]) => self.get_schema(name).await,
            (_, [] | [_, "schema"]) => Err(ApiError::MethodNotAllowed("GET")),
            _ => Err(ApiError::NotFound("route")),
        }
    }
}

fn route_profiles(rest: &[&str], request: &Request) -> Answer {
    match (&request.method, rest) {
        (&Method::GET, []) => profiles::list(),
        (&Method::GET, [name]) => profiles::get(name),
        (_, [] | [_]) => Err(ApiError::MethodNotAllowed("GET")),
        _ => Err(ApiError::NotFound("route")),
    }
}

/// Answers without a look at the stores: whether the function runs.
fn health(request: &Request) -> Answer {
    match request.method {
        Method::GET => response::ok(&json!({ "status": "ok" })),
        _ => Err(ApiError::MethodNotAllowed("GET")),
    }
}
