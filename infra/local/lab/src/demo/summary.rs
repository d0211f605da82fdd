//! What came of the demo, beside what should have.

use std::fmt::Write as _;

use super::play::End;
use crate::receiver::{Received, Verdict};

/// A line of the summary.
#[derive(Debug)]
pub(super) struct Row {
    cells: [String; 6],
    faults: Vec<String>,
}

const TITLES: [&str; 6] =
    ["profile", "event type", "deliveries", "attempts of each", "seconds between", "proved by"];

impl Row {
    /// Compares what the API and the receiver saw of an event.
    pub(super) fn new(end: &End, received: &[Received]) -> Self {
        let case = end.case;
        let mut faults: Vec<String> = end.faults.iter().map(|fault| (*fault).to_owned()).collect();
        let mut expect = |right: bool, fault: String| {
            if !right {
                faults.push(fault);
            }
        };
        let count = end.deliveries.len();
        expect(count == case.deliveries, format!("{count} deliveries, not {}", case.deliveries));
        let mut shown = String::new();
        for delivery in &end.deliveries {
            let own: Vec<&Received> =
                received.iter().filter(|one| one.id.as_ref() == Some(&delivery.event)).collect();
            expect(
                delivery.status == "delivered",
                format!("{} is {}", delivery.event, delivery.status),
            );
            for (seen, where_) in
                [(delivery.attempt_count as usize, "on record"), (own.len(), "at the receiver")]
            {
                expect(
                    seen == case.attempts as usize,
                    format!("{seen} attempts {where_}, not {}", case.attempts),
                );
            }
            expect(
                own.iter().all(|one| one.path == case.path),
                "an attempt went to another path".to_owned(),
            );
            let proved = |one: &&&Received| matches!(&one.signature, Verdict::Verified(by) if by.ends_with(case.proof));
            let unproved = own.len() - own.iter().filter(proved).count();
            expect(unproved == 0, format!("{unproved} attempts were not proved by {}", case.proof));
            let (start, whole) = (case.body.as_bytes(), end.data.as_bytes());
            let right = |one: &&Received| {
                if start.is_empty() { one.body == whole } else { one.body.starts_with(start) }
            };
            expect(own.iter().all(right), "a body is not what the profile promises".to_owned());
            let waits: Vec<f64> = own.iter().skip(1).map(|one| one.wait.as_secs_f64()).collect();
            for (wait, (least, most)) in waits.iter().zip(case.waits) {
                expect(
                    (*least..=*most + SLACK_SECONDS).contains(wait),
                    format!("a wait of {wait:.2} s, not {least} to {most}"),
                );
            }
            shown = waits.iter().map(|wait| format!("{wait:.1}")).collect::<Vec<_>>().join(" ");
        }
        let cells = [
            case.profile.to_owned(),
            case.event_type.to_owned(),
            count.to_string(),
            case.attempts.to_string(),
            shown,
            case.proof.to_owned(),
        ];
        Self {
            cells,
            faults: faults.into_iter().map(|fault| format!("{}: {fault}", case.profile)).collect(),
        }
    }

    /// Whether all was as it should be.
    pub(super) fn is_right(&self) -> bool {
        self.faults.is_empty()
    }
}

/// A busy machine may take this long to receive what is due.
const SLACK_SECONDS: f64 = 5.0;

/// The table, and what is wrong with it.
pub(super) fn text(rows: &[Row]) -> String {
    let titles = TITLES.map(str::to_owned);
    let lines: Vec<&[String; 6]> =
        std::iter::once(&titles).chain(rows.iter().map(|row| &row.cells)).collect();
    let widths: [usize; 6] = std::array::from_fn(|column| {
        lines.iter().map(|cells| cells[column].len()).max().unwrap_or_default()
    });
    let mut text = String::new();
    for cells in lines {
        let line = cells.iter().zip(widths).fold(String::new(), |mut line, (cell, width)| {
            let _ = write!(line, "  {cell:<width$}");
            line
        });
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text.push_str("\nSeconds between: from one attempt to the next of the last delivery, by the stack's clock.\n");
    let faults: Vec<&str> = rows.iter().flat_map(|row| &row.faults).map(String::as_str).collect();
    if faults.is_empty() {
        text.push_str("All as expected.\n");
    } else {
        let _ = writeln!(text, "NOT as expected:\n  {}", faults.join("\n  "));
    }
    text
}

#[cfg(test)]
mod tests;
