//! Checks on every request, and security headers on every answer.
//!
//! Checking the Host keeps a web site that points its own name at this address (DNS rebinding) from reading documents;
//! checking the Origin keeps it from uploading and deleting through a visitor's browser.

use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use settings::{ALLOWED_HOSTS, CORS_ALLOWED_ORIGINS, Settings};
use std::collections::HashSet;
use std::sync::Arc;

/// The hosts and origins that a server answers to.
#[derive(Debug)]
pub struct Guard {
    /// In lower case, without ports.
    allowed_hosts: HashSet<String>,
    /// Origins of pages that may use the API with a key.
    allowed_origins: HashSet<String>,
}

impl Guard {
    pub fn from_settings(settings: &Settings) -> Arc<Guard> {
        let lower = |list: Vec<&str>| list.into_iter().map(str::to_ascii_lowercase).collect();
        Arc::new(Guard {
            allowed_hosts: lower(settings.get(ALLOWED_HOSTS)),
            allowed_origins: lower(settings.get(CORS_ALLOWED_ORIGINS)),
        })
    }

    /// Whether a foreign origin is allowed. It must send a key, because only a page that was given the key can do so; a browser
    /// attaches the session cookie to every request.
    fn lets_in(&self, headers: &HeaderMap) -> bool {
        let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
        headers.contains_key(header::AUTHORIZATION)
            && origin.is_some_and(|origin| self.allowed_origins.contains(&origin.to_ascii_lowercase()))
    }
}

/// Probes use an IP address as Host and reveal nothing, so they are not checked.
pub(crate) fn is_probe(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

/// Content security policy of answers that set none: the browser may show the answer, and nothing else.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

const DEFAULTS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, NOTHING),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // With "no-referrer", browsers would send `Origin: null` with our own forms.
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

pub async fn check(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let mut response = match refusal(&guard, &request) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

fn refusal(guard: &Guard, request: &Request) -> Option<Problem> {
    let Some(authority) = authority(request) else {
        return Some(Problem::bad_request("no_host", "the request has no Host header"));
    };
    let host = without_port(authority).to_ascii_lowercase();
    if !guard.allowed_hosts.contains(&host) && !is_probe(request.uri().path()) {
        return Some(Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "unknown_host",
            format!("this server does not answer to the host name {host:?}; add it to the setting ALLOWED_HOSTS"),
        ));
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && is_foreign(request.headers(), authority) && !guard.lets_in(request.headers()) {
        return Some(Problem::new(
            StatusCode::FORBIDDEN,
            "foreign_origin",
            "the request comes from a page of another site; open the page under this server's own name",
        ));
    }
    None
}

/// The `host[:port]` that the request is addressed to.
fn authority(request: &Request) -> Option<&str> {
    match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => request.headers().get(header::HOST)?.to_str().ok(),
    }
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    }
}

fn is_foreign(headers: &HeaderMap, authority: &str) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return false;
    };
    let own = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"))
        .is_some_and(|(_, origin)| origin.eq_ignore_ascii_case(authority));
    !own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_left_out_and_addresses_kept_whole() {
        assert_eq!(without_port("localhost:8080"), "localhost");
        assert_eq!(without_port("localhost"), "localhost");
        assert_eq!(without_port("[::1]:8080"), "[::1]");
        assert_eq!(without_port("[::1]"), "[::1]");
    }

    #[test]
    fn only_the_own_site_is_not_foreign() {
        let origin = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ORIGIN, HeaderValue::from_static(value));
            headers
        };
        assert!(!is_foreign(&HeaderMap::new(), "localhost:8080"));
        assert!(!is_foreign(&origin("http://localhost:8080"), "localhost:8080"));
        assert!(is_foreign(&origin("http://localhost:9090"), "localhost:8080"));
        assert!(is_foreign(&origin("https://evil.example"), "localhost:8080"));
        assert!(is_foreign(&origin("null"), "localhost:8080"));
    }
}
