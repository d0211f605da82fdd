//! `postrider soak`: a stack whose faults are injected, and the soak on it.

use aws::faults::{Faults, Kind, Kinds};
use aws::{Level, Options};
use postrider::soak::{Fault, Soak};
use shared::edges::clock;

use super::session::with_stack;
use super::{Ended, code, options};
use crate::soak::{self, Load};

pub async fn run(arguments: Soak) -> Ended {
    let Soak { events, seed, pace, .. } = arguments;
    let kinds = kinds(&arguments.faults);
    let seed = seed.unwrap_or_else(|| u32::from_ne_bytes(clock::random()).into());
    let mut own = vec![options::UNLIMITED];
    own.extend(soak::PARAMETERS);
    let options = Options {
        // The report has the errors.
        logs: Level::Off,
        http_concurrency: arguments.http_concurrency.into(),
        files: true,
        clock: kinds.has(Kind::Clock),
        faults: Faults::new(kinds, seed),
        ..options::kept(arguments.data, arguments.stack, &own)
    };
    let events = usize::try_from(events).unwrap_or(usize::MAX);
    let session =
        with_stack(options, async |stack| Ok(code(soak::run(stack, Load { events, pace }).await?)));
    Ok(session.await?.code())
}

/// The kinds of faults that the command line means.
fn kinds(faults: &[Fault]) -> Kinds {
    faults.iter().flat_map(|fault| each(*fault)).collect()
}

fn each(fault: Fault) -> Vec<Kind> {
    match fault {
        // A clock that jumps ends the waits of everything else: what it shows is true, but not how
        // long it took.
        Fault::All => Kind::ALL.into_iter().filter(|kind| *kind != Kind::Clock).collect(),
        Fault::None => Vec::new(),
        Fault::Kill => vec![Kind::Kill],
        Fault::Throttle => vec![Kind::Throttle],
        Fault::Internal => vec![Kind::Internal],
        Fault::Sqs => vec![Kind::Sqs],
        Fault::Duplicate => vec![Kind::Duplicate],
        Fault::Reorder => vec![Kind::Reorder],
        Fault::Slow => vec![Kind::Slow],
        Fault::Outage => vec![Kind::Outage],
        Fault::Clock => vec![Kind::Clock],
    }
}

#[cfg(test)]
mod tests;
