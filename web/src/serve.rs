//! The listening socket: limits on connections, and a graceful shutdown that lets requests in progress finish.

use crate::guard::is_probe;
use crate::linger::linger;
use crate::problem::Problem;
use crate::proxies::Proxies;
use crate::slots::{Idle, Slot, Slots};
use axum::body::{Body, Bytes};
use axum::http::header::{CONNECTION, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::{Router, extract::Request};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Most connections at once.
const CONNECTIONS: usize = 1024;
/// Most connections of one address. This machine and trusted proxies are exempt.
const OF_ONE_ADDRESS: usize = CONNECTIONS / 4;
/// Extra connections for probes alone, so that a server that is full is not taken for dead.
const FOR_PROBES: usize = 32;
/// How long a client may take to send the head of a request. Also how long a connection may be idle between two requests.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// How long a client may leave unread what was sent to it.
const READ_PATIENCE: Duration = Duration::from_secs(60);
const MAX_HEADERS: usize = 64;
/// Read buffer of a connection. Also the largest head of a request.
const MAX_BUFFER: usize = 64 * 1024;
/// Pause before the next accept when the process has no free file descriptors: nothing signals that one was closed.
const PAUSE: Duration = Duration::from_millis(200);

/// Extension of each request: the client's address, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// How the server shuts down.
#[derive(Debug, Clone)]
pub struct Grace {
    /// Accept nothing new, finish the requests in progress.
    pub drain: CancellationToken,
    /// End at once, even with requests in progress.
    pub at_once: CancellationToken,
    /// Longest time to finish the requests in progress.
    pub longest: Duration,
}

/// Serves until `grace.drain`, then finishes the requests in progress.
pub async fn serve(listener: TcpListener, app: Router, proxies: Proxies, grace: Grace) {
    raise_open_files();
    let connections = GracefulShutdown::new();
    let doors = Doors::new(proxies);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_BUFFER);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = grace.drain.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok((stream, peer)) => (stream, peer.ip()),
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                doors.general.make_room();
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let Some(visit) = doors.admit(peer) else {
            continue;
        };
        watch_reading(&stream);
        let (app, visit) = (app.clone(), Arc::new(visit));
        let given_up = visit.slot.given_up().clone();
        let service = service_fn(move |request| answer(app.clone(), visit.clone(), request));
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            tokio::select! {
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke");
                },
                () = given_up.cancelled() => tracing::debug!(%peer, "an idle connection made room for another"),
            }
        });
    }
    drop(listener);
    tokio::select! {
        () = connections.shutdown() => tracing::info!("every request is answered"),
        () = tokio::time::sleep(grace.longest) => tracing::warn!("requests under way are cut off: DRAIN_SECONDS are over"),
        () = grace.at_once.cancelled() => tracing::warn!("requests under way are cut off"),
    }
}

/// Accepts connections and gives each a slot.
struct Doors {
    general: Arc<Slots>,
    probes: Arc<Slots>,
    proxies: Proxies,
}

/// A connection.
struct Visit {
    slot: Slot,
    peer: IpAddr,
    proxies: Proxies,
    /// The server is full: this connection may only send probes.
    for_probes: bool,
}

impl Doors {
    fn new(proxies: Proxies) -> Doors {
        Doors {
            general: Slots::new(CONNECTIONS, OF_ONE_ADDRESS),
            probes: Slots::new(FOR_PROBES, FOR_PROBES),
            proxies,
        }
    }

    fn admit(&self, peer: IpAddr) -> Option<Visit> {
        let is_shared = peer.to_canonical().is_loopback() || self.proxies.include(peer);
        let general = self.general.take((!is_shared).then_some(peer), Some(Idle::New));
        let for_probes = general.is_none();
        let slot = general.or_else(|| self.probes.take(None, Some(Idle::New)))?;
        Some(Visit {
            slot,
            peer,
            proxies: self.proxies.clone(),
            for_probes,
        })
    }
}

async fn answer(app: Router, visit: Arc<Visit>, request: Request<Incoming>) -> Result<Response<Sent>, Infallible> {
    let under_way = UnderWay::of(visit.clone());
    let mut request = request.map(Body::new);
    let response = if visit.for_probes && !is_probe(request.uri().path()) {
        let (parts, body) = request.into_parts();
        linger(&parts.headers, body);
        full()
    } else {
        let client = visit.proxies.client(visit.peer, request.headers());
        request.extensions_mut().insert(Peer(client));
        app.oneshot(request).await?
    };
    Ok(response.map(|body| Sent {
        body,
        _under_way: under_way,
    }))
}

fn full() -> Response {
    let what = "the server has all the connections that it can hold; try again soon";
    let mut response = Problem::unavailable("too_many_connections", what).into_response();
    response
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A request in progress, from its head to the end of its answer. Its connection is busy for that time.
struct UnderWay(Arc<Visit>);

impl UnderWay {
    fn of(visit: Arc<Visit>) -> UnderWay {
        visit.slot.is_busy();
        UnderWay(visit)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.slot.is_idle(Idle::Answered);
    }
}

/// The body of an answer. The connection stays busy until all of it is sent.
struct Sent {
    body: Body,
    _under_way: UnderWay,
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Makes the kernel close a connection whose client reads nothing. Such a connection would stay busy for ever.
fn watch_reading(stream: &TcpStream) {
    if let Err(error) = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(READ_PATIENCE)) {
        tracing::debug!(%error, "the kernel does not watch a connection");
    }
}

/// Raises the limit of open files as far as the system allows: the default limit is below [`CONNECTIONS`].
fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
}
