//! `postrider up`: a stack that runs until it is stopped.

use std::path::Path;
use std::process::ExitCode;

use aws::{Addresses, Error, Options, Stack};
use postrider::up::Up;

use super::session::with_stack;
use super::{Ended, guide, options};
use crate::receiver::{Receiver, ReceiverOptions};

pub async fn run(arguments: Up) -> Ended {
    let Up { data, ephemeral, receiver_port, endpoints, ready_file, clock, .. } = arguments;
    let data = (!ephemeral).then(|| data.unwrap_or_else(|| Options::default().data));
    let options = Options {
        logs: options::level(arguments.logs),
        http_concurrency: arguments.processes.http_concurrency.into(),
        clock,
        ..options::kept(data.clone(), arguments.stack, &[])
    };
    let receiver = if endpoints { None } else { Some(receiver(receiver_port).await?) };
    with_stack(options, async |stack| {
        announce(stack.addresses(), ready_file.as_deref())?;
        let Some(receiver) = &receiver else {
            println!("{}", json(stack.addresses()));
            return std::future::pending().await;
        };
        run_on(stack, receiver, data.as_deref()).await
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

/// A receiver that prints what it gets. Started before the stack, it outlives the stack's stop, so
/// that attempts under way are answered.
async fn receiver(port: Option<u16>) -> Result<Receiver, Error> {
    Receiver::start(ReceiverOptions { port, prints: true, keeps: false }).await
}

/// Prints what to do with a stack, and lets it run until it is stopped.
pub async fn run_on(stack: &Stack, receiver: &Receiver, data: Option<&Path>) -> Ended {
    println!("{}", guide::text(stack.addresses(), receiver.address(), data));
    std::future::pending().await
}

/// Says where everything is to a program that waits for the file.
fn announce(addresses: &Addresses, file: Option<&Path>) -> Result<(), Error> {
    file.map_or(Ok(()), |path| {
        aws::write_whole(path, &json(addresses))
            .map_err(|error| Error::Data(path.to_path_buf(), error))
    })
}

fn json(addresses: &Addresses) -> String {
    serde_json::to_string(addresses).unwrap_or_default()
}
