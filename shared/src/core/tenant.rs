//! A tenant: the platform's customer, and how many events it may publish.

pub mod flow;
