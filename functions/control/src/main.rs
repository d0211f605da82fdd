//! The control function: see the library.

use control::{Config, Control};
use lambda_http::{Error, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::edges::telemetry::start();
    let control = Control::start(Config::from_env()?).await?;
    lambda_http::run(service_fn(|request| control.handle(request))).await
}
