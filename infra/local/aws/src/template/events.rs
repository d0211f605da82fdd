//! What invokes a function, besides the API: queues and schedules.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::{Error, Function, Mapping, Resource, Scope};

/// How many of a queue's messages a function may handle at a time when the mapping does not say.
const DEFAULT_CONCURRENCY: usize = 2;

/// Adds an event source to a function.
pub(super) fn add(
    function: &mut Function,
    place: &str,
    event: &Value,
    scope: &Scope,
) -> Result<(), Error> {
    let malformed = |error: serde_json::Error| Error::new(place, error.to_string());
    match event["Type"].as_str() {
        Some("SQS") => {
            let source = SqsSource::deserialize(&event["Properties"]).map_err(malformed)?;
            if source.enabled {
                function.mappings.push(source.mapping(place)?);
            }
        }
        Some("Schedule") => {
            let schedule = Schedule::deserialize(&event["Properties"]).map_err(malformed)?;
            // EventBridge's finest rate is a minute; the parameter lets a local stack tick faster,
            // and tells the function so.
            let local =
                scope.parameter("TickSeconds").and_then(Value::as_u64).map(Duration::from_secs);
            let period = local.map_or_else(|| schedule.period(place), Ok)?;
            function.schedule = schedule.enabled.then_some(period);
        }
        kind => {
            let kind = kind.unwrap_or("no type");
            return Err(Error::new(
                place,
                format!("the local stack does not understand the event source {kind}"),
            ));
        }
    }
    Ok(())
}

/// A mapping that is a resource of its own, and the name of the function that it invokes.
pub(super) fn mapping(
    id: &str,
    resource: &Resource,
    scope: &Scope,
) -> Result<(String, Mapping), Error> {
    resource.only(
        id,
        &["FunctionName", "EventSourceArn", "BatchSize", "FunctionResponseTypes", "ScalingConfig"],
        &[],
    )?;
    let function = scope.text(id, resource.property(id, "FunctionName")?)?;
    let mut source = serde_json::Map::new();
    for (name, value) in &resource.properties {
        if let Some(name) = name.as_str().filter(|name| *name != "FunctionName") {
            source.insert(name.to_owned(), scope.resolve(id, value)?);
        }
    }
    let source = SqsSource::deserialize(Value::Object(source))
        .map_err(|error| Error::new(id, error.to_string()))?;
    Ok((function, source.mapping(id)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct SqsSource {
    /// Its ARN, by the name that SAM has for it or by that of plain templates.
    #[serde(alias = "EventSourceArn")]
    queue: String,
    #[serde(default = "ten")]
    batch_size: usize,
    #[serde(default)]
    maximum_batching_window_in_seconds: u64,
    #[serde(default)]
    function_response_types: Vec<String>,
    #[serde(default)]
    scaling_config: ScalingConfig,
    #[serde(default = "enabled")]
    enabled: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ScalingConfig {
    maximum_concurrency: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Schedule {
    schedule: String,
    #[serde(default = "enabled")]
    enabled: bool,
}

/// Lambda's default batch size for a queue.
fn ten() -> usize {
    10
}

fn enabled() -> bool {
    true
}

impl SqsSource {
    fn mapping(self, place: &str) -> Result<Mapping, Error> {
        let queue = self.queue.rsplit(':').next().unwrap_or_default().to_owned();
        let window = Duration::from_secs(self.maximum_batching_window_in_seconds);
        // Lambda's own rules: 10,000 at most, and above 10 only with a window.
        if self.batch_size == 0
            || self.batch_size > 10_000
            || (self.batch_size > 10 && window.is_zero())
        {
            let rule = "is not 1 to 10, or up to 10,000 with a batching window of a second or more";
            return Err(Error::new(place, format!("BatchSize {} {rule}", self.batch_size)));
        }
        let reports_failures =
            self.function_response_types.iter().any(|name| name == "ReportBatchItemFailures");
        let concurrency =
            self.scaling_config.maximum_concurrency.unwrap_or(DEFAULT_CONCURRENCY).max(1);
        Ok(Mapping { queue, batch_size: self.batch_size, window, reports_failures, concurrency })
    }
}

impl Schedule {
    /// `rate(5 minutes)` as a duration.
    fn period(&self, place: &str) -> Result<Duration, Error> {
        let inner = self.schedule.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
        let (count, unit) = inner.and_then(|inner| inner.split_once(' ')).unwrap_or_default();
        let seconds = match unit.trim_end_matches('s') {
            "minute" => 60,
            "hour" => 3600,
            "day" => 86400,
            _ => 0,
        };
        match count.parse::<u64>() {
            Ok(count) if count > 0 && seconds > 0 => Ok(Duration::from_secs(count * seconds)),
            _ => Err(Error::new(
                place,
                format!("the local stack does not understand the schedule {}", self.schedule),
            )),
        }
    }
}

#[cfg(test)]
mod tests;
