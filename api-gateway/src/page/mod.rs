//! The documents page: drop files, see what becomes of them, fetch what was made. Rendered here; a small script of our
//! own uploads and swaps the list in. Nothing comes from elsewhere, and nothing stands inline.

mod assets;
mod documents;
mod layout;

use crate::api::documents::listed;
use crate::api::{Listing, Params};
use crate::app::Gateway;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;
use web::problem::Problem;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub fn routes() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/", get(index))
        .route("/list", get(list))
        .merge(web::assets::routes(assets::ALL))
}

async fn index(State(gateway): State<Arc<Gateway>>, params: Result<Params<Listing>, Problem>) -> Response {
    let (listing, list) = show(&gateway, params).await;
    let page = layout::page(&gateway, &listing, &list);
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], page).into_response()
}

/// The list alone, for the page that is open already.
async fn list(State(gateway): State<Arc<Gateway>>, params: Result<Params<Listing>, Problem>) -> Response {
    show(&gateway, params).await.1.into_response()
}

/// The list, or why there is none: a page that is open goes on asking, so trouble that passes leaves the page alone.
async fn show(gateway: &Gateway, params: Result<Params<Listing>, Problem>) -> (Listing, maud::Markup) {
    let listing = match params {
        Ok(Params(listing)) => listing,
        Err(problem) => return (Listing::default(), documents::trouble(&problem)),
    };
    let markup = match listed(gateway, &listing).await {
        Ok(list) => documents::list(&listing, &list),
        Err(problem) => documents::trouble(&problem),
    };
    (listing, markup)
}
