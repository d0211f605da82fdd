//! The scheduler function: see the library.

use lambda_runtime::{Error, service_fn};
use scheduler::{Config, Scheduler};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::edges::telemetry::start();
    let scheduler = Scheduler::start(Config::from_env()?).await;
    lambda_runtime::run(service_fn(|tick| scheduler.handle(tick))).await
}
