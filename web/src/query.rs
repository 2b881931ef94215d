//! Checks query parameters against the OpenAPI document. A misspelt filter that is ignored would list everything.

use crate::problem::Problem;
use axum::extract::{MatchedPath, Query, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, RefOr};

/// The query parameters of each operation.
pub struct Queries(HashMap<(Method, String), Vec<String>>);

/// A described parameter with this ending stands for all parameters with the same prefix.
const ANY_KEY: &str = ".KEY";

impl Queries {
    pub fn of(openapi: &OpenApi) -> Arc<Queries> {
        let mut known = HashMap::new();
        for (path, item) in &openapi.paths.paths {
            let operations = [
                (Method::GET, &item.get),
                (Method::POST, &item.post),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ];
            for (method, operation) in operations {
                if let Some(operation) = operation {
                    known.insert((method, path.clone()), names(operation));
                }
            }
        }
        Arc::new(Queries(known))
    }

    fn check(&self, request: &Request) -> Result<(), Problem> {
        let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let method = match *request.method() {
            Method::HEAD => Method::GET,
            ref method => method.clone(),
        };
        let Some(known) = self.0.get(&(method, path.unwrap_or_default().to_owned())) else {
            return Ok(());
        };
        let Query(given) = Query::<Vec<(String, String)>>::try_from_uri(request.uri())
            .map_err(|error| Problem::bad_request("invalid_query", error.body_text()))?;
        let mut seen = HashSet::new();
        for (name, _) in &given {
            if !known.iter().any(|known| stands_for(known, name)) {
                return Err(unknown(name, known));
            }
            if !seen.insert(name) {
                let what = format!("the parameter {} is given more than once", shown(name));
                return Err(Problem::bad_request("repeated_parameter", what).about(name));
            }
        }
        Ok(())
    }
}

fn names(operation: &Operation) -> Vec<String> {
    let parameters = operation.parameters.iter().flatten();
    let queries = parameters.filter_map(|parameter| match parameter {
        RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => Some(parameter.name.clone()),
        _ => None,
    });
    queries.collect()
}

fn stands_for(known: &str, name: &str) -> bool {
    match known.strip_suffix(ANY_KEY) {
        Some(beginning) => name
            .strip_prefix(beginning)
            .is_some_and(|key| key.len() > 1 && key.starts_with('.')),
        None => known == name,
    }
}

fn unknown(name: &str, known: &[String]) -> Problem {
    let known = match known {
        [] => "none is taken here".to_owned(),
        known => format!("known are {}", known.join(", ")),
    };
    Problem::bad_request(
        "unknown_parameter",
        format!("there is no parameter {}; {known}", shown(name)),
    )
    .about(name)
}

fn shown(name: &str) -> String {
    format!("{:?}", name.chars().take(64).collect::<String>())
}

pub async fn check(State(queries): State<Arc<Queries>>, request: Request, next: Next) -> Response {
    match queries.check(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => {
            let (parts, body) = request.into_parts();
            crate::linger::linger(&parts.headers, body);
            problem.into_response()
        }
    }
}
