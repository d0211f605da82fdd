//! The CPU time that processes and their threads have used, from `/proc` (see `proc_pid_stat(5)`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::BenchError;

/// The kernel's unit of time in `/proc/PID/stat`: `USER_HZ`, 100 on every platform that this runs
/// on.
const TICK: Duration = Duration::from_millis(10);

/// User and system time by what it was used for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cpu(BTreeMap<(String, u32), Duration>);

impl Cpu {
    /// Adds a process as one.
    pub(crate) fn add_process(&mut self, name: &str, pid: u32) -> Result<(), BenchError> {
        let path = PathBuf::from(format!("/proc/{pid}/stat"));
        let (_, time) = read(&path)?;
        self.0.insert((name.to_owned(), pid), time);
        Ok(())
    }

    /// Adds a process thread by thread: its first one as `main`, others by their own names.
    pub(crate) fn add_threads(
        &mut self,
        name: &str,
        pid: u32,
        main: &str,
    ) -> Result<(), BenchError> {
        let tasks = PathBuf::from(format!("/proc/{pid}/task"));
        let entries =
            fs::read_dir(&tasks).map_err(|error| BenchError::File(tasks.clone(), error))?;
        for thread in
            entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        {
            // A thread may end between the listing and this.
            if let Ok((own, time)) = read(&tasks.join(thread.to_string()).join("stat")) {
                let own = if thread == pid { main } else { &own };
                self.0.insert((format!("{name}: {own}"), thread), time);
            }
        }
        Ok(())
    }

    /// What was used since `earlier`, processes and threads of one name together. Who was not there
    /// yet used all of its time since; what one used that has ended is lost.
    pub(crate) fn since(&self, earlier: &Self) -> BTreeMap<String, Duration> {
        let mut used = BTreeMap::new();
        for (key, time) in &self.0 {
            let before = earlier.0.get(key).copied().unwrap_or_default();
            *used.entry(key.0.clone()).or_default() += time.saturating_sub(before);
        }
        used
    }
}

/// The name and the time of a process or a thread.
fn read(path: &Path) -> Result<(String, Duration), BenchError> {
    let text =
        fs::read_to_string(path).map_err(|error| BenchError::File(path.to_path_buf(), error))?;
    parse(&text)
        .ok_or_else(|| BenchError::File(path.to_path_buf(), std::io::ErrorKind::InvalidData.into()))
}

/// `PID (name) state …`: user time is field 14, system time field 15. A name may hold anything,
/// brackets too.
fn parse(stat: &str) -> Option<(String, Duration)> {
    let (head, rest) = stat.rsplit_once(')')?;
    let (_, name) = head.split_once('(')?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let (user, system): (u32, u32) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((name.to_owned(), TICK * (user + system)))
}

/// The machine: its CPU's model, its cores, and how busy it was in the last minute.
pub(crate) fn machine() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?").to_owned();
    format!("{}, load {load}", model())
}

/// The CPU's model, and its cores.
pub(crate) fn model() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map(|(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{}, {cores} cores", model.unwrap_or("unknown CPU").trim())
}

#[cfg(test)]
mod tests;
