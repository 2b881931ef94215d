//! Files of a document: the original, and the deliverables.

use super::finished::finished;
use super::on_demand::{Wanted, make};
use super::params::DocumentId;
use super::send::{Disposition, Sent, send};
use crate::state::Gateway;
use crate::wire::Binary;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use queue_schema::payload::MakeSearchablePdf;
use std::sync::Arc;
use web::Who;
use web::problem::{Problem, Result};

/// The file as it was uploaded.
#[utoipa::path(
    get,
    path = "/api/v1/documents/{id}/original",
    operation_id = "download_original",
    tag = "documents",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "The file, as what it is", content(
            (Binary = "application/pdf"), (Binary = "image/png"), (Binary = "image/jpeg"), (Binary = "image/webp"), (Binary = "image/tiff")
        )),
        (status = 206, description = "The part of it that Range asks for", content(
            (Binary = "application/pdf"), (Binary = "image/png"), (Binary = "image/jpeg"), (Binary = "image/webp"), (Binary = "image/tiff")
        )),
        (status = 404, body = Problem, description = "No such document")
    )
)]
pub async fn original(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    DocumentId(id): DocumentId,
    headers: HeaderMap,
) -> Result<Response> {
    let document = gateway.document(&who, id).await?;
    let name = Disposition::Attachment(document.file_name.clone());
    send(&gateway, Sent::original(&document), name, &headers).await
}

/// The document as a PDF whose text can be searched and copied. Where it is not made with every document (setting
/// ALWAYS_GENERATE_SANDWICH_PDF), it is made when it is first asked for.
#[utoipa::path(
    get,
    path = "/api/v1/documents/{id}/searchable.pdf",
    operation_id = "download_searchable_pdf",
    tag = "results",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Binary, description = "The PDF", content_type = "application/pdf"),
        (status = 202, body = Problem, description = "Still being made; ask again"),
        (status = 206, body = Binary, description = "The part of it that Range asks for", content_type = "application/pdf"),
        (status = 404, body = Problem, description = "No such document"),
        (status = 409, body = Problem, description = "Not done, or it could not be made")
    )
)]
pub async fn searchable_pdf(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    DocumentId(id): DocumentId,
    headers: HeaderMap,
) -> Result<Response> {
    let document = finished(&gateway, &who, id).await?;
    let wanted = Wanted {
        name: "searchable.pdf",
        what: "whole",
    };
    let pdf = make(&gateway, &document, &MakeSearchablePdf { document: id }, &wanted).await?;
    let name = Disposition::Attachment(format!("{}.pdf", stem(&document.file_name)));
    send(&gateway, pdf.into(), name, &headers).await
}

/// The document's words and boxes as hOCR.
#[utoipa::path(
    get,
    path = "/api/v1/documents/{id}/hocr",
    operation_id = "download_hocr",
    tag = "results",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Binary, description = "hOCR 1.2", content_type = "text/vnd.hocr+html"),
        (status = 404, body = Problem, description = "No such document"),
        (status = 409, body = Problem, description = "Not done")
    )
)]
pub async fn hocr(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    DocumentId(id): DocumentId,
    headers: HeaderMap,
) -> Result<Response> {
    let document = finished(&gateway, &who, id).await?;
    let Some(hocr) = gateway.store.artefact(id, "document.hocr").await? else {
        return Err(Problem::not_found(
            "hocr_not_found",
            format!(
                "{:?} was finished without hOCR; retry it from stage finalize",
                document.file_name
            ),
        ));
    };
    let name = Disposition::Attachment(format!("{}.hocr", stem(&document.file_name)));
    send(&gateway, hocr.into(), name, &headers).await
}

/// A file's name without its extension.
fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}
