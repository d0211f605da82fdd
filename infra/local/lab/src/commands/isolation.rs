//! `postrider isolation`: a stack with the concurrency that is asked for, and the measurement.

use aws::Options;
use postrider::isolation::Isolation;

use super::session::with_stack;
use super::{Ended, code, options};
use crate::isolation::{self, Load};

pub async fn run(arguments: Isolation) -> Ended {
    let Isolation { pace, seconds, delivery_concurrency, .. } = arguments;
    if arguments.stack.parameters.iter().any(|(name, _)| name == "DeliveryConcurrency") {
        return Err("give DeliveryConcurrency with --delivery-concurrency here".into());
    }
    let concurrency = delivery_concurrency.to_string();
    let own = [options::UNLIMITED, ("DeliveryConcurrency", &concurrency)];
    let options = Options {
        logs: options::level(arguments.logs),
        http_concurrency: arguments.processes.http_concurrency.into(),
        ..options::ephemeral(arguments.stack, &own)
    };
    let session = with_stack(options, async |stack| {
        Ok(code(isolation::run(stack, Load { pace, seconds, delivery_concurrency }).await?))
    });
    Ok(session.await?.code())
}
