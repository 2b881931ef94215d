//! Parameters of paths and queries. A wrong one is answered with a problem that names it.

use crate::problem::{Problem, Result};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// The part of the path that the route calls `name`.
///
/// # Errors
/// For a path that is no text.
pub async fn path_name<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Result<String> {
    let Path(mut names) = Path::<BTreeMap<String, String>>::from_request_parts(parts, state)
        .await
        .map_err(|e| Problem::bad_request("invalid_path", e.body_text()))?;
    Ok(names.remove(name).unwrap_or_default())
}

/// A query whose errors are problems.
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Params<T>> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Params(params)),
            Err(error) => Err(Problem::bad_request("invalid_query", error.body_text())),
        }
    }
}
