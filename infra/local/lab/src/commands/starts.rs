//! `postrider starts`: a stack that nobody else uses, and the start of each of its functions.

use aws::{Level, Options};
use postrider::figures::Starts;

use super::session::with_stack;
use super::{Ended, code, options};
use crate::starts;

pub async fn run(arguments: Starts) -> Ended {
    let options = Options {
        // It ends processes again and again; each end is a warning.
        logs: Level::Error,
        http_concurrency: 1,
        clock: true,
        ..options::ephemeral(arguments.stack, &[options::UNLIMITED, options::RARE_TICKS])
    };
    let session = with_stack(options, async |stack| {
        Ok(code(starts::run(stack, arguments.update_docs).await?))
    });
    Ok(session.await?.code())
}
