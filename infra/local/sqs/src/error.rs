//! Why there is no queue service.

/// Why an engine could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The journal could not be opened, read or made.
    #[error("the SQS journal could not be opened: {0}")]
    Journal(#[from] rusqlite::Error),
    /// The journal was written by another version of this crate, whose number is given.
    #[error("the SQS journal has the unknown version {0}")]
    Version(i64),
    /// The journal holds what this crate does not write.
    #[error("the SQS journal could not be understood: {0}")]
    Content(String),
    /// The journal's thread could not be started.
    #[error("the SQS journal's thread could not be started: {0}")]
    Thread(#[from] std::io::Error),
}
