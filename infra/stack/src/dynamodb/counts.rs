//! What was asked of DynamoDB, in the units that AWS bills.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use dynoxide::DynoxideError;
use serde::Serialize;

use super::operation::Operation;

/// Counts since the stack's start.
#[derive(Debug, Default)]
pub struct Counts {
    requests: [AtomicU64; Operation::ALL.len()],
    failed: [AtomicU64; Operation::ALL.len()],
    /// Units consumed by each operation. DynamoDB counts in halves.
    units: Mutex<[f64; Operation::ALL.len()]>,
}

/// A snapshot of [`Counts`].
#[derive(Debug, Clone, Serialize)]
pub struct OperationCounts {
    /// Requests by operation, those that failed among them.
    pub requests: BTreeMap<&'static str, u64>,
    /// Requests that were answered with an error, by operation; most often a condition that did not hold.
    pub failed: BTreeMap<&'static str, u64>,
    /// Units consumed, by operation: read units of those that read, write units of all others.
    pub units: BTreeMap<&'static str, f64>,
    /// Read units consumed.
    pub read_units: f64,
    /// Write units consumed; a write whose condition did not hold counts as one, the least that it costs.
    pub write_units: f64,
}

impl Counts {
    pub(super) fn succeeded(&self, operation: Operation, units: f64) {
        self.add(operation, units);
    }

    pub(super) fn failed(&self, operation: Operation, error: &DynoxideError) {
        self.failed[operation as usize].fetch_add(1, Ordering::Relaxed);
        let consumed = matches!(error, DynoxideError::ConditionalCheckFailedException(..));
        self.add(operation, if consumed { 1.0 } else { 0.0 });
    }

    fn add(&self, operation: Operation, units: f64) {
        self.requests[operation as usize].fetch_add(1, Ordering::Relaxed);
        if units > 0.0 {
            self.units.lock().expect("no holder of this lock panics")[operation as usize] += units;
        }
    }

    /// The counts as they stand.
    pub fn read(&self) -> OperationCounts {
        let named = |counts: &[AtomicU64]| {
            let counts = Operation::ALL.iter().zip(counts);
            let counts = counts.map(|(operation, count)| (operation.name(), count.load(Ordering::Relaxed)));
            counts.filter(|(_, count)| *count > 0).collect()
        };
        let consumed = *self.units.lock().expect("no holder of this lock panics");
        let consumed = || Operation::ALL.into_iter().zip(consumed);
        let sum =
            |reads: bool| consumed().filter(|(operation, _)| operation.reads() == reads).map(|(_, units)| units).sum();
        OperationCounts {
            requests: named(&self.requests),
            failed: named(&self.failed),
            units: consumed()
                .filter(|(_, units)| *units > 0.0)
                .map(|(operation, units)| (operation.name(), units))
                .collect(),
            read_units: sum(true),
            write_units: sum(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_conditions_cost_a_write_unit_and_other_errors_nothing() {
        let counts = Counts::default();
        counts.succeeded(Operation::GetItem, 0.5);
        counts.succeeded(Operation::PutItem, 2.0);
        counts.failed(Operation::PutItem, &DynoxideError::ConditionalCheckFailedException(String::new(), None));
        counts.failed(Operation::PutItem, &DynoxideError::ValidationException(String::new()));
        let read = counts.read();
        assert_eq!((read.requests["GetItem"], read.requests["PutItem"], read.failed["PutItem"]), (1, 3, 2));
        assert!(
            (read.units["GetItem"] - 0.5).abs() < f64::EPSILON && (read.units["PutItem"] - 3.0).abs() < f64::EPSILON
        );
        assert!((read.read_units - 0.5).abs() < f64::EPSILON && (read.write_units - 3.0).abs() < f64::EPSILON);
    }
}
