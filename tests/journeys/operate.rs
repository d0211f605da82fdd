//! Operating: events, metrics, rights and figures.

mod events;
mod events_at_once;
mod figures;
mod metrics;
mod rights;
