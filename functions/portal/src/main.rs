//! The portal function: see the library.

use lambda_http::{Error, service_fn};
use portal::{Config, Portal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    shared::edges::telemetry::start();
    let portal = Portal::new(Config::from_env()?);
    lambda_http::run(service_fn(|request| portal.handle(request))).await
}
