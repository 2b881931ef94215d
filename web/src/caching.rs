//! ETags, so that unchanged JSON is not sent again, and compression of texts.

use crate::problem::internal;
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate, SizeAbove};

/// Larger answers get no tag here: they are streamed, and have tags of their own or none.
const MOST: usize = 4 * 1024 * 1024;

/// Gives JSON an ETag, and answers 304 when the client already has it. The tag is weak: it identifies the content, in any
/// encoding.
pub async fn tag(request: Request, next: Next) -> Response {
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let response = next.run(request).await;
    let size = response
        .body()
        .size_hint()
        .exact()
        .and_then(|size| usize::try_from(size).ok());
    let is_tagged = response.headers().contains_key(header::ETAG);
    let is_json = essence(response.headers()) == "application/json";
    if !is_read || response.status() != StatusCode::OK || is_tagged || !is_json || size.is_none_or(|size| size > MOST) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, MOST).await else {
        return internal(&"the body of an answer broke off").into_response();
    };
    let digest: String = Sha256::digest(&bytes)[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let tag = format!("W/\"{digest}\"");
    let is_known = known.is_some_and(|known| known.to_str().is_ok_and(|known| matches(&tag, known)));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, tag);
        parts.headers.insert(header::CACHE_CONTROL, REVALIDATED);
    }
    if !is_known {
        return Response::from_parts(parts, Body::from(bytes));
    }
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::empty())
}

/// Only the client may cache the answer, and must revalidate it before each use.
pub const REVALIDATED: HeaderValue = HeaderValue::from_static("private, no-cache");

/// RFC 9110's weak comparison of a tag with the header If-None-Match.
pub fn matches(tag: &str, known: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known.trim() == "*" || known.split(',').any(|known| opaque(known) == opaque(tag))
}

/// The media type without its parameters.
fn essence(headers: &HeaderMap) -> &str {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
}

/// Content types that compress well, except event streams, which would be held back.
#[derive(Debug, Clone, Copy)]
pub struct Texts;

impl Predicate for Texts {
    fn should_compress<B: HttpBody>(&self, response: &axum::http::Response<B>) -> bool {
        matches!(
            essence(response.headers()),
            "application/json"
                | "application/problem+json"
                | "text/html"
                | "text/plain"
                | "text/css"
                | "text/javascript"
                | "image/svg+xml"
        )
    }
}

/// Compresses texts for clients that take gzip.
pub fn compress() -> CompressionLayer<And<SizeAbove, Texts>> {
    CompressionLayer::new().compress_when(SizeAbove::new(1024).and(Texts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_tags_and_lists_of_tags_match() {
        for known in ["\"a1\"", "W/\"a1\"", "\"b2\", W/\"a1\"", "*"] {
            assert!(matches("\"a1\"", known) && matches("W/\"a1\"", known), "{known}");
        }
        assert!(!matches("\"a1\"", "\"b2\", \"a\""));
    }
}
