//! The routes, and the OpenAPI document that is generated from them.

use crate::state::Dashboard;
use crate::{api, page};
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
use web::{Guard, caching, docs, fallback, guard, observe};

/// Large enough for a selection of several hundred tasks.
const MAX_BODY: usize = 256 * 1024;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "docfleet dashboard",
        description = "Queues, tasks and workers of the fleet: what waits, why, and how to act on it. \
                       Errors are RFC 9457 problem details with a stable `code`."
    ),
    tags(
        (name = "queues", description = "What waits, runs and fails; pause and resume"),
        (name = "tasks", description = "Each task with its runs and the reasons why it waits; retry, cancel, discard"),
        (name = "fleet", description = "Workers, schedules, the whole fleet live, and who did what"),
        (name = "keys", description = "Who may come in, and for what"),
        (name = "service", description = "Whether the dashboard lives, and figures for Prometheus")
    )
)]
struct Api;

fn routes() -> OpenApiRouter<Arc<Dashboard>> {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(api::queues::list))
        .routes(routes!(api::queues::get))
        .routes(routes!(api::queues::pause))
        .routes(routes!(api::queues::resume))
        .routes(routes!(api::tasks::list))
        .routes(routes!(api::bulk::bulk))
        .routes(routes!(api::tasks::get))
        .routes(routes!(api::tasks::retry))
        .routes(routes!(api::tasks::cancel))
        .routes(routes!(api::tasks::discard))
        .routes(routes!(api::workers::list))
        .routes(routes!(api::workers::drain))
        .routes(routes!(api::schedules::list))
        .routes(routes!(api::schedules::act))
        .routes(routes!(api::audit::list))
        .routes(routes!(api::keys::list, api::keys::add))
        .routes(routes!(api::keys::revoke))
        .routes(routes!(api::events::events))
        .routes(routes!(api::service::healthz))
        .routes(routes!(api::service::metrics))
}

/// The OpenAPI document of the routes that [`router`] serves.
pub fn openapi() -> utoipa::openapi::OpenApi {
    docs::complete(routes().split_for_parts().1)
}

const POLICY: Policy = Policy {
    needs: |method, path| match *method {
        _ if docs::is_description(path) => Scope::ALL,
        _ if path.starts_with("/keys") || path.starts_with("/api/v1/keys") => &[Scope::Admin],
        Method::GET | Method::HEAD => &[Scope::Read],
        _ => &[Scope::Operate],
    },
    bound_keys: false,
    nobody: "an operator at the dashboard",
};

/// The whole dashboard as one router.
pub fn router(dashboard: Arc<Dashboard>) -> Router {
    let (routes, openapi) = routes().split_for_parts();
    let queries = Queries::of(&openapi);
    let guard = Guard::from_settings(&dashboard.settings);
    let access = Access::new(dashboard.store.clone(), POLICY);
    routes
        .merge(page::routes())
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .merge(docs::routes(docs::complete(openapi)))
        .merge(access::routes(access.clone()))
        .fallback(fallback::no_route)
        .method_not_allowed_fallback(fallback::wrong_method)
        .layer(middleware::from_fn_with_state(queries, query::check))
        .layer(middleware::from_fn(caching::tag))
        .layer(middleware::from_fn_with_state(access, access::check))
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .layer(caching::compress())
        .layer(middleware::from_fn(observe::observe))
        .with_state(dashboard)
}
