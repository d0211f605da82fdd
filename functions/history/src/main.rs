//! The history function: see the library.

use history::{Config, History};
use lambda_http::{Error, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::edges::telemetry::start();
    let history = History::start(Config::from_env()?).await?;
    lambda_http::run(service_fn(|request| history.handle(request))).await
}
