//! The OpenAPI document, and Swagger UI over it.

use crate::access;
use axum::Router;
use axum::extract::Request;
use axum::http::header::{self, HeaderValue};
use axum::middleware::{self, Next};
use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder, Schema};
use utoipa_swagger_ui::SwaggerUi;

/// Swagger UI sets inline styles and has its icons in `data:` URLs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const OPENAPI: &str = "/api/v1/openapi.json";

/// Adds to every operation the answers of [`crate::access`] and [`crate::guard`], and the media type of problems.
pub fn complete(mut openapi: OpenApi) -> OpenApi {
    let components = openapi.components.get_or_insert_default();
    components.add_security_scheme(
        "key",
        SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .description(Some(
                    "A key that `docfleet keys add` made; none is needed as long as none was made",
                ))
                .build(),
        ),
    );
    let asking = openapi
        .paths
        .paths
        .iter_mut()
        .filter(|(path, _)| access::asks_for_key(path));
    for (_, item) in asking {
        let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            for (status, what) in INSTEAD {
                let answers = &mut operation.responses.responses;
                answers.entry(status.to_owned()).or_insert_with(|| problem(what).into());
            }
            operation.parameters.iter_mut().flatten().for_each(only_absent);
            operation.security = Some(vec![SecurityRequirement::new("key", [] as [&str; 0])]);
        }
    }
    let items = openapi.paths.paths.values_mut();
    let operations = items.flat_map(|item| [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete]);
    for operation in operations.flatten() {
        operation.responses.responses.values_mut().for_each(as_problem);
    }
    openapi
}

/// Sets the media type of problems; handlers only name the schema.
fn as_problem(response: &mut RefOr<Response>) {
    let RefOr::T(response) = response else { return };
    let is_problem = |content: &RefOr<Content>| match content {
        RefOr::T(content) => {
            matches!(&content.schema, Some(RefOr::Ref(schema)) if schema.ref_location.ends_with("/Problem"))
        }
        RefOr::Ref(_) => false,
    };
    if response.content.get(JSON).is_some_and(is_problem)
        && let Some(content) = response.content.shift_remove(JSON)
    {
        response.content.insert(PROBLEM.into(), content);
    }
}

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// Removes null from the types of parameters: an absent parameter is left out, but generated clients would send the word
/// "null".
fn only_absent(parameter: &mut RefOr<Parameter>) {
    if let RefOr::T(parameter) = parameter
        && let Some(RefOr::T(Schema::Object(object))) = parameter.schema.as_mut()
        && let SchemaType::Array(types) = &mut object.schema_type
    {
        types.retain(|kind| *kind != Type::Null);
        if let [only] = &types[..] {
            object.schema_type = SchemaType::Type(only.clone());
        }
    }
}

const INSTEAD: [(&str, &str); 6] = [
    ("400", "A parameter is not known here, is given twice, or is wrong"),
    (
        "401",
        "No key was shown, or one that is not known, has expired or was revoked",
    ),
    (
        "403",
        "The key is not for this, or the request comes from a page of another site",
    ),
    ("421", "The server does not answer to this host name"),
    ("429", "Too many wrong keys came from this address"),
    ("503", "The database is away"),
];

fn problem(what: &str) -> Response {
    ResponseBuilder::new()
        .description(what)
        .content(
            PROBLEM,
            ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("Problem")))
                .build(),
        )
        .build()
}

/// The API's description may be read with every key.
pub fn is_description(path: &str) -> bool {
    path == OPENAPI || path == "/docs" || path.starts_with("/docs/")
}

/// `/docs` and `/api/v1/openapi.json`.
pub fn routes<S: Clone + Send + Sync + 'static>(openapi: OpenApi) -> Router<S> {
    // Otherwise Swagger UI sends the document to a validator on the web.
    let quiet = utoipa_swagger_ui::Config::default().validator_url("none");
    let docs = SwaggerUi::new("/docs").url(OPENAPI, openapi).config(quiet);
    Router::from(docs).layer(middleware::from_fn(headers))
}

async fn headers(request: Request, next: Next) -> axum::response::Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
