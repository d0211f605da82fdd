//! The fanout function: see the library.

use std::sync::Arc;

use fanout::{Config, Fanout};
use lambda_runtime::{Error, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::edges::telemetry::start();
    let fanout = Arc::new(Fanout::start(Config::from_env()?).await);
    lambda_runtime::run(service_fn(|batch| Arc::clone(&fanout).handle(batch))).await
}
