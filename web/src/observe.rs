//! Each request gets an id, a log line, a count and a duration. Queries and bodies are not logged, because they may contain
//! text of a document.

use crate::events::RequestAnswered;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use queue_schema::TraceId;
use std::time::Instant;
use telemetry::Event;
use tracing::field::{Empty, display};
use tracing::{Instrument, Span};
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub async fn observe(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = Uuid::now_v7().to_string();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
        .to_owned();
    // Error level, so that no log filter drops the span: log lines of errors need the request's id.
    let span = tracing::error_span!("request", id, %method, path, document = Empty, trace = Empty);
    let mut response = next.run(request).instrument(span.clone()).await;
    let answered = RequestAnswered {
        method: known(&method),
        route,
        status: response.status().as_u16(),
        took: began.elapsed(),
    };
    span.in_scope(|| answered.emit());
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Adds the document and its trace to the request's span, so that all log lines of the request name it.
pub fn about(document: Uuid, trace: Option<TraceId>) {
    let span = Span::current();
    span.record("document", display(document));
    if let Some(trace) = trace {
        span.record("trace", display(trace));
    }
}

fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
