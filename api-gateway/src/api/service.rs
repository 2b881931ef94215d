//! Liveness and readiness of the gateway, and its metrics.

use crate::state::Gateway;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use web::problem::{Problem, Result};

/// Alive.
#[utoipa::path(get, path = "/healthz", operation_id = "is_alive", tag = "service", responses((status = 200, body = String, description = "ok", content_type = "text/plain")))]
pub async fn healthz() -> &'static str {
    "ok\n"
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    ready: bool,
    /// Uploads are refused for now; everything else goes on.
    maintenance: bool,
}

/// Postgres and the storage answer and have room: requests are welcome.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "is_ready",
    tag = "service",
    responses(
        (status = 200, body = Readiness, description = "Ready"),
        (status = 503, body = Problem, description = "Stopping, the database or storage is away, or too little disk space is left")
    )
)]
pub async fn readyz(State(gateway): State<Arc<Gateway>>) -> Result<Json<Readiness>> {
    if gateway.drain.is_cancelled() {
        return Err(Problem::unavailable("stopping", "this gateway is about to stop"));
    }
    gateway.readiness.check(&gateway.store).await?;
    let room = gateway.has_room();
    room.map_err(|full| Problem::unavailable("storage_full", full.detail()))?;
    Ok(Json(Readiness {
        ready: true,
        maintenance: gateway.config.maintenance,
    }))
}

/// Figures for Prometheus.
#[utoipa::path(get, path = "/metrics", operation_id = "get_metrics", tag = "service", responses((status = 200, body = String, description = "Prometheus' text format", content_type = "text/plain")))]
pub async fn metrics(State(gateway): State<Arc<Gateway>>) -> impl IntoResponse {
    let text = gateway
        .metrics
        .as_ref()
        .map(|handle| handle.render())
        .unwrap_or_default();
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    )
}
