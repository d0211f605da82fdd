//! Logs: JSON lines on standard output, where Lambda takes them from.

use std::str::FromStr;

use tracing::level_filters::LevelFilter;

/// Starts logging at `LOG_LEVEL` (`error`, `warn`, `info`, `debug`; `info` if absent or another word).
pub fn start() {
    let level = crate::env::optional("LOG_LEVEL").and_then(|level| LevelFilter::from_str(&level).ok());
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_max_level(level.unwrap_or(LevelFilter::INFO))
        .init();
}
