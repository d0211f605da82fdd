//! Changes that others may make at the same time.

/// How often a change is tried over what others wrote in between.
const ROUNDS: usize = 10;

/// The tries of one change: each reads the row, decides, and writes over the state that it read. A
/// caller that lost each of them gives up, as contended.
pub fn rounds() -> impl Iterator<Item = ()> + Send {
    std::iter::repeat_n((), ROUNDS)
}
