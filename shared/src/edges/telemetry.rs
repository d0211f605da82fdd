//! Logs: JSON lines on standard output, where Lambda takes them from.

use std::str::FromStr;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// Starts logging at `LOG_LEVEL` (`error`, `warn`, `info`, `debug`; `info` if absent or another
/// word).
pub fn start() {
    let level = level(crate::edges::env::optional("LOG_LEVEL").as_deref());
    // The runtime opens a span for each invocation, whose fields would be formatted and never
    // written.
    let targets = Targets::new()
        .with_default(level)
        .with_target("lambda_runtime", LevelFilter::WARN)
        .with_target("lambda_http", LevelFilter::WARN);
    let lines =
        fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
    tracing_subscriber::registry().with(lines.with_filter(targets)).init();
}

/// Nothing below `debug`: the AWS SDK would write down whole requests and answers.
fn level(name: Option<&str>) -> LevelFilter {
    let level = name.and_then(|name| LevelFilter::from_str(name).ok());
    level
        .filter(|level| (LevelFilter::ERROR..=LevelFilter::DEBUG).contains(level))
        .unwrap_or(LevelFilter::INFO)
}

#[cfg(test)]
mod tests;
