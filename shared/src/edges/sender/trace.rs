//! Where the time of an attempt goes. The steps of connecting are noted by those who see them,
//! wherever they run within the attempt's own task; the start of the sending by the body itself,
//! when it is asked for.
//!
//! The pool hands out whatever connection is there first. One that is still being opened then goes
//! on in a task of its own, where nothing is noted, and what was noted of it is forgotten as the
//! request goes out over the other.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

use crate::core::delivery::attempt::{Millis, Timing};

tokio::task_local! {
    /// The attempt that the task makes at the moment.
    static CURRENT: Trace;
}

/// What was noted of one attempt.
#[derive(Debug, Clone, Default)]
pub(super) struct Trace(Arc<Mutex<Marks>>);

/// What happens in the course of an attempt, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A connection is being opened.
    Opening,
    /// The lookup of the host's name started; there is none of a literal address.
    Lookup,
    /// The lookup ended.
    Found,
    /// TCP is connected, and TLS starts.
    Handshake,
    /// The connection is there.
    Connected,
    /// The request goes out.
    Sending,
    /// The answer's head is there.
    Answered,
}

const STEPS: usize = Step::Answered as usize + 1;

/// When each step was.
type Marks = [Option<Instant>; STEPS];

/// How far an attempt got that has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// The name lookup did not end.
    Lookup,
    /// TCP did not connect.
    Tcp,
    /// The TLS handshake did not end.
    Handshake,
    /// The request went out, over a connection that was opened in that time or kept from earlier.
    Sending(Option<Duration>),
}

/// Notes a step of the attempt that the task makes, if it makes one.
pub(super) fn note(step: Step) {
    let _ = CURRENT.try_with(|trace| trace.note(step));
}

impl Trace {
    /// Runs an attempt whose steps are noted here.
    pub(super) async fn follow<F: Future>(&self, attempt: F) -> F::Output {
        CURRENT.scope(self.clone(), attempt).await
    }

    pub(super) fn note(&self, step: Step) {
        let mut marks = self.marks();
        let unused = step == Step::Sending && marks[Step::Connected as usize].is_none();
        if unused || step == Step::Opening {
            *marks = Marks::default();
        }
        marks[step as usize] = Some(Instant::now());
    }

    pub(super) fn timing(&self) -> Timing {
        let marks = self.marks();
        let between =
            |from: Option<Instant>, to: Step| Some(Millis::from(marks[to as usize]? - from?));
        let at = |step: Step| marks[step as usize];
        let tcp_from = at(Step::Found).or(at(Step::Opening).filter(|_| at(Step::Lookup).is_none()));
        let tcp_to = if at(Step::Handshake).is_some() { Step::Handshake } else { Step::Connected };
        Timing {
            dns_ms: between(at(Step::Lookup), Step::Found),
            connect_ms: between(tcp_from, tcp_to),
            tls_ms: between(at(Step::Handshake), Step::Connected),
            first_byte_ms: between(at(Step::Sending), Step::Answered),
        }
    }

    pub(super) fn reached(&self) -> Reached {
        let marks = self.marks();
        let at = |step: Step| marks[step as usize];
        if at(Step::Sending).is_some() {
            Reached::Sending(
                at(Step::Connected).zip(at(Step::Opening)).map(|(end, start)| end - start),
            )
        } else if at(Step::Handshake).is_some() {
            Reached::Handshake
        } else if at(Step::Lookup).is_some() && at(Step::Found).is_none() {
            Reached::Lookup
        } else {
            Reached::Tcp
        }
    }

    fn marks(&self) -> MutexGuard<'_, Marks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request's body that notes when the request goes out: it is asked for as soon as the head is
/// written.
pub(super) struct Watched {
    bytes: Option<Bytes>,
    trace: Trace,
}

impl Watched {
    pub(super) const fn new(bytes: Bytes, trace: Trace) -> Self {
        Self { bytes: Some(bytes), trace }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = self.bytes.take();
        if bytes.is_some() {
            self.trace.note(Step::Sending);
        }
        Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

/// Notes when a connection is being opened, and when it is there.
#[derive(Debug, Clone)]
pub(super) struct Opening;

/// A connector, with its notes.
#[derive(Debug, Clone)]
pub(super) struct Noting<S>(S);

impl<S> Layer<S> for Opening {
    type Service = Noting<S>;

    fn layer(&self, connector: S) -> Noting<S> {
        Noting(connector)
    }
}

impl<S, R> Service<R> for Noting<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, target: R) -> Self::Future {
        note(Step::Opening);
        let opening = self.0.call(target);
        Box::pin(async move {
            let opened = opening.await?;
            note(Step::Connected);
            Ok(opened)
        })
    }
}

#[cfg(test)]
mod tests;
