//! Dollars: counts times prices, under the assumptions that are printed with them.

use super::counts::Counted;
use super::deployment::Deployment;
use super::prices::Prices;

/// The memory in MB with which a function has one CPU to itself; with less it has its share (Lambda
/// developer guide, "Configure Lambda function memory").
pub(super) const ONE_CPU_MB: f64 = 1_769.0;
/// Bytes of the lines that Lambda itself writes about an invocation, START, END and REPORT, as
/// text.
const PLATFORM_LINES: f64 = 280.0;
/// Long polls that Lambda keeps at an idle queue, and how long each lasts (Lambda developer guide,
/// "Configuring scaling behavior for SQS event source mappings": five batches at a time, fewer only
/// without a maximum concurrency).
pub(super) const POLLERS: u32 = 5;
const POLL_SECONDS: f64 = 20.0;
/// A month of 30 days.
const MONTH_MINUTES: f64 = 43_200.0;
const GB: f64 = 1e9;
/// Deliveries that a bill is for.
const MILLION: f64 = 1e6;

/// One line of a bill.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) dollars: f64,
}

/// What a million deliveries cost that are like this one.
pub(super) fn of_a_million(
    delivery: &Counted,
    prices: &Prices,
    deployment: &Deployment,
) -> Vec<Line> {
    let (of, delivery) = (&prices.prices, delivery.times(MILLION));
    let units = of.dynamodb_write_unit.of(delivery.write_units)
        + of.dynamodb_read_unit.of(delivery.read_units);
    [
        ("API Gateway, HTTP API", of.http_api_request.of(delivery.http_requests)),
        ("Lambda, requests", of.lambda_request.of(invocations(&delivery))),
        ("Lambda, duration", of.lambda_gb_second.of(gb_seconds(&delivery, deployment))),
        ("SQS, requests", of.sqs_request.of(delivery.sqs_requests)),
        ("SQS, fair queue", of.sqs_fair_request.of(delivery.sqs_fair_requests)),
        ("DynamoDB, units", units),
        ("DynamoDB, 30 days of record", of.dynamodb_gb_month.of(delivery.stored_bytes / GB)),
        ("CloudWatch Logs", of.log_gb.of(log_bytes(&delivery, deployment) / GB)),
        ("data to receivers and callers", of.transfer_out_gb.of(delivery.sent_bytes / GB)),
    ]
    .map(|(name, dollars)| line(name, dollars))
    .into()
}

/// What a month costs in which nothing happens.
pub(super) fn of_a_month(tick: &Counted, prices: &Prices, deployment: &Deployment) -> Vec<Line> {
    let (of, ticks) = (&prices.prices, tick.times(MONTH_MINUTES));
    let scheduler = of.lambda_request.of(invocations(&ticks))
        + of.lambda_gb_second.of(gb_seconds(&ticks, deployment))
        + of.dynamodb_read_unit.of(ticks.read_units)
        + of.dynamodb_write_unit.of(ticks.write_units)
        + of.log_gb.of(log_bytes(&ticks, deployment) / GB);
    let polls = f64::from(deployment.mappings * POLLERS) * MONTH_MINUTES * 60.0 / POLL_SECONDS;
    let mut lines = vec![
        line("scheduler, a run each minute", scheduler),
        line(
            &format!("SQS, long polls of {} queues", deployment.mappings),
            of.sqs_request.of(polls),
        ),
    ];
    for monthly in &prices.monthly {
        let count = deployment.count(&monthly.r#type);
        if count > 0 {
            lines.push(line(
                &format!("{count} {}", monthly.name),
                f64::from(count) * monthly.dollars,
            ));
        }
    }
    lines
}

/// The sum of a bill.
pub(super) fn total(lines: &[Line]) -> f64 {
    lines.iter().map(|line| line.dollars).sum()
}

fn line(name: &str, dollars: f64) -> Line {
    Line { name: name.to_owned(), dollars }
}

fn invocations(counted: &Counted) -> f64 {
    counted.functions.values().map(|invoked| invoked.invocations).sum()
}

/// What was waited for here lasts as long there; what was computed here takes longer by the share
/// of a CPU that the function's memory gives it.
fn gb_seconds(counted: &Counted, deployment: &Deployment) -> f64 {
    let functions = counted.functions.iter().map(|(name, invoked)| {
        let memory = deployment.memory.get(name).copied().unwrap_or(ONE_CPU_MB);
        let longer = (ONE_CPU_MB / memory - 1.0).max(0.0);
        memory / 1_024.0 * (invoked.wall_ms + longer * invoked.cpu_ms) / 1_000.0
    });
    functions.sum()
}

fn log_bytes(counted: &Counted, deployment: &Deployment) -> f64 {
    let platform = if deployment.quiet_logs { 0.0 } else { PLATFORM_LINES * invocations(counted) };
    counted.log_bytes + platform
}

#[cfg(test)]
mod tests;
