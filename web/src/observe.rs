//! Each request: an id, a line of log, a count and a duration. Queries and bodies are not logged: they may hold what a
//! document says.

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub async fn observe(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = Uuid::now_v7().to_string();
    let method = request.method().as_str().to_owned();
    let path = request.uri().path().to_owned();
    // The template, not the path: an id in a label would make a time series of each document.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", id, method, path);
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, elapsed) = (response.status(), began.elapsed());
    span.in_scope(|| {
        let ms = elapsed.as_millis();
        match status.as_u16() {
            _ if OFTEN.contains(&route.as_str()) => tracing::debug!(status = status.as_u16(), ms, "answered"),
            500.. => tracing::warn!(status = status.as_u16(), ms, "answered"),
            _ => tracing::info!(status = status.as_u16(), ms, "answered"),
        }
    });
    // A client may invent methods and would make a time series of each.
    let method = match method.as_str() {
        "GET" | "HEAD" | "POST" | "DELETE" => method,
        _ => "other".to_owned(),
    };
    metrics::counter!("docfleet_http_requests_total", "method" => method.clone(), "route" => route.clone(),
        "status" => status.as_u16().to_string())
    .increment(1);
    metrics::histogram!("docfleet_http_request_seconds", "method" => method, "route" => route)
        .record(elapsed.as_secs_f64());
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Asked for all the time by machines and by the open page.
const OFTEN: [&str; 4] = ["/healthz", "/readyz", "/metrics", "/"];
