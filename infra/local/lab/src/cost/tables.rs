//! The tables, as Markdown.

use std::fmt::Write as _;

use super::bill::{self, Line, ONE_CPU_MB, POLLERS};
use super::counts::{Counts, Traffic, Workload};
use super::deployment::Deployment;
use super::prices::Prices;

/// All of them, with what they assume.
pub(super) fn all(counts: &Counts, prices: &Prices, deployment: &Deployment) -> String {
    let bills: Vec<Vec<Line>> = counts
        .workloads
        .iter()
        .map(|workload| bill::of_a_million(&workload.counted, prices, deployment))
        .collect();
    let month = bill::of_a_month(&counts.tick, prices, deployment);
    format!(
        "Dollars for a million deliveries of 1 KB, by the prices of {} as of {} (`infra/cost/prices.yaml`), no free allowance \
         taken off:\n\n{}\n{}\nA month in which nothing happens:\n\n{}\nThe same million, one receiver each, elsewhere, as \
         published:\n\n{}",
        prices.region,
        prices.date,
        millions(&counts.workloads, &bills),
        assumptions(counts, deployment),
        month_table(&month),
        elsewhere(&counts.workloads, &bills, prices),
    )
}

fn millions(workloads: &[Workload], bills: &[Vec<Line>]) -> String {
    let mut text = "| |".to_owned();
    for workload in workloads {
        let _ = write!(text, " {}, {} |", workload.name, traffic(workload.traffic));
    }
    let _ = writeln!(text, "\n|---|{}", "--:|".repeat(workloads.len()));
    for (place, line) in bills.first().map_or(&[][..], Vec::as_slice).iter().enumerate() {
        let _ = write!(text, "| {} |", line.name);
        for bill in bills {
            let _ = write!(text, " {:.2} |", bill[place].dollars);
        }
        text.push('\n');
    }
    row(
        &mut text,
        "**together**",
        bills.iter().map(|bill| format!("**{:.2}**", bill::total(bill))),
    );
    let figure = |figure: fn(&Workload) -> f64| {
        workloads.iter().map(move |workload| format!("{:.2}", figure(workload)))
    };
    row(
        &mut text,
        "deliveries in an invocation",
        figure(|workload| workload.counted.deliveries_an_invocation()),
    );
    row(&mut text, "SQS requests a delivery", figure(|workload| workload.counted.sqs_requests));
    let units = |workload: &Workload| {
        format!("{:.2} / {:.2}", workload.counted.read_units, workload.counted.write_units)
    };
    row(&mut text, "read / write units a delivery", workloads.iter().map(units));
    text
}

fn assumptions(counts: &Counts, deployment: &Deployment) -> String {
    let memory = deployment.memory.get("delivery").copied().unwrap_or_default();
    format!(
        "Counted on {} on {}. *Quiet* is a request a minute: no batch forms, and every cache is stale. *Busy* is a queue that is never \
         empty. A receiver takes {} ms and each request to SQS and DynamoDB {} ms, which a function is billed for waiting; the CPU \
         time that it used there is billed {:.1} times as long, as {memory} MB have {:.0} % of a CPU in Lambda. Every request to the \
         deliveries queue that carries a message is billed as one to a fair queue. Not in it: cold starts, KMS, \
         TLS handshakes, taxes, and what reads the record.\n",
        counts.machine,
        counts.date,
        counts.conditions.receiver_ms,
        counts.conditions.aws_ms,
        ONE_CPU_MB / memory,
        100.0 * memory / ONE_CPU_MB,
    )
}

fn month_table(month: &[Line]) -> String {
    let mut text = "| | dollars a month |\n|---|--:|\n".to_owned();
    for line in month {
        let _ = writeln!(text, "| {} | {:.2} |", line.name, line.dollars);
    }
    let _ = writeln!(text, "| **together** | **{:.2}** |", bill::total(month));
    let _ = writeln!(
        text,
        "\nLambda keeps {POLLERS} long polls of 20 seconds at each queue, whether or not anything comes."
    );
    text
}

fn elsewhere(workloads: &[Workload], bills: &[Vec<Line>], prices: &Prices) -> String {
    let mut text = "| | dollars | | price read |\n|---|--:|---|---|\n".to_owned();
    let mut rows = Vec::new();
    for (workload, bill) in
        workloads.iter().zip(bills).filter(|(workload, _)| workload.name == SINGLE)
    {
        let name = format!("Postrider, {}, {}", workload.name, traffic(workload.traffic));
        rows.push((
            bill::total(bill),
            format!("**{name}**"),
            String::from("30 days of record"),
            prices.date.clone(),
        ));
    }
    for other in &prices.elsewhere {
        let read = format!(
            "[{}]({})",
            other.source.seen(),
            other.source.by.as_ref().unwrap_or(&other.source.page)
        );
        rows.push((
            other.dollars(),
            format!("[{}]({})", other.name, other.source.page),
            other.note.clone(),
            read,
        ));
    }
    rows.sort_by(|one, other| one.0.total_cmp(&other.0));
    for (dollars, name, note, read) in rows {
        let _ = writeln!(text, "| {name} | {dollars:.2} | {note} | {read} |");
    }
    text
}

/// The workload that others' prices are for.
pub(super) const SINGLE: &str = "single events";

fn traffic(traffic: Traffic) -> &'static str {
    match traffic {
        Traffic::Quiet => "quiet",
        Traffic::Busy => "busy",
    }
}

fn row(text: &mut String, name: &str, cells: impl Iterator<Item = String>) {
    let _ = writeln!(text, "| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
}

#[cfg(test)]
mod tests;
