//! The operator's pages, rendered on the server. A small script refreshes them. Without scripts the pages are static, and every
//! action still works.

mod assets;
mod audit;
mod dead;
mod documents;
mod form;
mod keys;
mod layout;
mod overview;
mod parts;
mod queue;
mod schedules;
mod task;
mod tasks;
mod wall;
mod words;
mod workers;

use crate::state::Dashboard;
use axum::routing::{get, post};
use axum::{Router, middleware};
use std::sync::Arc;
use web::page::{self, Acted, Page, Shown};

pub fn routes() -> Router<Arc<Dashboard>> {
    Router::new()
        .route("/", get(overview::show))
        .route("/wall", get(wall::show))
        .route("/queues/{name}", get(queue::show))
        .route("/queues/{name}/{action}", post(queue::act))
        .route("/tasks", get(tasks::show))
        .route("/tasks/{id}", get(task::show))
        .route("/tasks/{id}/{action}", post(task::act))
        .route("/dead", get(dead::show))
        .route("/dead/confirm", post(dead::confirm))
        .route("/dead/apply", post(dead::apply))
        .route("/documents", get(documents::list))
        .route("/documents/{id}", get(documents::show))
        .route("/find", get(documents::find))
        .route("/workers", get(workers::show))
        .route("/workers/{id}/drain", post(workers::drain))
        .route("/schedules", get(schedules::show))
        .route("/schedules/{name}/{action}", post(schedules::act))
        .route("/audit", get(audit::show))
        .route("/keys", get(keys::show).post(keys::add))
        .route("/keys/{id}/revoke", post(keys::revoke))
        .layer(middleware::from_fn_with_state(&layout::SITE, page::rendered))
        .merge(web::assets::routes(assets::ALL))
}

pub use words::seconds;
