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
