//! Sends stored objects, with their content type and name, and in ranges if requested.

use super::range::{Asked, asked};
use crate::state::Gateway;
use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Response as HttpResponse, StatusCode};
use axum::response::Response;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use store::{Artefact, Document};
use web::caching;
use web::problem::{Problem, Result};

/// A stored object, as clients see it.
pub struct Sent {
    object: String,
    content_type: String,
    size: u64,
}

impl From<Artefact> for Sent {
    fn from(artefact: Artefact) -> Sent {
        Sent {
            object: artefact.object,
            content_type: artefact.content_type,
            size: u64::try_from(artefact.size_bytes).unwrap_or_default(),
        }
    }
}

impl Sent {
    pub fn original(document: &Document) -> Sent {
        Sent {
            object: document.original.clone(),
            content_type: document.content_type.clone(),
            size: u64::try_from(document.size_bytes).unwrap_or_default(),
        }
    }

    /// An object is written once and never changed, so its name identifies its bytes.
    fn etag(&self) -> String {
        let digest = Sha256::digest(self.object.as_bytes());
        let hex: String = digest[..12].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("\"{hex}\"")
    }
}

/// All characters except those that RFC 8187 calls attr-char.
const NO_ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Whether a browser shows the answer or saves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disposition {
    Inline,
    /// Save it under this name.
    Attachment(String),
}

impl Disposition {
    /// RFC 6266: a plain ASCII name for all clients, and the real one, percent-encoded, for those that support it.
    fn header(&self) -> String {
        let Disposition::Attachment(name) = self else {
            return "inline".into();
        };
        let plain: String = name
            .chars()
            .map(|c| {
                if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        let encoded = utf8_percent_encode(name, NO_ATTRIBUTE);
        format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
    }
}

/// Answers with the object, or with the part of it that the headers request.
pub async fn send(gateway: &Gateway, sent: Sent, disposition: Disposition, headers: &HeaderMap) -> Result<Response> {
    let etag = sent.etag();
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::IF_NONE_MATCH).is_some_and(|known| caching::matches(&etag, known)) {
        return answer(StatusCode::NOT_MODIFIED, &[(header::ETAG, etag)], Body::empty());
    }
    // With If-Range: a client that has the beginning of other bytes needs the whole object.
    let range = text(header::RANGE).filter(|_| text(header::IF_RANGE).is_none_or(|known| known == etag));
    let size = sent.size;
    let (status, part, content_range) = match asked(range, size) {
        Asked::Whole => (StatusCode::OK, 0..size, None),
        Asked::Part(part) => {
            let shown = format!("bytes {}-{}/{size}", part.start, part.end - 1);
            (StatusCode::PARTIAL_CONTENT, part, Some(shown))
        }
        Asked::Nowhere => {
            return Err(Problem::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "range_not_satisfiable",
                format!("the file has {size} bytes"),
            ));
        }
    };
    let length = (part.end - part.start).to_string();
    let body = if part.is_empty() {
        Body::empty()
    } else {
        Body::from_stream(gateway.store.bytes().stream_range(&sent.object, part).await?)
    };
    let mut all = vec![
        (header::CONTENT_TYPE, sent.content_type),
        (header::CONTENT_LENGTH, length),
        (header::CONTENT_DISPOSITION, disposition.header()),
        (header::ACCEPT_RANGES, "bytes".into()),
        (header::ETAG, etag),
    ];
    all.extend(content_range.map(|range| (header::CONTENT_RANGE, range)));
    answer(status, &all, body)
}

fn answer<V: AsRef<str>>(status: StatusCode, headers: &[(HeaderName, V)], body: Body) -> Result<Response> {
    let mut response = HttpResponse::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, caching::REVALIDATED);
    for (name, value) in headers {
        let value = HeaderValue::from_str(value.as_ref()).map_err(|e| web::problem::internal(&e))?;
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out_of_the_header() {
        let header = Disposition::Attachment("Rechnung \"März\" 100%.pdf".into()).header();
        assert_eq!(
            header,
            "attachment; filename=\"Rechnung _M_rz_ 100_.pdf\"; filename*=UTF-8''Rechnung%20%22M%C3%A4rz%22%20100%25.pdf"
        );
    }
}
