//! Why the stack did not start.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::template;

/// Why the stack did not start, in words for whoever started it.
#[derive(Debug)]
pub enum Error {
    /// The template cannot be read, or says something that this runner does not understand.
    Template(template::Error),
    /// Something else listens on the API's port.
    PortInUse(u16),
    /// Something else listens on the receiver's port.
    ReceiverPortInUse(u16),
    /// A port could not be listened on for another reason.
    Listen(io::Error),
    /// Another stack works in the data directory.
    DataInUse(PathBuf),
    /// A file of the data directory cannot be read or written.
    Data(PathBuf, io::Error),
    /// A file of the data directory does not hold what it should.
    DataInvalid(PathBuf, String),
    /// A function's binary is not there, or cannot be run.
    Function(String, PathBuf, io::Error),
    /// DynamoDB's stand-in refused something.
    DynamoDb(String),
    /// The data directory's table was made from another template.
    TableDiffers(String),
    /// SQS's stand-in refused something.
    Sqs(String),
    /// A queue cannot invoke a function.
    Mapping(String, String, String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template(error) => error.fmt(f),
            Self::PortInUse(port) => {
                write!(
                    f,
                    "port {port} is in use: choose another with --port, or any free one with --port 0"
                )
            }
            Self::ReceiverPortInUse(port) => {
                write!(
                    f,
                    "port {port} is in use: choose another for the receiver with --receiver-port"
                )
            }
            Self::Listen(error) => write!(f, "cannot listen on 127.0.0.1: {error}"),
            Self::DataInUse(path) => write!(
                f,
                "another stack works in {}: stop it, choose another directory with --data, or use --ephemeral",
                path.display()
            ),
            Self::Data(path, error) => write!(f, "{}: {error}", path.display()),
            Self::DataInvalid(path, reason) => write!(f, "{}: {reason}", path.display()),
            Self::Function(name, path, error) => write!(
                f,
                "function {name}: {} cannot be run ({error}); build it with `cargo build --workspace`, or name \
                 the directory of the binaries with --functions",
                path.display()
            ),
            Self::DynamoDb(reason) => write!(f, "DynamoDB: {reason}"),
            Self::TableDiffers(table) => write!(
                f,
                "table {table} in the data directory has other keys or indexes than the template: remove the data \
                 directory, or choose another with --data"
            ),
            Self::Sqs(reason) => write!(f, "SQS: {reason}"),
            Self::Mapping(queue, function, reason) => {
                write!(f, "queue {queue} cannot invoke {function}: {reason}")
            }
        }
    }
}

impl std::error::Error for Error {}

impl From<template::Error> for Error {
    fn from(error: template::Error) -> Self {
        Self::Template(error)
    }
}
