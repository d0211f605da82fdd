//! The subscriptions function: see the library.

use lambda_http::{Error, service_fn};
use subscriptions::{Config, Subscriptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::edges::telemetry::start();
    let subscriptions = Subscriptions::start(Config::from_env()?).await?;
    lambda_http::run(service_fn(|request| subscriptions.handle(request))).await
}
