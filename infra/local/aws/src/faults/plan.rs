//! What goes wrong, how often and when: decided by a seed, so that a run can be had again as far as
//! a machine that runs everything at once allows.

use std::collections::BTreeSet;
use std::fmt;

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A process of a function ends at once.
    Kill,
    /// DynamoDB has too much to do.
    Throttle,
    /// DynamoDB fails, before it did what was asked or after.
    Internal,
    /// SQS takes a part of a batch, or fails, before it did what was asked or after.
    Sqs,
    /// SQS delivers a message again: while it is worked on, or after it was deleted.
    Duplicate,
    /// SQS lets later messages pass.
    Reorder,
    /// SQS and DynamoDB answer late, some of them after the caller has given up.
    Slow,
    /// A receiver refuses everything, or hangs, for seconds at a time.
    Outage,
    /// Time passes at once, and everything that is in flight comes back.
    Clock,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Kill,
        Self::Throttle,
        Self::Internal,
        Self::Sqs,
        Self::Duplicate,
        Self::Reorder,
        Self::Slow,
        Self::Outage,
        Self::Clock,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Throttle => "throttle",
            Self::Internal => "internal",
            Self::Sqs => "sqs",
            Self::Duplicate => "duplicate",
            Self::Reorder => "reorder",
            Self::Slow => "slow",
            Self::Outage => "outage",
            Self::Clock => "clock",
        }
    }

    /// How many of ten thousand requests it strikes: most of the time, and in its storms.
    fn rates(self) -> (u64, u64) {
        match self {
            Self::Kill | Self::Outage | Self::Clock => (0, 0),
            Self::Throttle | Self::Internal => (20, 5_000),
            Self::Sqs => (50, 5_000),
            Self::Duplicate => (200, 2_000),
            Self::Reorder => (200, 5_000),
            Self::Slow => (20, 500),
        }
    }
}

/// A set of kinds. Shown as the command line takes it: names with commas between, or `none`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kinds(BTreeSet<Kind>);

impl Kinds {
    /// Whether this kind is among them.
    #[must_use]
    pub fn has(&self, kind: Kind) -> bool {
        self.0.contains(&kind)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<T: IntoIterator<Item = Kind>>(kinds: T) -> Self {
        Self(kinds.into_iter().collect())
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        let names: Vec<_> = self.0.iter().map(|kind| kind.name()).collect();
        f.write_str(&names.join(","))
    }
}

/// The decisions of a seed.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    pub(super) kinds: Kinds,
    pub(super) seed: u64,
}

/// Of so many seconds one is a storm, in which even what is tried three times fails now and then.
const STORMS: u64 = 10;
/// Apart from the numbers of requests.
const SECONDS: u64 = 1 << 48;

impl Plan {
    /// Whether a kind strikes the request of this number, in this second; and if, a random number
    /// for how.
    pub(super) fn strikes(&self, kind: Kind, second: u64, number: u64) -> Option<u64> {
        let (calm, storm) = kind.rates();
        let is_storm = self.roll(kind, SECONDS + second).is_multiple_of(STORMS);
        let roll = self.roll(kind, number);
        let rate = if is_storm { storm } else { calm };
        (self.kinds.has(kind) && roll % 10_000 < rate).then_some(roll / 10_000)
    }

    /// A random number, the same for the same question.
    pub(super) fn roll(&self, kind: Kind, number: u64) -> u64 {
        mix(mix(self.seed ^ ((kind as u64 + 1) << 56)) ^ number)
    }
}

/// `SplitMix64` (Steele, Lea and Flood, 2014), one step.
fn mix(from: u64) -> u64 {
    let mixed = from.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests;
