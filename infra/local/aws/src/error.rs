//! Why the stack did not start.

use std::io;
use std::path::PathBuf;

use crate::template;

/// Why the stack did not start, in words for whoever started it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The template cannot be read, or says something that this runner does not understand.
    #[error(transparent)]
    Template(#[from] template::Error),
    /// Something else listens on the API's port.
    #[error("port {0} is in use: choose another with --port, or any free one with --port 0")]
    PortInUse(u16),
    /// Something else listens on the receiver's port.
    #[error("port {0} is in use: choose another for the receiver with --receiver-port")]
    ReceiverPortInUse(u16),
    /// A port could not be listened on for another reason.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(#[source] io::Error),
    /// Another stack works in the data directory.
    #[error(
        "another stack works in {0}: stop it, choose another directory with --data, or use --ephemeral"
    )]
    DataInUse(PathBuf),
    /// A file of the data directory cannot be read or written.
    #[error("{0}: {1}")]
    Data(PathBuf, #[source] io::Error),
    /// A file of the data directory does not hold what it should.
    #[error("{0}: {1}")]
    DataInvalid(PathBuf, String),
    /// A function's binary is not there, or cannot be run.
    #[error(
        "function {0}: {1} cannot be run ({2}); build it with `cargo build --workspace`, or name the directory of the binaries with --functions"
    )]
    Function(String, PathBuf, #[source] io::Error),
    /// A function's first process ended before it asked for work; its output is on the terminal.
    #[error("function {0} ended before it asked for work; what it wrote stands above")]
    Start(String),
    /// DynamoDB's stand-in refused something.
    #[error("DynamoDB: {0}")]
    DynamoDb(String),
    /// The data directory's table was made from another template.
    #[error(
        "table {0} in the data directory has other keys or indexes than the template: remove the data directory, or choose another with --data"
    )]
    TableDiffers(String),
    /// SQS's stand-in refused something.
    #[error("SQS: {0}")]
    Sqs(String),
    /// A queue cannot invoke a function.
    #[error("queue {0} cannot invoke {1}: {2}")]
    Mapping(String, String, String),
}
