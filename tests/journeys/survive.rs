//! Processes that die and messages that cannot be read: nothing that was accepted is lost.

mod crashes;
mod lambda_limits;
mod poison;
mod restarts;
