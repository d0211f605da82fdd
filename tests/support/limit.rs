//! A limit of requests a minute, as a receiver sees it.

use std::time::Duration;

use crate::Received;

/// Fails if any span of a minute has more arrivals than the limit.
#[track_caller]
pub fn assert_limit(requests: &[Received], limit: usize) {
    let mut arrivals: Vec<_> = requests.iter().map(|request| request.at).collect();
    arrivals.sort_unstable();
    for span in arrivals.windows(limit + 1) {
        let took = span[0].until(span[limit]);
        assert!(took > Duration::from_mins(1), "{} arrived within {took:?}", limit + 1);
    }
}
