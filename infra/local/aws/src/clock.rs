//! The clock by which time can be let pass, so that nobody has to wait hours to see what happens
//! after them.
//!
//! It is the machine's, and ahead of it by as much as was last said. All that knows the time is put
//! forward with it: the functions, which read a file whenever they look; this process, which tells
//! them deadlines and the times of events; and SQS, which shows what is due by then. What happens
//! at a rate does so in real time: the schedules' ticks, and the removal of expired items from
//! DynamoDB.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use shared::edges::clock;
use time::OffsetDateTime;

use crate::Error;
use crate::data::{Data, write_whole};

/// Why the clock was not put forward.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// The stack was started without one that can be.
    #[error("time can be let pass only if the stack is started with --clock")]
    Fixed,
    /// Time would go back: by how many milliseconds the clock is ahead already.
    #[error("time does not go back: the clock is {0} ms ahead already")]
    Backwards(u64),
    /// The functions could not be told.
    #[error("{0}: {1}")]
    File(PathBuf, #[source] io::Error),
}

/// A clock that can be put forward. A process has one at most: its own time is part of it.
#[derive(Debug)]
pub struct Clock {
    file: PathBuf,
    engine: sqs::Engine,
    /// Milliseconds; held while they change, so that file, process and queues change in one order.
    ahead: Mutex<u64>,
}

impl Clock {
    /// A clock that shows the machine's time, whatever an earlier stack of this data directory made
    /// of it.
    pub fn start(data: &Data, engine: sqs::Engine) -> Result<Self, Error> {
        let failed = |error| Error::Data(data.path().join("clock"), error);
        // Absolute: a function started by hand elsewhere reads the same one.
        let file = data.path().canonicalize().map_err(failed)?.join("clock");
        let clock = Self { file, engine, ahead: Mutex::new(0) };
        clock.set(0).map_err(failed)?;
        Ok(clock)
    }

    /// The file that says how many milliseconds the clock is ahead.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Milliseconds that the clock is ahead of the machine's.
    pub fn ahead(&self) -> u64 {
        *self.lock()
    }

    /// Puts the clock forward until it is so many milliseconds ahead of the machine's.
    pub fn run_ahead_by(&self, millis: u64) -> Result<(), ClockError> {
        let mut ahead = self.lock();
        if millis < *ahead {
            return Err(ClockError::Backwards(*ahead));
        }
        self.set(millis).map_err(|error| ClockError::File(self.file.clone(), error))?;
        *ahead = millis;
        Ok(())
    }

    fn set(&self, millis: u64) -> io::Result<()> {
        // The functions first and the queues last: a message that shows must not find its function
        // in the past.
        write_whole(&self.file, &millis.to_string())?;
        clock::run_ahead_by(Duration::from_millis(millis));
        self.engine.run_ahead_by(Duration::from_millis(millis));
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        self.ahead.lock().expect("no holder of this lock panics")
    }
}

/// The present, as functions are told it.
pub fn now_utc() -> OffsetDateTime {
    let nanos = i128::from(clock::now().as_millis()) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
