//! The journeys: one file each, through the front door of a real local stack.

mod publish;
mod retries;
mod resend;
