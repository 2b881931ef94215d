//! The listening socket: connections with limits, and an end that lets requests under way finish.

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Beyond this many connections, new ones wait to be accepted.
const MAX_CONNECTIONS: usize = 1024;
/// How long a client may take to send the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);
const MAX_HEADERS: usize = 64;
/// Also the longest head of a request.
const MAX_BUFFER: usize = 64 * 1024;
/// Before accepting again when the process is out of file descriptors: there is no signal for one that is freed.
const PAUSE: Duration = Duration::from_millis(200);

/// With each request: the address of whoever is at the other end of the connection, a proxy where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// How the server ends.
#[derive(Debug, Clone)]
pub struct Grace {
    /// Accept nothing new, finish what is under way.
    pub drain: CancellationToken,
    /// End, whatever is under way.
    pub at_once: CancellationToken,
    /// How long finishing may take.
    pub longest: Duration,
}

/// Serves until `grace.drain`, and then what is under way.
pub async fn serve(listener: TcpListener, app: Router, grace: Grace) {
    let connections = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_BUFFER);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &slots) => accepted,
            () = grace.drain.cancelled() => break,
        };
        let Some((stream, peer, slot)) = accepted else {
            continue;
        };
        let app = app.clone().map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            request
        });
        let service = TowerToHyperService::new(app);
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke");
            }
            drop(slot);
        });
    }
    drop(listener);
    tokio::select! {
        () = connections.shutdown() => tracing::info!("every request is answered"),
        () = tokio::time::sleep(grace.longest) => tracing::warn!("requests under way are cut off: DRAIN_SECONDS are over"),
        () = grace.at_once.cancelled() => tracing::warn!("requests under way are cut off"),
    }
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(tokio::net::TcpStream, Peer, tokio::sync::OwnedSemaphorePermit)> {
    let slot = slots.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, Peer(peer.ip()), slot)),
        Err(error) => {
            tracing::warn!(%error, "no connection could be accepted");
            tokio::time::sleep(PAUSE).await;
            None
        }
    }
}
