//! Time that passes at once.

use std::pin::Pin;
use std::time::Duration;

use super::Engine;
use crate::content::{Content, Draft};
use crate::message::Delivery;
use crate::refusal::Refusal;
use crate::settings::{Millis, Texts};
use crate::state::{Outgoing, Wish};

/// What a woken long poll needs at most; without a wake it would take the rest of its twenty
/// seconds.
const AT_ONCE: Duration = Duration::from_secs(5);

async fn engine() -> Engine {
    let engine = Engine::open(None, "http://127.0.0.1").unwrap();
    engine.commit(|state, now| state.create("q", &Texts::new(), Texts::new(), now)).await.unwrap();
    engine
}

async fn send(engine: &Engine, body: &str, delay: Option<i64>) {
    let content = Content::of(Draft { body: body.to_owned(), ..Draft::default() });
    let outgoing = content.map(|content| Outgoing { content, delay });
    engine
        .commit(|state, now| state.send("q", vec![outgoing], now))
        .await
        .unwrap()
        .remove(0)
        .unwrap();
}

type Received = Result<Vec<Delivery>, Refusal>;

fn receive(engine: &Engine, wait: Millis) -> Pin<Box<impl Future<Output = Received>>> {
    let wish = Wish { most: 10, timeout: Some(60_000), wait: Some(wait), since: 0 };
    Box::pin(engine.receive("q", wish))
}

async fn bodies(received: impl Future<Output = Received>) -> Vec<String> {
    let deliveries = tokio::time::timeout(AT_ONCE, received).await.expect("at once").unwrap();
    deliveries.iter().map(|delivery| delivery.content.body.clone()).collect()
}

/// Whether a receive, looked at once, still waits.
async fn waits(mut received: impl Future<Output = Received> + Unpin) -> bool {
    tokio::select! {
        biased;
        _ = &mut received => false,
        () = async {} => true,
    }
}

#[tokio::test]
async fn what_was_hidden_or_delayed_shows_to_a_long_poll_as_soon_as_its_time_has_passed() {
    let engine = engine().await;
    send(&engine, "hidden", None).await;
    assert_eq!(bodies(receive(&engine, 0)).await, ["hidden"]);
    send(&engine, "delayed", Some(900)).await;
    let mut poll = receive(&engine, 20_000);
    assert!(waits(&mut poll).await);
    engine.run_ahead_by(Duration::from_secs(10));
    assert!(waits(&mut poll).await, "neither is due");
    engine.run_ahead_by(Duration::from_mins(15));
    assert_eq!(bodies(poll).await, ["hidden", "delayed"]);
    assert!(bodies(receive(&engine, 0)).await.is_empty());
}

#[tokio::test]
async fn a_long_poll_whose_time_has_passed_ends_with_nothing() {
    let engine = engine().await;
    let (mut first, mut second) = (receive(&engine, 20_000), receive(&engine, 20_000));
    assert!(waits(&mut first).await && waits(&mut second).await);
    engine.run_ahead_by(Duration::from_secs(20));
    assert!(bodies(first).await.is_empty() && bodies(second).await.is_empty());
}

#[tokio::test]
async fn time_never_goes_back_and_ends_with_the_year_9999() {
    let engine = engine().await;
    let start = engine.now();
    engine.run_ahead_by(Duration::from_hours(1));
    engine.run_ahead_by(Duration::from_secs(1));
    assert!(engine.now() >= start + 3_600_000);
    engine.run_ahead_by(Duration::MAX);
    assert_eq!(engine.now(), super::LAST);
    send(&engine, "last", None).await;
    assert_eq!(bodies(receive(&engine, 20_000)).await, ["last"]);
}
