//! The tables, as Markdown.

use std::fmt::Write as _;

use super::cost::Named;
use super::pages::Log;
use crate::thousands::grouped;

/// What each operation costs.
pub(super) fn operations(costs: &[Named]) -> String {
    let mut text =
        "| operation | read units | write units | DynamoDB requests | SQS requests |\n|---|--:|--:|--:|--:|\n"
            .to_owned();
    for Named { name, cost } in costs {
        let figures =
            [cost.read_units, cost.write_units, cost.dynamodb, cost.sqs].map(figure).join(" | ");
        let _ = writeln!(text, "| {name} | {figures} |");
    }
    text
}

/// What each page costs, with a column for each log: read units, and in brackets requests to
/// DynamoDB.
pub(super) fn pages(logs: &[Log]) -> String {
    let mut text = "| page of 50 |".to_owned();
    for log in logs {
        let _ = write!(text, " {} deliveries |", grouped(log.deliveries));
    }
    let _ = writeln!(text, "\n|---|{}", "--:|".repeat(logs.len()));
    for (position, page) in logs.first().map_or(&[][..], |log| &log.pages).iter().enumerate() {
        let _ = write!(text, "| {} |", page.name);
        for cost in logs.iter().filter_map(|log| log.pages.get(position)).map(|page| page.cost) {
            let _ = write!(text, " {} ({}) |", figure(cost.read_units), figure(cost.dynamodb));
        }
        text.push('\n');
    }
    text
}

/// With as many of two decimals as say something.
fn figure(figure: f64) -> String {
    let text = format!("{figure:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
