//! `postrider cost`: the bill of what is counted now, or of what was counted last.

use std::process::ExitCode;
use std::time::Duration;

use aws::Options;
use postrider::figures::Cost;

use super::session::with_stack;
use super::{Ended, options};
use crate::cost::{self, Conditions, CostError, Counts};

pub async fn run(arguments: Cost) -> Ended {
    let Cost { counted, receiver_ms, aws_ms, update_docs, .. } = arguments;
    if counted {
        show(&Counts::kept()?, update_docs)?;
        return Ok(ExitCode::SUCCESS);
    }
    let latency = Duration::from_millis(aws_ms.into());
    let wanted = arguments.processes.http_concurrency.into();
    let options = Options {
        logs: options::level(arguments.logs),
        // One process fills its caches; where requests take time, one would hold up the others.
        http_concurrency: if latency.is_zero() { 1 } else { wanted },
        clock: true,
        latency,
        ..options::ephemeral(arguments.stack, &[options::UNLIMITED, options::RARE_TICKS])
    };
    let session = with_stack(options, async |stack| {
        let counts = cost::count(stack, Conditions { receiver_ms, aws_ms }).await?;
        if update_docs {
            counts.keep()?;
        }
        show(&counts, update_docs)?;
        Ok(ExitCode::SUCCESS)
    });
    Ok(session.await?.code())
}

fn show(counts: &Counts, update_docs: bool) -> Result<(), CostError> {
    let tables = counts.tables()?;
    print!("{tables}");
    if update_docs { cost::publish(&tables) } else { Ok(()) }
}
