//! What was read of a document, as JSON and as text. It is sent while it is read from the database, some pages at a time: a
//! thousand pages with their words would use too much memory.

use super::finished::finished;
use super::params::DocumentId;
use crate::state::Gateway;
use crate::wire::{Document, DocumentResult, Field, Page};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use futures_util::{Stream, StreamExt, stream};
use queue_schema::document as schema;
use std::sync::Arc;
use uuid::Uuid;
use web::Who;
use web::problem::{Problem, Result, internal};

/// Pages fetched at once.
const BATCH: u32 = 16;

pub type Piece = std::result::Result<Bytes, axum::BoxError>;

/// The document with its pages, words and fields.
#[utoipa::path(
    get,
    path = "/api/v1/documents/{id}/result",
    operation_id = "get_result",
    tag = "results",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = DocumentResult, description = "All that was read"),
        (status = 404, body = Problem, description = "No such document"),
        (status = 409, body = Problem, description = "Not done")
    )
)]
pub async fn result(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    DocumentId(id): DocumentId,
) -> Result<impl IntoResponse> {
    let document = finished(&gateway, &who, id).await?;
    let body = json(gateway, &who, document).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], Body::from_stream(body)))
}

/// A [`DocumentResult`], written while it is read.
pub async fn json(
    gateway: Arc<Gateway>,
    who: &Who,
    document: store::Document,
) -> Result<impl Stream<Item = Piece> + Send + use<>> {
    let (id, count) = (document.id, document.page_count);
    let fields: Vec<Field> = gateway.store.fields(id).await?.into_iter().map(Field::from).collect();
    let mut views = gateway.store.views(vec![document], &who.sees()).await?;
    let document: Document = views.pop().ok_or_else(|| Problem::no_document(id))?.into();

    let mut head = serde_json::to_string(&document).map_err(|e| internal(&e))?;
    head.pop();
    head.push_str(",\"pages\":[");
    let fields = serde_json::to_string(&fields).map_err(|e| internal(&e))?;
    let tail = format!("],\"fields\":{fields}}}");
    let page = |page: schema::Page| serde_json::to_string(&Page::from(page)).map_err(axum::BoxError::from);
    Ok(stream::iter([Ok(Bytes::from(head))])
        .chain(pages(gateway, id, count, ",", page))
        .chain(stream::iter([Ok(Bytes::from(tail))])))
}

/// The document's text, its pages joined by form feeds.
#[utoipa::path(
    get,
    path = "/api/v1/documents/{id}/text",
    operation_id = "get_text",
    tag = "results",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = String, description = "UTF-8", content_type = "text/plain"),
        (status = 404, body = Problem, description = "No such document"),
        (status = 409, body = Problem, description = "Not done")
    )
)]
pub async fn text(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    DocumentId(id): DocumentId,
) -> Result<impl IntoResponse> {
    let document = finished(&gateway, &who, id).await?;
    let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((plain, Body::from_stream(plain_text(gateway, &document))))
}

/// The text of all pages, written while it is read.
pub fn plain_text(gateway: Arc<Gateway>, document: &store::Document) -> impl Stream<Item = Piece> + Send + use<> {
    pages(gateway, document.id, document.page_count, "\u{c}", |page| {
        Ok(page.text())
    })
}

/// The pages, written one by one and joined by `between`. An error in the middle aborts the answer, so that no client takes a
/// part for the whole.
fn pages(
    gateway: Arc<Gateway>,
    id: Uuid,
    count: Option<i32>,
    between: &'static str,
    write: impl Fn(schema::Page) -> std::result::Result<String, axum::BoxError> + Copy + Send + 'static,
) -> impl Stream<Item = Piece> + Send {
    let count = count.and_then(|count| u32::try_from(count).ok()).unwrap_or_default();
    stream::try_unfold((gateway, 1, false), move |(gateway, first, begun)| async move {
        if first > count {
            return Ok(None);
        }
        let last = first.saturating_add(BATCH - 1).min(count);
        let (mut piece, mut begun) = (String::new(), begun);
        for page in gateway.store.pages_between(id, first, last).await? {
            if begun {
                piece.push_str(between);
            }
            piece.push_str(&write(page)?);
            begun = true;
        }
        Ok(Some((Bytes::from(piece), (gateway, last + 1, begun))))
    })
}
