//! The documents page: upload files, follow their progress, view what was read, download the results. Rendered on the server;
//! small scripts upload files, refresh the page and highlight fields. Nothing is loaded from other sites and no script or style
//! is inline. Everything except dropping files works without scripts.

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

use crate::state::Gateway;
use axum::routing::{get, post};
use axum::{Router, middleware};
use std::sync::Arc;
use web::page::{self, Acted, Page, Shown};

pub fn routes() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/", get(index::show))
        .route("/events", get(index::events))
        .route("/documents/{id}", get(document::show))
        .route("/documents/{id}/retry", post(act::retry))
        .route("/documents/{id}/cancel", post(act::cancel))
        .route("/documents/{id}/delete", get(act::confirm_delete).post(act::delete))
        .layer(middleware::from_fn_with_state(&layout::SITE, page::rendered))
        .merge(web::assets::routes(assets::ALL))
}
