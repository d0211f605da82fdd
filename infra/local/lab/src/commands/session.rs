//! A stack for as long as a subcommand needs it, and how Ctrl-C ends it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use aws::{Options, Stack};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Ended;

/// How a session ended.
pub enum Session {
    /// The work was done, with this exit code.
    Done(ExitCode),
    /// Ctrl-C, or SIGTERM, ended it first.
    Interrupted,
}

impl Session {
    /// The exit code of a subcommand that has a result: an interrupted one has not got it.
    pub fn code(self) -> ExitCode {
        match self {
            Self::Done(code) => code,
            // As shells show a program that SIGINT ended.
            Self::Interrupted => ExitCode::from(130),
        }
    }
}

/// Starts a stack, works on it until the work is done or interrupted, and stops the stack.
pub async fn with_stack(
    options: Options,
    work: impl AsyncFnOnce(&Stack) -> Ended,
) -> Result<Session, Box<dyn Error>> {
    // Before the start: a signal during it must not leave processes behind.
    let mut signals = Signals::new()?;
    let (grace, is_kept) = (options.grace, !options.ephemeral);
    let stack = tokio::select! {
        stack = Stack::start(options) => {
            stack.map_err(|error| format!("The local stack did not start: {error}"))?
        }
        () = signals.next() => return Ok(Session::Interrupted),
    };
    let ended = tokio::select! {
        code = work(&stack) => code.map(Session::Done),
        () = signals.next() => {
            eprintln!("\nStopping.");
            if let Some(notice) = notice(&stack.running(), grace, is_kept) {
                eprintln!("{notice}");
            }
            Ok(Session::Interrupted)
        }
    };
    tokio::select! {
        () = stack.stop() => {}
        () = signals.next() => {}
    }
    ended
}

/// What a stop waits for, and what becomes of it. None if it waits for nothing.
fn notice(running: &BTreeMap<&str, usize>, grace: Duration, is_kept: bool) -> Option<String> {
    let total: usize = running.values().sum();
    let plural = match total {
        0 => return None,
        1 => "",
        _ => "s",
    };
    let mut text = format!("Waiting for {total} running invocation{plural} of ");
    for (at, (function, count)) in running.iter().enumerate() {
        let separator = if at == 0 { "" } else { ", " };
        let _ = write!(text, "{separator}{function}");
        if *count < total {
            let _ = write!(text, " ({count})");
        }
    }
    let _ = write!(text, ", up to {} s; Ctrl-C again to stop at once. ", grace.as_secs());
    text.push_str(if is_kept {
        "Nothing is lost: unfinished messages are delivered again."
    } else {
        "This stack keeps nothing: unfinished messages end with it."
    });
    Some(text)
}

/// Ctrl-C and the polite request to end.
struct Signals {
    interrupts: Signal,
    terminations: Signal,
}

impl Signals {
    fn new() -> Result<Self, std::io::Error> {
        let interrupts = signal(SignalKind::interrupt())?;
        let terminations = signal(SignalKind::terminate())?;
        Ok(Self { interrupts, terminations })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupts.recv() => {}
            _ = self.terminations.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests;
