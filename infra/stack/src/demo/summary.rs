//! What came of the demo, beside what should have.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::play::End;
use crate::receiver::{Received, Verdict};

/// A line of the summary.
#[derive(Debug)]
pub(super) struct Row {
    cells: [String; 7],
    faults: Vec<String>,
}

const TITLES: [&str; 7] = ["tenant", "event type", "path", "attempts", "outcome", "seconds", "signature"];

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
}

impl Row {
    /// Compares what the API and the receiver saw of an event.
    pub(super) fn new(end: &End<'_>, received: &[Received]) -> Self {
        let case = end.case;
        let own: Vec<&Received> = received.iter().filter(|one| one.id.as_ref() == Some(&end.event)).collect();
        let accepted = own.iter().find(|one| one.answer.status.is_success());
        let verified = own.iter().filter(|one| one.signature == Verdict::Verified).count();
        let data = |body: &[u8]| {
            serde_json::from_slice::<Envelope>(body)
                .is_ok_and(|envelope| envelope.data.get() == end.sample.publish.data.get())
        };
        let mut faults: Vec<String> = end.faults.iter().map(|fault| (*fault).to_owned()).collect();
        let mut expect = |right: bool, fault: String| {
            if !right {
                faults.push(fault);
            }
        };
        expect(end.status == "delivered", format!("it is {}", end.status));
        expect(end.attempts == case.attempts, format!("{} attempts on record, not {}", end.attempts, case.attempts));
        expect(
            own.len() == usize::try_from(case.attempts).unwrap_or(usize::MAX),
            format!("{} attempts at the receiver, not {}", own.len(), case.attempts),
        );
        expect(own.iter().all(|one| one.path == case.path), "an attempt went to another path".to_owned());
        expect(verified == own.len(), format!("{} signatures did not verify", own.len() - verified));
        expect(own.iter().all(|one| data(&one.body)), "the data is not the published data, byte for byte".to_owned());
        let seconds = accepted.map_or_else(
            || "-".to_owned(),
            |accepted| format!("{:.3}", accepted.instant.saturating_duration_since(end.published).as_secs_f64()),
        );
        let signature = if verified == own.len() { "verified" } else { "WRONG" };
        let cells = [
            case.tenant.to_owned(),
            end.sample.publish.r#type.clone(),
            case.path.to_owned(),
            end.attempts.to_string(),
            end.status.clone(),
            seconds,
            signature.to_owned(),
        ];
        Self { cells, faults: faults.into_iter().map(|fault| format!("{}: {fault}", case.tenant)).collect() }
    }

    /// Whether all was as it should be.
    pub(super) fn is_right(&self) -> bool {
        self.faults.is_empty()
    }
}

/// The table, and what is wrong with it.
pub(super) fn text(rows: &[Row]) -> String {
    let titles = TITLES.map(str::to_owned);
    let lines: Vec<&[String; 7]> = std::iter::once(&titles).chain(rows.iter().map(|row| &row.cells)).collect();
    let widths: [usize; 7] =
        std::array::from_fn(|column| lines.iter().map(|cells| cells[column].len()).max().unwrap_or_default());
    let mut text = String::new();
    for cells in lines {
        let line = cells.iter().zip(widths).fold(String::new(), |mut line, (cell, width)| {
            let _ = write!(line, "  {cell:<width$}");
            line
        });
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text.push_str("\nSeconds: from the start of the publish request to the arrival of the accepted attempt.\n");
    let faults: Vec<&str> = rows.iter().flat_map(|row| &row.faults).map(String::as_str).collect();
    if faults.is_empty() {
        text.push_str("All as expected.\n");
    } else {
        let _ = writeln!(text, "NOT as expected:\n  {}", faults.join("\n  "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_their_titles_and_faults_are_told() {
        let cells = |tenant: &str| {
            ["", "type", "/path", "1", "delivered", "0.010", "verified"]
                .map(str::to_owned)
                .map(|cell| if cell.is_empty() { tenant.to_owned() } else { cell })
        };
        let right = Row { cells: cells("a"), faults: Vec::new() };
        let wrong = Row { cells: cells("a longer one"), faults: vec!["a longer one: it is pending".to_owned()] };
        let table = text(std::slice::from_ref(&right));
        assert!(table.starts_with("  tenant  event type  path   attempts  outcome    seconds  signature\n"), "{table}");
        assert!(table.ends_with("All as expected.\n"));
        let table = text(&[right, wrong]);
        assert!(
            table.contains("\n  a             type        /path  1         delivered  0.010    verified\n"),
            "{table}"
        );
        assert!(table.ends_with("NOT as expected:\n  a longer one: it is pending\n"));
    }
}
