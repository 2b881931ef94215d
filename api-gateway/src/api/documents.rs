//! Documents: list, get, cancel, retry, delete.

use super::cursor::Cursor;
use super::params::{DocumentId, Listing, Selection};
use crate::actions::{cancel_document, delete_document, retry_document};
use crate::state::Gateway;
use crate::wire::{Document, DocumentList};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use queue_schema::document::Stage;
use serde::Deserialize;
use std::sync::Arc;
use store::Reach;
use utoipa::ToSchema;
use web::problem::{Problem, Result};
use web::{Params, Who};

/// Lists documents, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/documents",
    operation_id = "list_documents",
    tag = "documents",
    params(Selection, Listing),
    responses(
        (status = 200, description = "A part of the list", body = DocumentList),
        (status = 400, description = "A wrong parameter", body = Problem)
    )
)]
pub async fn list(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    Params(listing): Params<Listing>,
) -> Result<Json<DocumentList>> {
    Ok(Json(list_documents(&gateway, &who.sees(), &listing).await?))
}

/// The list for both the API and the page.
pub async fn list_documents(gateway: &Gateway, reach: &Reach, listing: &Listing) -> Result<DocumentList> {
    let mut filter = listing.filter(reach.clone())?;
    let total = if listing.wants_total()? {
        Some(gateway.store.count_documents(&filter).await?)
    } else {
        None
    };
    let wanted = usize::try_from(filter.limit).unwrap_or_default();
    filter.limit += 1;
    let mut documents = gateway.store.documents(&filter).await?;
    let more = documents.len() > wanted;
    documents.truncate(wanted);
    let next_cursor = documents.last().filter(|_| more).map(Cursor::encode);
    let views = gateway.store.views(documents, reach).await?;
    Ok(DocumentList {
        documents: views.into_iter().map(Document::from).collect(),
        next_cursor,
        total,
    })
}

/// A document and where it stands.
#[utoipa::path(
    get,
    path = "/api/v1/documents/{id}",
    operation_id = "get_document",
    tag = "documents",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Document, description = "The document"),
        (status = 404, body = Problem, description = "No such document")
    )
)]
pub async fn get(State(gateway): State<Arc<Gateway>>, who: Who, DocumentId(id): DocumentId) -> Result<Json<Document>> {
    Ok(Json(gateway.view(&who.sees(), id).await?.into()))
}

/// Deletes a document. What runs of it is cancelled; its bytes go soon after.
#[utoipa::path(
    delete,
    path = "/api/v1/documents/{id}",
    operation_id = "delete_document",
    tag = "documents",
    params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, body = Problem, description = "No such document")
    )
)]
pub async fn delete(State(gateway): State<Arc<Gateway>>, who: Who, DocumentId(id): DocumentId) -> Result<StatusCode> {
    delete_document(&gateway, &who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a document: what waits never runs, what runs is stopped.
#[utoipa::path(
    post,
    path = "/api/v1/documents/{id}/cancel",
    operation_id = "cancel_document",
    tag = "documents",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Document, description = "Cancelled, now or before"),
        (status = 404, body = Problem, description = "No such document"),
        (status = 409, body = Problem, description = "It has ended otherwise")
    )
)]
pub async fn cancel(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    DocumentId(id): DocumentId,
) -> Result<Json<Document>> {
    Ok(Json(cancel_document(&gateway, &who, id).await?))
}

/// From where to begin again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryFrom {
    /// Default: the stage that failed.
    #[serde(default)]
    #[schema(schema_with = crate::wire::optional_stage_schema)]
    from_stage: Option<Stage>,
}

/// Processes a document again from one of its stages. What earlier stages made is used again.
#[utoipa::path(
    post,
    path = "/api/v1/documents/{id}/retry",
    operation_id = "retry_document",
    tag = "documents",
    params(("id" = Uuid, Path)),
    request_body(content = Option<RetryFrom>, content_type = "application/json"),
    responses(
        (status = 202, body = Document, description = "Queued again"),
        (status = 400, body = Problem, description = "No such stage"),
        (status = 404, body = Problem, description = "No such document"),
        (status = 409, body = Problem, description = "Still being processed, or the stage lacks its inputs")
    )
)]
pub async fn retry(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    DocumentId(id): DocumentId,
    body: Bytes,
) -> Result<(StatusCode, Json<Document>)> {
    let from = if body.trim_ascii().is_empty() {
        RetryFrom::default()
    } else {
        serde_json::from_slice(&body).map_err(|error| {
            let stages: Vec<_> = Stage::ALL.iter().map(|s| s.as_str()).collect();
            Problem::field(
                "from_stage",
                &format!(
                    "a JSON object {{\"from_stage\": …}} with one of {} ({error})",
                    stages.join(", ")
                ),
            )
        })?
    };
    let document = retry_document(&gateway, &who, id, from.from_stage).await?;
    Ok((StatusCode::ACCEPTED, Json(document)))
}
