//! Decides how a tick spends its time. Pure.

use std::time::Duration;

use shared::core::bulk_resend::BulkResend;
use shared::core::erasure::Erasure;
use shared::core::subscription::release::Release;
use shared::core::timestamp::Timestamp;

/// The share of a tick within which probes begin.
const SHARE_OF_PROBES: f64 = 0.3;
/// The share of a tick that goes to probes, releases, erasures and bulk resends at most, so that it
/// ends before the next one starts.
const SHARE_OF_WORK: f64 = 0.6;
/// Before looking again whether what is under way was made; twice as long each time that it was
/// not.
const SHORTEST_PAUSE: Duration = Duration::from_millis(125);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The part of a tick's work that a step is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Probes.
    Probes,
    /// Releases, erasures and bulk resends.
    Work,
}

/// Decides whether another step may begin so long after the start of a tick.
#[must_use]
pub fn has_time(part: Part, tick: Duration, elapsed: Duration) -> bool {
    let share = match part {
        Part::Probes => SHARE_OF_PROBES,
        Part::Work => SHARE_OF_WORK,
    };
    elapsed < tick.mul_f64(share)
}

/// The steps of a round taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// At least one got on.
    Moved,
    /// None did.
    Stood,
}

/// The step after a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The next round follows at once.
    GoOn,
    /// The next round follows after this pause.
    Wait(Duration),
    /// The tick has no time left.
    Stop,
}

/// The rounds of a tick.
#[derive(Debug)]
pub struct Turns {
    tick: Duration,
    pause: Duration,
}

impl Turns {
    /// Those of a tick that lasts so long.
    #[must_use]
    pub const fn new(tick: Duration) -> Self {
        Self { tick, pause: SHORTEST_PAUSE }
    }

    /// Decides what follows a round, which ended so long after the start of the tick.
    pub fn after(&mut self, round: Round, elapsed: Duration) -> Next {
        self.pause = match round {
            Round::Moved => SHORTEST_PAUSE,
            Round::Stood => (self.pause * 2).min(LONGEST_PAUSE),
        };
        if !has_time(Part::Work, self.tick, elapsed + self.pause) {
            return Next::Stop;
        }
        match round {
            Round::Moved => Next::GoOn,
            Round::Stood => Next::Wait(self.pause),
        }
    }
}

/// The work of a round.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Work {
    pub releases: Vec<Release>,
    pub erasures: Vec<Erasure>,
    pub resends: Vec<BulkResend>,
}

impl Work {
    /// Leaves out what waits for its next look. The resends begin with a random one, so that with
    /// too many for a round it is not always the same that get no step.
    #[must_use]
    pub fn due(mut self, now: Timestamp, random: u128) -> Self {
        self.releases.retain(|release| release.look_at <= now);
        self.erasures.retain(|erasure| erasure.look_at <= now);
        if let Some(first) = random.checked_rem(self.resends.len() as u128) {
            self.resends.rotate_left(usize::try_from(first).unwrap_or_default());
        }
        self
    }

    /// There is nothing to do.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.releases.is_empty() && self.erasures.is_empty() && self.resends.is_empty()
    }
}

#[cfg(test)]
mod tests;
