//! What the functions write: always to a file each, and to the terminal what is serious enough.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::Error;

/// How serious a line is; also what to show on the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing is shown.
    Off,
    /// Errors, panics, and what is not a log line on standard error.
    Error,
    /// Warnings too.
    Warn,
    /// Information too.
    Info,
    /// All of it.
    Debug,
}

/// Where one function's output goes.
#[derive(Debug)]
pub struct Log {
    name: String,
    shown: Level,
    file: Mutex<File>,
    /// Bytes that the function wrote itself.
    written: AtomicU64,
}

impl Log {
    /// Opens `<directory>/<name>.log` to append to.
    pub fn open(directory: &Path, name: &str, shown: Level) -> Result<Self, Error> {
        let path = directory.join(format!("{name}.log"));
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.map_err(|error| Error::Data(path, error))?;
        Ok(Self {
            name: name.to_owned(),
            shown,
            file: Mutex::new(file),
            written: AtomicU64::new(0),
        })
    }

    /// Bytes that the function wrote so far.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Says something about the function that it could not say itself.
    pub fn say(&self, level: Level, message: &str) {
        self.append(format!("{message}\n").as_bytes());
        if level <= self.shown {
            self.show(message);
        }
    }

    /// Copies a process's output until it ends. `unmarked` is the level of lines that are not JSON
    /// with a level.
    pub async fn copy(&self, mut from: impl AsyncRead + Unpin, unmarked: Level) {
        let mut buffer = Vec::with_capacity(8 * 1024);
        loop {
            match from.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(_) => {
                    // Whole lines only: two processes of a function share the file.
                    let Some(end) = buffer.iter().rposition(|byte| *byte == b'\n') else {
                        continue;
                    };
                    self.lines(&buffer[..=end], unmarked);
                    buffer.drain(..=end);
                }
            }
        }
        if !buffer.is_empty() {
            buffer.push(b'\n');
            self.lines(&buffer, unmarked);
        }
    }

    fn lines(&self, lines: &[u8], unmarked: Level) {
        self.append(lines);
        self.written.fetch_add(lines.len() as u64, Ordering::Relaxed);
        if self.shown == Level::Off {
            return;
        }
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            if level_of(line).unwrap_or(unmarked) <= self.shown {
                self.show(&String::from_utf8_lossy(line));
            }
        }
    }

    fn append(&self, bytes: &[u8]) {
        // A full disk must not end the functions; the terminal still shows what is serious.
        if let Ok(mut file) = self.file.lock() {
            let _ = file.write_all(bytes);
        }
    }

    fn show(&self, line: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{:13} {line}", self.name);
    }
}

#[derive(Deserialize)]
struct Line<'a> {
    level: &'a str,
}

fn level_of(line: &[u8]) -> Option<Level> {
    let line: Line = serde_json::from_slice(line).ok()?;
    // tracing writes upper case, other loggers lower.
    Some(match line.level.to_ascii_lowercase().as_str() {
        "error" | "fatal" => Level::Error,
        "warn" | "warning" => Level::Warn,
        "info" => Level::Info,
        _ => Level::Debug,
    })
}

#[cfg(test)]
mod tests;
