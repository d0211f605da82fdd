//! The data directory: where databases, keys and logs live, and the lock that keeps a second stack
//! out.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::Error;
use crate::random;

/// A data directory that this process holds.
#[derive(Debug)]
pub struct Data {
    path: PathBuf,
    ephemeral: bool,
    /// Whether its databases are files.
    files: bool,
    /// Locked for as long as it is open.
    _lock: File,
}

impl Data {
    /// Takes a directory that outlives the stack, and makes it when it is not there.
    pub fn take(path: &Path) -> Result<Self, Error> {
        Self::open(path.to_path_buf(), false, true)
    }

    /// Makes a directory that is removed when the stack ends. Its databases are in memory, or files
    /// as well.
    pub fn ephemeral(files: bool) -> Result<Self, Error> {
        Self::open(std::env::temp_dir().join(format!("postrider-{}", random::hex())), true, files)
    }

    fn open(path: PathBuf, ephemeral: bool, files: bool) -> Result<Self, Error> {
        // Keys and payloads are inside: nobody else's to read.
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
        made.map_err(|error| Error::Data(path.clone(), error))?;
        let lock = path.join("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&lock);
        let file = file.map_err(|error| Error::Data(lock.clone(), error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path, ephemeral, files, _lock: file }),
            Err(TryLockError::WouldBlock) => Err(Error::DataInUse(path)),
            Err(TryLockError::Error(error)) => Err(Error::Data(lock, error)),
        }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of a database, or none when it is to live in memory.
    pub fn database(&self, name: &str) -> Option<PathBuf> {
        self.files.then(|| self.path.join(name))
    }

    /// The directory of the functions' logs.
    pub fn logs(&self) -> Result<PathBuf, Error> {
        let path = self.path.join("logs");
        fs::create_dir_all(&path).map_err(|error| Error::Data(path.clone(), error))?;
        Ok(path)
    }

    /// The directory of the functions' temporary files, without those of an earlier run.
    pub fn temporary(&self) -> Result<PathBuf, Error> {
        let path = self.path.join("tmp");
        let failed = |error| Error::Data(path.clone(), error);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            Ok(()) | Err(_) => {}
        }
        fs::create_dir_all(&path).map_err(failed)?;
        Ok(path)
    }

    /// What a secret's file holds; `make` is asked for its first content.
    pub fn secret(&self, name: &str, make: impl FnOnce() -> String) -> Result<String, Error> {
        let path = self.path.join(name);
        let failed = |error| Error::Data(path.clone(), error);
        match fs::read_to_string(&path) {
            Ok(text) if text.trim().is_empty() => {
                Err(Error::DataInvalid(path, "is empty".to_owned()))
            }
            Ok(text) => Ok(text.trim().to_owned()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let secret = make();
                self.write(name, &format!("{secret}\n")).map_err(failed)?;
                Ok(secret)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Writes a file that only its owner may read, whole or not at all.
    pub fn write(&self, name: &str, content: &str) -> std::io::Result<()> {
        write_whole(&self.path.join(name), content)
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        if self.ephemeral {
            // Nothing can be done about a failure here, and the system clears its temporary
            // directory itself.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Writes a file that only its owner may read, whole or not at all: a reader never sees half of it.
pub fn write_whole(path: &Path, content: &str) -> std::io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let mut file =
        OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&temporary)?;
    file.write_all(content.as_bytes())?;
    fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests;
