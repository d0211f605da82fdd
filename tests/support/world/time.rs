//! The time in a world, which a journey can let pass.

use std::time::Duration;

use serde_json::json;
use shared::core::timestamp::Timestamp;

use super::World;
use crate::clock::Clock;
use crate::wait::until;

const A_MINUTE: i64 = 60_000;
const AN_HOUR: i64 = 60 * A_MINUTE;

/// A minute or an hour of a world's clock, to whose parts a journey's outcome belongs.
#[derive(Debug)]
pub struct Span {
    end: Timestamp,
}

impl Span {
    /// Its end, where the next one starts.
    #[must_use]
    pub const fn end(&self) -> Timestamp {
        self.end
    }

    /// Fails if it ended by itself: then what was seen since its start says nothing.
    #[track_caller]
    pub fn assert_lasts(&self, world: &World) {
        let now = world.now();
        assert!(now < self.end, "the machine was too slow: {now} is not before {}", self.end);
    }
}

impl World {
    /// The present in this world.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Lets time pass at once, in a world that was started [`with_clock`](crate::Options::with_clock):
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

    /// Lets time pass until the next minute of the clock has just begun, so that none ends by
    /// itself meanwhile. For what is counted by the minute.
    pub async fn next_minute(&self) -> Span {
        self.next(A_MINUTE, Duration::from_millis(100)).await
    }

    /// Lets time pass until five minutes of the next hour of the clock are over, so that neither
    /// the one before is near nor its end. For what is counted by the hour.
    pub async fn next_hour(&self) -> Span {
        self.next(AN_HOUR, Duration::from_mins(5)).await
    }

    async fn next(&self, length: i64, into: Duration) -> Span {
        let start = Timestamp::from_millis((self.now().as_millis() / length + 1) * length);
        self.advance_to(start.after(into)).await;
        Span { end: Timestamp::from_millis(start.as_millis() + length) }
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
