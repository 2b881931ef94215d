//! The routes, and the OpenAPI document that is generated from them.

use crate::state::Gateway;
use crate::{api, page, upload};
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::{Router, middleware};
use std::sync::Arc;
use store::Scope;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::access::{self, Access, Policy};
use web::query::{self, Queries};
use web::{Guard, caching, cors, docs, fallback, guard, observe};

/// The largest body of a request that is not an upload.
const MAX_BODY: usize = 64 * 1024;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "docfleet gateway",
        description = "Upload documents, follow them through ocr, categorize, extract and finalize, and fetch what was made of them. \
                       Errors are RFC 9457 problem details with a stable `code`."
    ),
    tags(
        (name = "documents", description = "Upload, list, follow, end"),
        (name = "results", description = "What was read and made of a document"),
        (name = "service", description = "Whether the gateway lives and accepts")
    )
)]
struct Api;

fn routes() -> OpenApiRouter<Arc<Gateway>> {
    // The upload handler limits its body itself, field by field.
    let uploads = OpenApiRouter::new()
        .routes(routes!(upload::create))
        .layer(DefaultBodyLimit::disable());
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(api::documents::list))
        .routes(routes!(
            api::documents::get,
            api::documents::delete,
            api::correct::correct
        ))
        .routes(routes!(api::bulk::bulk))
        .routes(routes!(api::download::download))
        .routes(routes!(api::documents::cancel))
        .routes(routes!(api::documents::retry))
        .routes(routes!(api::events::events))
        .routes(routes!(api::result::result))
        .routes(routes!(api::result::text))
        .routes(routes!(api::files::original))
        .routes(routes!(api::files::searchable_pdf))
        .routes(routes!(api::files::hocr))
        .routes(routes!(api::pages::page))
        .routes(routes!(api::pages::image))
        .routes(routes!(api::pages::thumbnail))
        .routes(routes!(api::service::healthz))
        .routes(routes!(api::service::readyz))
        .routes(routes!(api::service::metrics))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .merge(uploads)
}

/// The OpenAPI document of the routes that [`router`] serves.
pub fn openapi() -> utoipa::openapi::OpenApi {
    docs::complete(routes().split_for_parts().1)
}

const POLICY: Policy = Policy {
    needs: |method, path| match *method {
        _ if docs::is_description(path) => Scope::ALL,
        Method::GET | Method::HEAD if is_status(path) => &[Scope::Read, Scope::Upload],
        Method::GET | Method::HEAD => &[Scope::Read],
        Method::DELETE => &[Scope::Operate],
        _ if path.ends_with("/delete") => &[Scope::Operate],
        _ => &[Scope::Upload],
    },
    bound_keys: true,
    nobody: "somebody at the gateway",
};

/// Paths at which an uploader follows its own documents: the list, one document, and the events of either.
fn is_status(path: &str) -> bool {
    path.strip_prefix("/api/v1/documents").is_some_and(|below| {
        let mut names = below.split('/').skip(1);
        names.next() != Some("download") && matches!(names.next(), None | Some("events"))
    })
}

/// The whole gateway as one router.
pub fn router(gateway: Arc<Gateway>) -> Router {
    let (routes, openapi) = routes().split_for_parts();
    let queries = Queries::of(&openapi);
    let guard = Guard::from_settings(&gateway.settings);
    let cors = cors::layer(&gateway.settings);
    let access = Access::new(gateway.store.clone(), POLICY);
    routes
        .merge(page::routes())
        .merge(docs::routes(docs::complete(openapi)))
        .merge(access::routes(access.clone()))
        .fallback(fallback::no_route)
        .method_not_allowed_fallback(fallback::wrong_method)
        .layer(middleware::from_fn_with_state(queries, query::check))
        .layer(middleware::from_fn(caching::tag))
        .layer(middleware::from_fn_with_state(access, access::check))
        .layer(cors)
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .layer(caching::compress())
        .layer(middleware::from_fn(observe::observe))
        .with_state(gateway)
}
