//! `postrider units`: a stack that nobody else uses, and the meter on it.

use aws::Options;
use postrider::figures::Units;

use super::session::with_stack;
use super::{Ended, code, options};
use crate::units;

pub async fn run(arguments: Units) -> Ended {
    let sizes: Vec<_> =
        arguments.rows.iter().filter_map(|size| usize::try_from(*size).ok()).collect();
    let options = Options {
        logs: options::level(arguments.logs),
        // One process of each function behind the API, whose caches are filled.
        http_concurrency: 1,
        // More rows than memory holds.
        files: true,
        clock: true,
        ..options::ephemeral(arguments.stack, &[options::UNLIMITED, options::RARE_TICKS])
    };
    let session = with_stack(options, async |stack| Ok(code(units::run(stack, &sizes).await?)));
    Ok(session.await?.code())
}
