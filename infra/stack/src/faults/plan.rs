//! What goes wrong, how often and when: decided by a seed, so that a run can be had again as far as a machine that runs
//! everything at once allows.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

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

/// Which faults there are: on the command line names with commas between, `none`, or `all` for all but `clock`.
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

impl FromStr for Kinds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut kinds = BTreeSet::new();
        for name in text.split(',').map(str::trim).filter(|name| *name != "none") {
            match Kind::ALL.into_iter().find(|kind| kind.name() == name) {
                Some(kind) => drop(kinds.insert(kind)),
                // A clock that jumps ends the waits of everything else: what it shows is true, but not how long it took.
                None if name == "all" => kinds.extend(Kind::ALL.into_iter().filter(|kind| *kind != Kind::Clock)),
                None => {
                    let known = Kind::ALL.map(Kind::name).join(", ");
                    return Err(format!("{name:?} is none of {known}, all, none"));
                }
            }
        }
        Ok(Self(kinds))
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
    /// Whether a kind strikes the request of this number, in this second; and if, a random number for how.
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
mod tests {
    use super::*;

    fn plan(kinds: &str, seed: u64) -> Plan {
        Plan { kinds: kinds.parse().unwrap(), seed }
    }

    fn struck(plan: &Plan, kind: Kind, second: u64) -> Vec<u64> {
        (0..10_000).filter(|number| plan.strikes(kind, second, *number).is_some()).collect()
    }

    #[test]
    fn kinds_are_read_as_they_are_shown() {
        let read = |text: &str| text.parse::<Kinds>().map(|kinds| kinds.to_string());
        assert_eq!(read("all").unwrap(), "kill,throttle,internal,sqs,duplicate,reorder,slow,outage");
        assert_eq!(read("all,clock").unwrap(), format!("{},clock", read("all").unwrap()));
        assert_eq!(read("slow, kill").unwrap(), "kill,slow");
        assert_eq!(read("none").unwrap(), "none");
        assert!(read("kill,flood").unwrap_err().starts_with("\"flood\" is none of kill, "));
    }

    #[test]
    fn a_seed_decides_the_same_again_and_another_one_otherwise() {
        let first = struck(&plan("all", 7), Kind::Duplicate, 0);
        assert_eq!(first, struck(&plan("all", 7), Kind::Duplicate, 0));
        assert_ne!(first, struck(&plan("all", 8), Kind::Duplicate, 0));
    }

    #[test]
    fn one_second_in_ten_is_a_storm_in_which_every_other_request_fails() {
        let plan = plan("throttle", 42);
        let counts: Vec<_> = (0..200).map(|second| struck(&plan, Kind::Throttle, second).len()).collect();
        let storms = counts.iter().filter(|count| (4_700..5_300).contains(*count)).count();
        let calm = counts.iter().filter(|count| (5..50).contains(*count)).count();
        assert_eq!(storms + calm, counts.len(), "{counts:?}");
        assert!((10..35).contains(&storms), "{storms}");
    }

    #[test]
    fn kinds_that_are_not_wanted_do_not_strike() {
        let plan = plan("kill,throttle", 42);
        assert!((0..50).all(|second| struck(&plan, Kind::Internal, second).is_empty()));
    }
}
