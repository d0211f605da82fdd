//! Lambda: functions as pools of real processes that ask for invocations through the Runtime API.
//!
//! [`Function`] is the pool, [`instance`] one process of it, [`runtime_api`] what the processes
//! talk to, and [`invoke_api`] the public way in. [`limits`] says what Lambda allows a function, and
//! [`memory`] how much it has.

mod environment;
mod function;
mod instance;
pub mod invoke_api;
mod limits;
mod memory;
mod processes;
pub mod runtime_api;

use bytes::Bytes;
use serde::Serialize;
use shared::core::timestamp::Timestamp;
use tokio::sync::oneshot;

pub use environment::{Endpoints, Environment};
pub use function::{Function, FunctionStatus, Settings};
pub use limits::{
    ANSWER_LIMIT, ASYNC_PAYLOAD_LIMIT, ENVIRONMENT_LIMIT, ExceededCounts, PAYLOAD_LIMIT,
};

/// What came of an invocation: the function's answer, or its error.
pub type Outcome = Result<Bytes, FunctionError>;

/// An invocation on its way to a process.
#[derive(Debug)]
pub struct Invocation {
    /// A UUID.
    pub request_id: String,
    /// The JSON that the function is invoked with.
    pub payload: Bytes,
    /// When the process will be ended.
    pub deadline: Timestamp,
}

/// A function failed: it said so, it ended, or it took too long.
#[derive(Debug, Clone)]
pub struct FunctionError {
    /// The error as Lambda's callers see it: `{"errorType", "errorMessage", …}`.
    pub payload: Bytes,
}

/// Where an invocation's outcome is sent.
type Reply = oneshot::Sender<Outcome>;

impl FunctionError {
    /// The process ended while it ran the invocation.
    fn exited(request_id: &str, status: &str) -> Self {
        Self::new(
            "Runtime.ExitError",
            format!("RequestId: {request_id} Error: Runtime exited with error: {status}"),
        )
    }

    /// The process did not answer by the deadline.
    fn timed_out(request_id: &str, seconds: f64) -> Self {
        Self::new(
            "Sandbox.Timedout",
            format!("RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds"),
        )
    }

    /// The process had more memory than the function may have, and was ended for it.
    fn out_of_memory(request_id: &str) -> Self {
        Self::new(
            "Runtime.OutOfMemory",
            format!("RequestId: {request_id} Error: Runtime exited with error: signal: killed"),
        )
    }

    /// The answer is larger than [`ANSWER_LIMIT`].
    fn answer_too_large() -> Self {
        Self::new(
            "Function.ResponseSizeTooLarge",
            format!(
                "Response payload size exceeded maximum allowed payload size ({ANSWER_LIMIT} bytes)."
            ),
        )
    }

    /// The process left more in its temporary directory than the function may have there. Lambda
    /// has no such error: there, the write fails.
    fn temporary_full(request_id: &str) -> Self {
        Self::new(
            "Local.NoSpaceLeftOnDevice",
            format!("RequestId: {request_id} Error: /tmp holds more than EphemeralStorage"),
        )
    }

    fn new(error_type: &str, error_message: String) -> Self {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Payload<'a> {
            error_type: &'a str,
            error_message: String,
        }
        let payload =
            serde_json::to_vec(&Payload { error_type, error_message }).unwrap_or_default();
        Self { payload: payload.into() }
    }
}
