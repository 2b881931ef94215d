//! The routes, what they share, and the OpenAPI document that is generated from them.

use crate::api::{self, watch::Watchers};
use crate::config::Config;
use crate::page;
use crate::readiness::Readiness;
use crate::upload::{self, Admission};
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::{Router, middleware};
use boot::metrics::PrometheusHandle;
use settings::Settings;
use std::sync::Arc;
use store::{Document, DocumentView, Reach, Scope, Store};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::access::{self, Access, Policy, missing_scope};
use web::problem::{Problem, Result};
use web::query::{self, Queries};
use web::{Guard, Who, caching, cors, docs, fallback, guard, observe};

/// What every handler reaches.
pub struct Gateway {
    pub store: Store,
    pub settings: Settings,
    pub config: Config,
    /// Shown at `/metrics`, where metrics are recorded.
    pub metrics: Option<PrometheusHandle>,
    /// Cancelled once the process is told to stop: what would last for ever ends.
    pub drain: CancellationToken,
    pub watchers: Watchers,
    pub readiness: Readiness,
    pub admission: Arc<Admission>,
    /// Archives of many documents at once.
    pub downloads: Arc<Semaphore>,
}

impl Gateway {
    pub fn new(
        store: Store,
        settings: Settings,
        config: Config,
        metrics: Option<PrometheusHandle>,
        drain: CancellationToken,
    ) -> Gateway {
        Gateway {
            store,
            settings,
            config,
            metrics,
            drain,
            watchers: Watchers::default(),
            readiness: Readiness::default(),
            admission: Arc::default(),
            downloads: Arc::new(Semaphore::new(api::download::AT_ONCE)),
        }
    }

    /// # Errors
    /// Where too little disk space is left for what an upload brings with it.
    pub fn has_room(&self) -> Result<()> {
        match self.config.space.shortage() {
            None => Ok(()),
            // The log names the folder; the answer is open to every caller.
            Some(shortage) => Err(Problem::storage_full(&shortage.what)),
        }
    }

    /// The document that a request is about; what is logged during the request names it from now on.
    ///
    /// # Errors
    /// 404 also where the caller may not see it: that there is one is none of its business.
    pub async fn document(&self, who: &Who, id: Uuid) -> Result<Document> {
        let document = self.store.document(id).await?;
        if !who.sees().covers(&document) {
            return Err(Problem::no_document(id));
        }
        observe::about(id, document.trace);
        Ok(document)
    }

    /// As [`Gateway::document`], where the caller may change it.
    ///
    /// # Errors
    /// 403 where it came with another key, and the caller's is not for such.
    pub async fn document_to_change(&self, who: &Who, id: Uuid) -> Result<Document> {
        // A key for uploads alone sees what it may change, and one for reading what it may not.
        let document = self.store.document(id).await?;
        match who.key() {
            Some(key) if !key.acts_on().covers(&document) => {
                self.document(who, id).await?;
                Err(missing_scope(key, &[Scope::Operate]))
            }
            _ => {
                observe::about(id, document.trace);
                Ok(document)
            }
        }
    }

    /// As [`Gateway::document`], with its stages.
    pub async fn view(&self, reach: &Reach, id: Uuid) -> Result<DocumentView> {
        let view = self.store.view(id, reach).await?;
        observe::about(id, view.trace);
        Ok(view)
    }
}

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
    // An upload bounds its own body, field by field.
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
    docs::with_access(routes().split_for_parts().1)
}

const POLICY: Policy = Policy {
    needs: |method, path| match *method {
        _ if docs::is_description(path) => &Scope::ALL,
        Method::GET | Method::HEAD if is_status(path) => &[Scope::Read, Scope::Upload],
        Method::GET | Method::HEAD => &[Scope::Read],
        Method::DELETE => &[Scope::Operate],
        _ if path.ends_with("/delete") => &[Scope::Operate],
        _ => &[Scope::Upload],
    },
    bound_keys: true,
    nobody: "somebody at the gateway",
};

/// What an uploader follows its own documents by: the list, one of them, its events.
fn is_status(path: &str) -> bool {
    path.strip_prefix("/api/v1/documents").is_some_and(|below| {
        let mut names = below.split('/').skip(1);
        names.next() != Some("download") && matches!(names.next(), None | Some("events"))
    })
}

/// The whole gateway as a service.
pub fn router(gateway: Arc<Gateway>) -> Router {
    let (routes, openapi) = routes().split_for_parts();
    let queries = Queries::of(&openapi);
    let guard = Guard::from_settings(&gateway.settings);
    let cors = cors::layer(&gateway.settings);
    let access = Access::new(gateway.store.clone(), POLICY);
    routes
        .merge(page::routes())
        .merge(docs::routes(docs::with_access(openapi)))
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
