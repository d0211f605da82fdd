//! What something cost.

use crate::asked::Asked;

/// Units and requests, of one operation or of many together.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Cost {
    pub(crate) read_units: f64,
    pub(crate) write_units: f64,
    /// Requests to DynamoDB.
    pub(crate) dynamodb: f64,
    /// Requests to SQS that carried a message: sends, receives, deletes, waits.
    pub(crate) sqs: f64,
}

/// A row of the table of operations.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) cost: Cost,
}

impl Cost {
    /// Of everything that was asked. Polls that found nothing are left out, and so is what the
    /// stack itself asks of the queues to see whether they are empty.
    pub(crate) fn of(asked: &Asked) -> Self {
        let sum = |counts: &mut dyn Iterator<Item = u64>| counts.map(float).sum();
        Self {
            read_units: asked.read_units,
            write_units: asked.write_units,
            dynamodb: sum(&mut asked.dynamodb.values().map(|asked| asked.requests)),
            sqs: sum(&mut asked.sqs.values().map(|asked| asked.requests - asked.empty)),
        }
    }

    /// Of one of `parts` that cost the same.
    pub(crate) fn per(self, parts: u32) -> Self {
        self.with(|own| own / f64::from(parts.max(1)))
    }

    /// Of this many of them.
    pub(crate) fn times(self, count: u64) -> Self {
        self.with(|own| own * float(count))
    }

    /// Without what was not meant. Never less than nothing.
    pub(crate) fn without(self, other: Self) -> Self {
        let less = |own: f64, other: f64| (own - other).max(0.0);
        Self {
            read_units: less(self.read_units, other.read_units),
            write_units: less(self.write_units, other.write_units),
            dynamodb: less(self.dynamodb, other.dynamodb),
            sqs: less(self.sqs, other.sqs),
        }
    }

    /// The middle of each figure: what happens once in a while, such as a cache that is filled
    /// anew, is not in it.
    pub(crate) fn median(costs: &[Self]) -> Self {
        let middle = |figure: fn(&Self) -> f64| {
            let mut figures: Vec<f64> = costs.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures.get(figures.len() / 2).copied().unwrap_or_default()
        };
        Self {
            read_units: middle(|cost| cost.read_units),
            write_units: middle(|cost| cost.write_units),
            dynamodb: middle(|cost| cost.dynamodb),
            sqs: middle(|cost| cost.sqs),
        }
    }

    fn with(self, change: impl Fn(f64) -> f64) -> Self {
        Self {
            read_units: change(self.read_units),
            write_units: change(self.write_units),
            dynamodb: change(self.dynamodb),
            sqs: change(self.sqs),
        }
    }
}

fn float(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests;
