//! The journeys: a folder for each capability, through the front door of a real local stack.

mod access;
mod api;
mod deliver;
mod egress;
mod erase;
mod operate;
mod order;
mod portal;
mod publish;
mod record;
mod resend;
mod secrets;
mod statistics;
mod survive;
mod systems;
mod wait;
