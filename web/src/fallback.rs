//! Answers for unknown routes and methods.

use crate::problem::Problem;
use axum::http::{Method, StatusCode, Uri};

pub async fn no_route(uri: Uri) -> Problem {
    Problem::not_found(
        "route_not_found",
        format!("there is nothing at {}; the API is described at /docs", uri.path()),
    )
}

pub async fn wrong_method(method: Method, uri: Uri) -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        format!(
            "{} does not answer to {method}; the API is described at /docs",
            uri.path()
        ),
    )
}
