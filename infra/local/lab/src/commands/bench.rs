//! `postrider bench`: a stack, and the bench in a process of its own.

use aws::Options;
use postrider::load::{Bench, BenchClient};

use super::session::with_stack;
use super::{Ended, code, options};
use crate::bench;

pub async fn run(arguments: Bench) -> Ended {
    let Bench { events, json, data, .. } = arguments;
    let client = BenchClient { events, json, databases_in_files: data.is_some() };
    let options = Options {
        logs: options::level(arguments.logs),
        http_concurrency: arguments.processes.http_concurrency.into(),
        ..options::kept(data, arguments.stack, &[options::UNLIMITED])
    };
    let session = with_stack(options, async |stack| {
        Ok(code(bench::in_own_process(stack.addresses(), &client).await?))
    });
    Ok(session.await?.code())
}

/// The bench's own process.
pub async fn client(arguments: BenchClient) -> Ended {
    Ok(code(bench::client(&arguments).await?))
}
