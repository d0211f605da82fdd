//! Loopback listeners and what serves on them.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time;

use crate::Error;

/// Listens on a port of 127.0.0.1; 0 is any free one.
pub async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), Error> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| {
            match error.kind() {
                ErrorKind::AddrInUse => Error::PortInUse(port),
                _ => Error::Listen(error),
            }
        })?;
    let address = listener.local_addr().map_err(Error::Listen)?;
    Ok((listener, address))
}

/// The same routes, whose answers come this much later.
pub fn delayed(router: Router, latency: Duration) -> Router {
    if latency.is_zero() {
        return router;
    }
    router.layer(middleware::from_fn(move |request: Request, next: Next| async move {
        time::sleep(latency).await;
        next.run(request).await
    }))
}

/// A server that runs until it is stopped.
#[derive(Debug)]
pub struct Server {
    stop: oneshot::Sender<()>,
    ended: oneshot::Receiver<()>,
}

impl Server {
    /// Serves on the current runtime.
    pub fn spawn(listener: TcpListener, router: Router) -> Self {
        let (server, ended, stopped) = Self::handles();
        tokio::spawn(async move {
            serve(listener, router, stopped).await;
            let _ = ended.send(());
        });
        server
    }

    /// Serves on a thread of its own: what blocks in a database there holds up nothing else. `work`
    /// runs beside it and ends with it.
    pub fn spawn_thread<F>(
        name: &str,
        listener: TcpListener,
        router: Router,
        work: F,
    ) -> Result<Self, Error>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (server, ended, stopped) = Self::handles();
        // A listener belongs to the runtime that made it; this one moves to another.
        let listener = listener.into_std().map_err(Error::Listen)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::Listen)?;
        let serving = async move {
            if let Ok(listener) = TcpListener::from_std(listener) {
                tokio::select! {
                    () = serve(listener, router, stopped) => {}
                    () = async { work.await; std::future::pending().await } => {}
                }
            }
            let _ = ended.send(());
        };
        let thread =
            thread::Builder::new().name(name.to_owned()).spawn(move || runtime.block_on(serving));
        thread.map_err(Error::Listen)?;
        Ok(server)
    }

    fn handles() -> (Self, oneshot::Sender<()>, oneshot::Receiver<()>) {
        let (stop, stopped) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        (Self { stop, ended }, end, stopped)
    }

    /// Stops accepting, lets requests that run finish, and returns when they have.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.ended.await;
    }
}

async fn serve(listener: TcpListener, router: Router, stopped: oneshot::Receiver<()>) {
    // Small answers must not wait for the acknowledgement of the one before.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let stopped = async {
        let _ = stopped.await;
    };
    // axum's server answers errors of single connections itself and never ends with one.
    let _ = axum::serve(listener, router).with_graceful_shutdown(stopped).await;
}
