//! API keys: list, make, revoke.

use crate::actions::{make_key, revoke_key};
use crate::state::Dashboard;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Key, Scope};
use utoipa::ToSchema;
use web::Who;
use web::problem::{Problem, Result};

/// Every key ever made, those in force first. Secrets are not known here.
#[utoipa::path(
    get,
    path = "/api/v1/keys",
    tag = "keys",
    responses(
        (status = 200, body = Vec<Key>, description = "Keys"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn list(State(dashboard): State<Arc<Dashboard>>) -> Result<Json<Vec<Key>>> {
    Ok(Json(dashboard.store.keys().await?))
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyOrder {
    /// Whose it is; no other key in force has it.
    pub name: String,
    pub scopes: Vec<Scope>,
    /// Projects to bind it to: it reaches no documents of others, and not the dashboard. Left out: all.
    #[serde(default)]
    pub projects: Option<Vec<String>>,
    /// Left out: never.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key that was made, with its secret, which is told here and never again.
#[derive(Serialize, ToSchema)]
pub struct KeyMade {
    #[serde(flatten)]
    pub key: Key,
    pub secret: String,
}

/// Makes a key. From the first one on, every request to gateway and dashboard needs one.
#[utoipa::path(
    post,
    path = "/api/v1/keys",
    tag = "keys",
    request_body = KeyOrder,
    responses(
        (status = 201, body = KeyMade, description = "The key and, for this once, its secret"),
        (status = 400, body = Problem, description = "The order cannot be read"),
        (status = 409, body = Problem, description = "A key in force has the name, or the key would be of no use"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn add(
    State(dashboard): State<Arc<Dashboard>>,
    who: Who,
    body: Bytes,
) -> Result<(StatusCode, Json<KeyMade>)> {
    let order = serde_json::from_slice(&body)
        .map_err(|error| Problem::bad_request("invalid_order", format!("the order cannot be read: {error}")))?;
    Ok((StatusCode::CREATED, Json(make_key(&dashboard, &who, order).await?)))
}

/// Revokes a key, and every session that it opened, at once.
#[utoipa::path(
    delete,
    path = "/api/v1/keys/{key}",
    tag = "keys",
    params(("key" = String, Path, description = "Its id or its name")),
    responses(
        (status = 204, description = "Revoked"),
        (status = 404, body = Problem, description = "No such key in force"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn revoke(State(dashboard): State<Arc<Dashboard>>, who: Who, Path(key): Path<String>) -> Result<StatusCode> {
    revoke_key(&dashboard, &who, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
