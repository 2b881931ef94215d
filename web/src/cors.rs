//! CORS: pages of the origins in the setting CORS_ALLOWED_ORIGINS may use the API with a key.

use axum::http::Method;
use axum::http::header::{self, HeaderName, HeaderValue};
use settings::{CORS_ALLOWED_ORIGINS, Settings};
use std::time::Duration;
use tower_http::cors::CorsLayer;

const SENT: [HeaderName; 7] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::IF_NONE_MATCH,
    header::RANGE,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("traceparent"),
];
const SHOWN: [HeaderName; 7] = [
    header::CONTENT_DISPOSITION,
    header::CONTENT_RANGE,
    header::ETAG,
    header::RETRY_AFTER,
    HeaderName::from_static("idempotency-replayed"),
    HeaderName::from_static("x-request-id"),
    header::ACCEPT_RANGES,
];
/// How long browsers may cache the answer to a preflight request.
const REMEMBERED: Duration = Duration::from_secs(600);

/// Answers preflight requests. Credentials (cookies) are not allowed, so a page of another site can never act as the person who
/// is signed in here.
pub fn layer(settings: &Settings) -> CorsLayer {
    let allowed = settings.get(CORS_ALLOWED_ORIGINS).into_iter();
    let allowed: Vec<HeaderValue> = allowed
        .filter_map(|origin| HeaderValue::from_str(origin).ok())
        .collect();
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers(SENT)
        .expose_headers(SHOWN)
        .max_age(REMEMBERED)
}
