//! The report: text for people, JSON for programs.

use std::fmt::Write as _;

use serde::Serialize;
use shared::core::timestamp::Timestamp;
use shared::edges::clock;

use super::cpu;
use super::run::{Pattern, Run, per};

/// All runs, and where and when they were made.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    machine: String,
    at: Timestamp,
    events: usize,
    /// Whether the databases are files; in memory they cost less.
    databases_in_files: bool,
    runs: Vec<Run>,
}

impl Report {
    /// A report without runs yet.
    pub(super) fn new(events: usize, databases_in_files: bool) -> Self {
        Self {
            machine: cpu::machine(),
            at: clock::now(),
            events,
            databases_in_files,
            runs: Vec::new(),
        }
    }

    /// Prints what holds for all runs.
    pub(super) fn print_head(&self) {
        println!("Postrider bench, {}", self.at);
        println!(
            "{}, databases in {}",
            self.machine,
            if self.databases_in_files { "files" } else { "memory" }
        );
        println!(
            "Events of 1 KB to one subscription, whose receiver answers at once. The stack, the functions, and what\n\
             publishes and receives share this machine. CPU is user and system time from /proc; \"bench\" is the\n\
             publisher and the receiver, a process of their own. Latency: from the start of the publish request to the\n\
             arrival at the receiver."
        );
    }

    /// Takes a run, and prints it.
    pub(super) fn add(&mut self, run: Run) {
        println!("\n{}", text(&run));
        self.runs.push(run);
    }

    /// Whether in all runs every event arrived exactly once.
    pub(super) fn is_complete(&self) -> bool {
        self.runs.iter().all(Run::is_complete)
    }

    /// All figures.
    pub(super) fn json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).unwrap_or_default();
        json.push('\n');
        json
    }
}

fn text(run: &Run) -> String {
    let mut text = title(run.pattern);
    let _ = writeln!(
        text,
        "\n  accepted {:>8.0}/s    delivered {:>8.0}/s    {}",
        run.accepted_per_second,
        run.deliveries_per_second,
        completeness(run)
    );
    let latency = run.latency_ms;
    let _ = writeln!(
        text,
        "  publish to arrival, ms:  p50 {:.1}  p90 {:.1}  p99 {:.1}  max {:.1}",
        latency.p50, latency.p90, latency.p99, latency.max
    );
    cpu_table(&mut text, run);
    asked_table(&mut text, run);
    text
}

fn title(pattern: Pattern) -> String {
    match pattern {
        Pattern::Saturated { events, batch: 1, connections } => {
            format!("Saturated: {events} events, one a request, {connections} connections")
        }
        Pattern::Saturated { events, batch, connections } => {
            format!("Saturated: {events} events in batches of {batch}, {connections} connections")
        }
        Pattern::Paced { per_second, seconds } => {
            format!("Paced: {per_second} events a second for {seconds} s")
        }
    }
}

fn completeness(run: &Run) -> String {
    if run.is_complete() {
        return format!("all {} arrived exactly once", run.accepted);
    }
    format!(
        "of {}: {} MISSING, {} DUPLICATES, {} UNKNOWN",
        run.accepted, run.missing, run.duplicates, run.unknown
    )
}

fn cpu_table(text: &mut String, run: &Run) {
    let all: f64 = run.cpu_ms.values().sum();
    let bench: f64 =
        run.cpu_ms.iter().filter(|(name, _)| name.starts_with("bench: ")).map(|(_, ms)| ms).sum();
    let _ = writeln!(
        text,
        "  CPU per delivery, ms:  {all:.3} in all, {:.3} without bench",
        all - bench
    );
    let mut rows: Vec<_> = run.cpu_ms.iter().collect();
    rows.sort_by(|one, other| other.1.total_cmp(one.1));
    for (name, ms) in rows {
        let _ = writeln!(text, "    {name:<24} {ms:>7.3}  {:>4.1} %", 100.0 * ms / all);
    }
}

fn asked_table(text: &mut String, run: &Run) {
    let delivered = run.accepted - run.missing;
    let each = |count: u64| per(u32::try_from(count).map_or(f64::MAX, f64::from), delivered);
    let asked = &run.asked;
    let (requests, billed) = asked
        .sqs
        .values()
        .fold((0, 0), |(requests, billed), sqs| (requests + sqs.requests, billed + sqs.billed));
    let _ = writeln!(text, "  per delivery:  HTTP requests {:.3}", each(asked.http_requests));
    let _ = writeln!(text, "    SQS {:.3} requests, {:.3} billed", each(requests), each(billed));
    for (action, sqs) in &asked.sqs {
        let filled = per(
            u32::try_from(sqs.messages).map_or(0.0, f64::from),
            usize::try_from(sqs.requests).unwrap_or(0),
        );
        let _ = writeln!(
            text,
            "      {action:<24} {:>7.3} requests  {:>7.3} billed  {filled:.1} messages each",
            each(sqs.requests),
            each(sqs.billed)
        );
    }
    let (requests, units) =
        asked.dynamodb.values().fold((0, 0.0), |(requests, units), dynamodb| {
            (requests + dynamodb.requests, units + dynamodb.units)
        });
    let _ = writeln!(
        text,
        "    DynamoDB {:.3} requests, {:.3} units",
        each(requests),
        per(units, delivered)
    );
    for (operation, dynamodb) in &asked.dynamodb {
        let units = per(dynamodb.units, delivered);
        let _ = writeln!(
            text,
            "      {operation:<24} {:>7.3} requests  {units:>7.3} units",
            each(dynamodb.requests)
        );
    }
    let _ = writeln!(text, "    Lambda");
    for (function, lambda) in &asked.lambda {
        let errors =
            if lambda.errors > 0 { format!("  {} ERRORS", lambda.errors) } else { String::new() };
        let _ = writeln!(
            text,
            "      {function:<24} {:>7.3} invocations{errors}",
            each(lambda.invocations)
        );
    }
}
