//! The journeys: one file each, through the front door of a real local stack.

mod catalogue;
mod crashes;
mod egress;
mod faults;
mod filters;
mod idempotency;
mod isolation;
mod many;
mod paging;
mod parking;
mod pausing;
mod poison;
mod problems;
mod publish;
mod resend;
mod restarts;
mod retries;
mod secrets;
mod sizes;
mod verifiers;
