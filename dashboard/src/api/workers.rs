//! Workers and what their slots do.

use super::Id;
use crate::actions::drain_worker;
use crate::state::Dashboard;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use broker::inspect::WorkerRow;
use std::sync::Arc;
use web::Who;
use web::problem::{Problem, Result};

/// Every worker process that has not said goodbye.
#[utoipa::path(
    get,
    path = "/api/v1/workers",
    tag = "fleet",
    responses(
        (status = 200, body = Vec<WorkerRow>, description = "By host and name"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn list(State(dashboard): State<Arc<Dashboard>>) -> Result<Json<Vec<WorkerRow>>> {
    Ok(Json(dashboard.fleet().await?.workers.clone()))
}

/// Asks a worker to finish what it runs and stop.
#[utoipa::path(
    post,
    path = "/api/v1/workers/{id}/drain",
    tag = "fleet",
    params(("id" = String, Path)),
    responses(
        (status = 202, description = "Asked"),
        (status = 404, body = Problem, description = "No such worker"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn drain(State(dashboard): State<Arc<Dashboard>>, who: Who, Id(id): Id) -> Result<StatusCode> {
    drain_worker(&dashboard, &who, id).await?;
    Ok(StatusCode::ACCEPTED)
}
