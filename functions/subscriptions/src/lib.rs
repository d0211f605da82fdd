//! Subscriptions and their secrets: what a tenant sets up; and the test push, which shows whether it
//! works. This function opens sealed secrets, and it reaches receivers.

mod change;
mod config;
mod described;
mod draft;
mod find;
mod forms;
mod secrets;
mod subscriptions;
mod terms;
mod test_push;

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::time::Duration;

use lambda_http::Body;
use lambda_http::http::Response;
use shared::core::id::SubscriptionId;
use shared::core::sealing::SealingKeys;
use shared::edges::api::auth::Authority;
use shared::edges::api::routes::subscriptions::Operation;
use shared::edges::api::{ApiError, Request};
use shared::edges::deployment_secret::{DeploymentSecret, SecretError};
use shared::edges::sender::Sender;
use shared::edges::store::{ConfigStore, LogStore};

pub use config::Config;
pub use described::describe;
use terms::Terms;
use test_push::TestPush;

type Answer = Result<Response<Body>, ApiError>;

/// The function's state: clients and caches, made once.
#[derive(Debug)]
pub struct Subscriptions {
    authority: Authority,
    config: ConfigStore,
    log: LogStore,
    keys: DeploymentSecret<SealingKeys>,
    sender: Sender,
    terms: Terms,
    retention: Duration,
}

impl Subscriptions {
    /// Opens the clients and a connection, and reads the deployment's secrets.
    pub async fn start(config: Config) -> Result<Self, SecretError> {
        let aws = &config.tables.aws;
        let admin = DeploymentSecret::read(aws, config.admin_key_secret);
        let keys = DeploymentSecret::read(aws, config.sealing_keys_secret);
        let (admin, keys, ()) = tokio::join!(admin, keys, aws.connect(None));
        let (store, log) = config.tables.open();
        Ok(Self {
            authority: Authority::new(admin?, store.clone()),
            config: store,
            log,
            keys: keys?,
            sender: Sender::new(config.terms.egress.clone()),
            terms: config.terms,
            retention: config.tables.retention,
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
        let tenant = &self.authority.tenant(found.get("tenant")).await?.id;
        let id = || found.id::<SubscriptionId>("subscription", "subscription");
        let (config, keys, terms) = (&self.config, &self.keys, &self.terms);
        match found.operation {
            Operation::ListSubscriptions => subscriptions::list(config, tenant, request).await,
            Operation::CreateSubscription => {
                subscriptions::create(config, keys, terms, tenant, request).await
            }
            Operation::GetSubscription => subscriptions::get(config, tenant, id()?).await,
            Operation::PatchSubscription => {
                subscriptions::patch(config, keys, terms, (tenant, id()?), request).await
            }
            Operation::DeleteSubscription => {
                subscriptions::delete(config, self.retention, tenant, id()?).await
            }
            Operation::GetSecret => secrets::get(config, keys, tenant, id()?).await,
            Operation::RotateSecret => secrets::rotate(config, keys, tenant, id()?, request).await,
            Operation::PushTest => {
                let push = TestPush { config, log: &self.log, keys, sender: &self.sender };
                push.send(tenant, id()?, request).await
            }
        }
    }
}
