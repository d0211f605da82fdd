//! What was asked of DynamoDB, in the units that AWS bills.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

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
    /// Requests that were answered with an error, by operation; most often a condition that did not
    /// hold.
    pub failed: BTreeMap<&'static str, u64>,
    /// Units consumed, by operation: read units of those that read, write units of all others.
    pub units: BTreeMap<&'static str, f64>,
    /// Read units consumed.
    pub read_units: f64,
    /// Write units consumed, those of writes whose condition did not hold among them. A transaction
    /// that was cancelled counts as nothing, which is less than DynamoDB takes for it.
    pub write_units: f64,
}

impl Counts {
    pub(super) fn succeeded(&self, operation: Operation, units: f64) {
        self.add(operation, units);
    }

    pub(super) fn failed(&self, operation: Operation, units: f64) {
        self.failed[operation as usize].fetch_add(1, Ordering::Relaxed);
        self.add(operation, units);
    }

    fn add(&self, operation: Operation, units: f64) {
        self.requests[operation as usize].fetch_add(1, Ordering::Relaxed);
        if units > 0.0 {
            self.units.lock().unwrap_or_else(PoisonError::into_inner)[operation as usize] += units;
        }
    }

    /// The counts as they stand.
    pub fn read(&self) -> OperationCounts {
        let named = |counts: &[AtomicU64]| {
            let counts = Operation::ALL.iter().zip(counts);
            let counts =
                counts.map(|(operation, count)| (operation.name(), count.load(Ordering::Relaxed)));
            counts.filter(|(_, count)| *count > 0).collect()
        };
        let consumed = *self.units.lock().unwrap_or_else(PoisonError::into_inner);
        let consumed = || Operation::ALL.into_iter().zip(consumed);
        let sum = |reads: bool| {
            consumed()
                .filter(|(operation, _)| operation.reads() == reads)
                .map(|(_, units)| units)
                .sum()
        };
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
mod tests;
