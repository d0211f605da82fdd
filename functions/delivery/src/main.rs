//! The delivery function: see the library.

use std::sync::Arc;

use delivery::{Config, Delivery};
use lambda_runtime::{Error, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::edges::telemetry::start();
    let delivery = Arc::new(Delivery::start(Config::from_env()?).await?);
    lambda_runtime::run(service_fn(|batch| Arc::clone(&delivery).handle(batch))).await
}
