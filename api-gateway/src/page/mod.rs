//! The documents page: drop files, see what becomes of them, look at what was read, fetch what was made. Rendered here;
//! small scripts of our own upload, keep the page fresh and show a field's place. Nothing comes from elsewhere, nothing
//! stands inline, and without scripts all but dropping files works.

mod act;
mod assets;
mod document;
mod fields;
mod index;
mod layout;
mod list;
mod stages;
mod viewer;
mod words;

use crate::app::Gateway;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use layout::Page;
use maud::html;
use std::sync::Arc;
use web::{Problem, Who};

pub fn routes() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/", get(index::show))
        .route("/events", get(index::events))
        .route("/documents/{id}", get(document::show))
        .route("/documents/{id}/retry", post(act::retry))
        .route("/documents/{id}/cancel", post(act::cancel))
        .route("/documents/{id}/delete", get(act::confirm_delete).post(act::delete))
        .layer(middleware::from_fn(rendered))
        .merge(web::assets::routes(assets::ALL))
}

/// A page, or why there is none.
type Shown = Result<Page, Problem>;

/// Where a browser goes after an action.
type Acted = Result<Redirect, Problem>;

/// Pages, and problems as pages, for the person who asks.
async fn rendered(who: Who, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let status = response.status();
    if let Some(page) = response.extensions_mut().remove::<Page>() {
        return page.render(&who);
    }
    let Some(problem) = response.extensions().get::<Problem>() else {
        return response;
    };
    let page = Page::new(
        "Not so",
        html! {
            h1 { (status.canonical_reason().unwrap_or("Error")) }
            p.notice.bad role="alert" { (words::sentence(problem.detail())) }
            p { a href="/" { "To the documents" } }
        },
    );
    (status, page.render(&who)).into_response()
}
