//! Authentication and authorization. While no key was ever made, a server listens on this machine only and serves every
//! request. From the first key on, every request needs a key (`Authorization: Bearer df_…`) or a session that was opened with
//! one.

mod credential;
mod sign_in;
mod streams;
mod throttle;
mod who;

pub use sign_in::{routes, sign_out};
pub use who::Who;

use crate::linger::linger;
use crate::problem::{Problem, Result};
use crate::serve::Peer;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use credential::Credential;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use store::{Key, Scope, Store};
use streams::Streams;
use throttle::Throttle;

/// A server's access rules.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// The scopes of which a request needs at least one, by its method and path.
    pub needs: fn(&Method, &str) -> &'static [Scope],
    /// Whether keys that are bound to projects are accepted. A server that shows the documents of all projects rejects them.
    pub bound_keys: bool,
    /// Name of the caller in the audit log while no key is needed.
    pub nobody: &'static str,
}

/// Checks every request of a server.
pub struct Access {
    store: Store,
    policy: Policy,
    streams: Arc<Streams>,
    throttle: Mutex<Throttle>,
    /// Whether a key was ever made. Never becomes false again.
    locked: AtomicBool,
}

/// Paths that need no key: probes, which reveal nothing, and what the sign-in page needs.
const OPEN: [&str; 4] = ["/healthz", "/readyz", "/sign-in", "/sign-out"];
const OPEN_FOLDER: &str = "/static/";

pub fn asks_for_key(path: &str) -> bool {
    !OPEN.contains(&path) && !path.starts_with(OPEN_FOLDER)
}

impl Access {
    pub fn new(store: Store, policy: Policy) -> Arc<Access> {
        Arc::new(Access {
            streams: Streams::new(store.clone()),
            store,
            policy,
            throttle: Mutex::default(),
            locked: AtomicBool::new(false),
        })
    }

    async fn is_locked(&self) -> Result<bool> {
        if !self.locked.load(Ordering::Relaxed) && self.store.is_locked().await? {
            self.locked.store(true, Ordering::Relaxed);
        }
        Ok(self.locked.load(Ordering::Relaxed))
    }

    async fn admit(&self, request: &Parts) -> Result<Who> {
        if !self.is_locked().await? {
            return Ok(Who::nobody(self.policy.nobody));
        }
        let Some(credential) = Credential::of(&request.headers) else {
            let what = "this needs a key: send it as \"Authorization: Bearer df_…\". `docfleet keys add` makes one";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "no_key", what));
        };
        let key = self.key(&credential, peer(&request.extensions)).await?;
        let (method, path) = (&request.method, request.uri.path());
        // A browser attaches the session cookie to requests that another site triggers. It also names that site in the header
        // Origin, and the guard has refused foreign ones. A request without the header is refused here.
        let changes = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        if credential.is_session() && changes && !request.headers.contains_key(header::ORIGIN) {
            let what = "the browser does not tell which page this comes from (header Origin)";
            return Err(Problem::new(StatusCode::FORBIDDEN, "no_origin", what));
        }
        let needed = (self.policy.needs)(method, path);
        if !needed.iter().any(|scope| key.allows(*scope)) {
            return Err(missing_scope(&key, needed));
        }
        if key.projects.is_some() && !self.policy.bound_keys {
            let what = format!(
                "the key {} is bound to projects, and this server shows all of them",
                key.name
            );
            return Err(Problem::new(StatusCode::FORBIDDEN, "bound_to_projects", what));
        }
        Ok(Who::holder(key, credential.is_session(), self.streams.clone()))
    }

    /// The key behind a credential. A valid one is never throttled: a secret has 2²⁵⁶ possible values, so it cannot be guessed.
    /// Wrong ones have to wait longer and longer, so that the operator of a script that retries for ever notices.
    async fn key(&self, credential: &Credential, peer: IpAddr) -> Result<Key> {
        let found = match credential {
            Credential::Key(secret) => self.store.key_of_secret(secret).await?,
            Credential::Session(token) => self.store.key_of_session(token).await?,
        };
        if let Some(key) = found {
            self.throttle().passed(peer);
            return Ok(key);
        }
        // Sessions expire, so an unknown session is not counted as a wrong key.
        if !credential.is_session() {
            if let Some(wait) = self.throttle().wait(peer) {
                let what = format!(
                    "too many wrong keys came from {peer}; try again in {} s",
                    wait.as_secs() + 1
                );
                let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_failures", what);
                return Err(problem.retry_after(wait));
            }
            self.throttle().failed(peer);
            tracing::warn!(%peer, "a wrong key was shown");
        }
        let what = "the key is not known here, has expired or was revoked";
        Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong_key", what))
    }

    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub fn missing_scope(key: &Key, needed: &[Scope]) -> Problem {
    let needed: Vec<_> = needed.iter().map(|scope| scope.as_str()).collect();
    let what = format!(
        "the key {} is not for this: it would need the scope {}",
        key.name,
        needed.join(" or ")
    );
    Problem::new(StatusCode::FORBIDDEN, "missing_scope", what)
}

fn peer(extensions: &Extensions) -> IpAddr {
    let peer = extensions.get::<Peer>();
    // Not served by `serve`, as in a handler's test: all such clients share one address.
    peer.map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0)
}

/// Lets an authorized request through. Otherwise answers with a problem, as a page to a browser.
pub async fn check(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    if !asks_for_key(request.uri().path()) {
        return next.run(request).await;
    }
    let (mut request, body) = request.into_parts();
    match access.admit(&request).await {
        Ok(who) => {
            request.extensions.insert(who);
            next.run(Request::from_parts(request, body)).await
        }
        Err(problem) => {
            linger(&request.headers, body);
            refused(&request, problem)
        }
    }
}

fn refused(request: &Parts, problem: Problem) -> Response {
    if wants_page(&request.headers) {
        sign_in::instead_of(request, &problem)
    } else if problem.status() == StatusCode::UNAUTHORIZED {
        ([(header::WWW_AUTHENTICATE, "Bearer")], problem).into_response()
    } else {
        problem.into_response()
    }
}

fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}
