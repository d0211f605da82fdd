//! The time in a world, which a journey can let pass.

use std::time::Duration;

use serde_json::json;
use shared::core::timestamp::Timestamp;

use super::World;
use crate::clock::Clock;
use crate::wait::until;

impl World {
    /// The present in this world.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Lets time pass at once, in a world that was started [`with_clock`](Options::with_clock):
    /// what is due by then is due now. The scheduler ticks in real time all the same. While an
    /// attempt runs, its message would come back as that of a crashed one: for a world at rest, or
    /// one whose crashes are the point.
    pub async fn advance(&self, by: Duration) {
        // To the millisecond, so that both sides count the same.
        let ahead = self.clock.ahead()
            + Duration::from_millis(u64::try_from(by.as_millis()).expect("not an eternity"));
        // First here: nothing that comes of it arrives before its time.
        self.clock.run_ahead_by(ahead);
        let (url, body) = (
            format!("{}/_stack/clock", self.addresses.invoke),
            json!({ "ahead_ms": ahead.as_millis() }),
        );
        let sent = self.http.send(http::Method::POST, &url, &[], body.to_string()).await;
        let _ = sent.expect("the stack answers").with(200);
    }

    /// Lets time pass until `at`; does nothing if that has passed.
    pub async fn advance_to(&self, at: Timestamp) {
        let by = self.now().until(at);
        if !by.is_zero() {
            self.advance(by).await;
        }
    }

    /// Waits for so many runs of the scheduler.
    pub async fn ticks(&self, count: u64) {
        let before = self.status().await.functions["scheduler"].invocations;
        until("the scheduler runs", async || {
            let runs = self.status().await.functions["scheduler"].invocations - before;
            if runs >= count { Ok(()) } else { Err(format!("{runs} times")) }
        })
        .await;
    }
}
