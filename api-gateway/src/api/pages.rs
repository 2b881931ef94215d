//! Single pages: their words and images.

use super::on_demand::{Wanted, make};
use super::params::{DocumentId, PageNumber};
use super::send::{Disposition, send};
use crate::state::Gateway;
use crate::wire::{Binary, Page};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use queue_schema::payload::RenderPage;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use store::Document;
use utoipa::IntoParams;
use web::problem::{Problem, Result};
use web::{Params, Who};

/// Widths of images in pixels. No others are made, so a client that asks for every width only causes a handful of images.
const WIDTHS: [u32; 6] = [240, 480, 800, 1200, 1600, 2400];
const USUAL_WIDTH: u32 = 1200;
const THUMBNAIL_WIDTH: u32 = WIDTHS[0];

/// A page with its words and their boxes. There as soon as the page has been read.
#[utoipa::path(
    get,
    path = "/api/v1/documents/{id}/pages/{n}",
    operation_id = "get_page",
    tag = "results",
    params(("id" = Uuid, Path), ("n" = u32, Path, description = "From 1")),
    responses(
        (status = 200, body = Page, description = "The page"),
        (status = 404, body = Problem, description = "No such document or page"),
        (status = 409, body = Problem, description = "Not read yet")
    )
)]
pub async fn page(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    DocumentId(id): DocumentId,
    PageNumber(number): PageNumber,
) -> Result<Json<Page>> {
    let document = document_with_page(&gateway, &who, id, number).await?;
    match gateway.store.page(document.id, number).await? {
        Some(page) => Ok(Json(page.into())),
        None => Err(not_read(&document, &format!("page {number} has not been read"))),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImageParams {
    /// In pixels; the next larger of 240, 480, 800, 1200, 1600, 2400 is given. Default 1200.
    width: Option<u32>,
}

/// A page's image. It is made when it is first asked for.
#[utoipa::path(
    get,
    path = "/api/v1/documents/{id}/pages/{n}/image",
    operation_id = "get_page_image",
    tag = "results",
    params(("id" = Uuid, Path), ("n" = u32, Path, description = "From 1"), ImageParams),
    responses(
        (status = 200, body = Binary, description = "The image", content_type = "image/png"),
        (status = 202, body = Problem, description = "Still being made; ask again"),
        (status = 400, body = Problem, description = "The width is no number"),
        (status = 404, body = Problem, description = "No such document or page"),
        (status = 409, body = Problem, description = "Not opened yet, or it could not be made")
    )
)]
pub async fn image(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    DocumentId(id): DocumentId,
    PageNumber(number): PageNumber,
    Params(params): Params<ImageParams>,
    headers: HeaderMap,
) -> Result<Response> {
    let document = document_with_page(&gateway, &who, id, number).await?;
    render(&gateway, &document, number, width(params.width), &headers).await
}

/// A small image of a page.
#[utoipa::path(
    get,
    path = "/api/v1/documents/{id}/pages/{n}/thumbnail",
    operation_id = "get_page_thumbnail",
    tag = "results",
    params(("id" = Uuid, Path), ("n" = u32, Path, description = "From 1")),
    responses(
        (status = 200, body = Binary, description = "The image, 240 pixels wide", content_type = "image/jpeg"),
        (status = 202, body = Problem, description = "Still being made; ask again"),
        (status = 404, body = Problem, description = "No such document or page"),
        (status = 409, body = Problem, description = "Not opened yet, or it could not be made")
    )
)]
pub async fn thumbnail(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    DocumentId(id): DocumentId,
    PageNumber(number): PageNumber,
    headers: HeaderMap,
) -> Result<Response> {
    let document = document_with_page(&gateway, &who, id, number).await?;
    if let Some(found) = gateway.store.artefact(id, &thumbnail_name(number)).await? {
        return send(&gateway, found.into(), Disposition::Inline, &headers).await;
    }
    render(&gateway, &document, number, THUMBNAIL_WIDTH, &headers).await
}

/// The name under which a finished document stores a page's thumbnail.
pub fn thumbnail_name(page: u32) -> String {
    format!("thumbnail-{page}.jpg")
}

fn width(asked: Option<u32>) -> u32 {
    let asked = asked.unwrap_or(USUAL_WIDTH);
    let largest = WIDTHS[WIDTHS.len() - 1];
    WIDTHS.into_iter().find(|width| *width >= asked).unwrap_or(largest)
}

async fn render(
    gateway: &Gateway,
    document: &Document,
    page: u32,
    width: u32,
    headers: &HeaderMap,
) -> Result<Response> {
    let payload = RenderPage {
        document: document.id,
        page,
        width,
    };
    let wanted = Wanted {
        name: &format!("page-{page}-{width}.png"),
        what: &format!("{page}:{width}"),
    };
    let image = make(gateway, document, &payload, &wanted).await?;
    send(gateway, image.into(), Disposition::Inline, headers).await
}

async fn document_with_page(gateway: &Gateway, who: &Who, id: uuid::Uuid, number: u32) -> Result<Document> {
    let document = gateway.document(who, id).await?;
    match document.page_count {
        None => Err(not_read(&document, "the file has not been opened")),
        Some(count) if i64::from(number) > i64::from(count) => Err(Problem::not_found(
            "page_not_found",
            format!("{:?} has {count} pages, and no page {number}", document.file_name),
        )),
        Some(_) => Ok(document),
    }
}

fn not_read(document: &Document, what: &str) -> Problem {
    let name = &document.file_name;
    match &document.error {
        Some(error) => Problem::conflict("document_failed", format!("{name:?}: {what}: {error}")),
        None => Problem::conflict("not_read_yet", format!("{name:?}: {what} yet")).retry_after(Duration::from_secs(2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_a_few() {
        assert_eq!(width(None), 1200);
        assert_eq!(width(Some(0)), 240);
        assert_eq!(width(Some(481)), 800);
        assert_eq!(width(Some(u32::MAX)), 2400);
    }
}
