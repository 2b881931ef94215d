//! The OpenAPI document, and Swagger UI over it.

use axum::Router;
use axum::extract::Request;
use axum::http::header::{self, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::Response;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::SwaggerUi;

/// Swagger UI sets styles on its elements and draws its icons from data.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const OPENAPI: &str = "/api/v1/openapi.json";

/// `/docs` and `/api/v1/openapi.json`.
pub fn routes<S: Clone + Send + Sync + 'static>(openapi: OpenApi) -> Router<S> {
    // Without this, Swagger UI asks a validator on the web for its opinion.
    let quiet = utoipa_swagger_ui::Config::default().validator_url("none");
    let docs = SwaggerUi::new("/docs").url(OPENAPI, openapi).config(quiet);
    Router::from(docs).layer(middleware::from_fn(headers))
}

async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
