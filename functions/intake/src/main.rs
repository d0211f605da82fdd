//! The intake function: see the library.

use intake::{Config, Intake};
use lambda_http::{Error, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::edges::telemetry::start();
    let intake = Intake::start(Config::from_env()?).await?;
    lambda_http::run(service_fn(|request| intake.handle(request))).await
}
