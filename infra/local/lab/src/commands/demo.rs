//! `postrider demo`: the demo, and its stack for as long as somebody may look at it.

use std::io::IsTerminal as _;

use aws::Options;
use postrider::demo::Demo;

use super::session::with_stack;
use super::{Ended, code, options, up};
use crate::demo;
use crate::receiver::{Receiver, ReceiverOptions};

pub async fn run(arguments: Demo) -> Ended {
    let Demo { keep, data, receiver_port, .. } = arguments;
    let options = Options {
        logs: options::level(arguments.logs),
        http_concurrency: arguments.processes.http_concurrency.into(),
        clock: true,
        ..options::kept(data.clone(), arguments.stack, &[])
    };
    let receiving = ReceiverOptions { port: receiver_port, prints: true, keeps: true };
    let receiver = Receiver::start(receiving).await?;
    let mut played = None;
    let session = with_stack(options, async |stack| {
        let right = code(demo::run(stack, &receiver).await?);
        if keep || std::io::stdin().is_terminal() {
            played = Some(right);
            return up::run_on(stack, &receiver, data.as_deref()).await;
        }
        Ok(right)
    });
    // Ctrl-C is how somebody ends a demo that runs on: the result is the demo's.
    let ended = session.await?.code();
    Ok(played.unwrap_or(ended))
}
