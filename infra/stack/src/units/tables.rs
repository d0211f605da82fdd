//! The tables, as Markdown.

use std::fmt::Write as _;

use super::cost::Named;
use super::pages::Log;

/// What each operation costs.
pub(super) fn operations(costs: &[Named]) -> String {
    let mut text =
        "| operation | read units | write units | DynamoDB requests | SQS requests |\n|---|--:|--:|--:|--:|\n"
            .to_owned();
    for Named { name, cost } in costs {
        let figures = [cost.read_units, cost.write_units, cost.dynamodb, cost.sqs].map(figure).join(" | ");
        let _ = writeln!(text, "| {name} | {figures} |");
    }
    text
}

/// What each page costs, with a column for each log: read units, and in brackets requests to DynamoDB.
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

/// With commas between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::cost::Cost;
    use super::*;

    fn named(name: &str, read_units: f64, dynamodb: f64) -> Named {
        Named { name: name.to_owned(), cost: Cost { read_units, dynamodb, write_units: 1.25, sqs: 0.0 } }
    }

    #[test]
    fn an_operation_is_a_row() {
        let table = operations(&[named("publish", 0.5, 3.0), named("list", 32.0, 10.004)]);
        let right = "| operation | read units | write units | DynamoDB requests | SQS requests |\n\
                     |---|--:|--:|--:|--:|\n\
                     | publish | 0.5 | 1.25 | 3 | 0 |\n\
                     | list | 32 | 1.25 | 10 | 0 |\n";
        assert_eq!(table, right);
    }

    #[test]
    fn a_log_is_a_column() {
        let log = |deliveries, read_units| Log { deliveries, pages: vec![named("newest", read_units, 9.0)] };
        let table = pages(&[log(1_000, 4.5), log(1_000_000, 20.0)]);
        let right = "| page of 50 | 1,000 deliveries | 1,000,000 deliveries |\n\
                     |---|--:|--:|\n\
                     | newest | 4.5 (9) | 20 (9) |\n";
        assert_eq!(table, right);
        assert_eq!([grouped(1), grouped(999), grouped(12_345)], ["1", "999", "12,345"]);
    }
}
