//! Queues: what waits, runs and fails; pause and resume.

use super::Name;
use crate::actions::switch_queue;
use crate::fleet::QueueNow;
use crate::state::Dashboard;
use axum::Json;
use axum::extract::State;
use broker::inspect::{QueueFigures, Timings};
use queue_schema::Queue;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use web::Who;
use web::problem::{Problem, Result};

/// Every queue, now.
#[utoipa::path(
    get,
    path = "/api/v1/queues",
    tag = "queues",
    responses(
        (status = 200, body = Vec<QueueFigures>, description = "Queues in the order of the fleet's table"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn list(State(dashboard): State<Arc<Dashboard>>) -> Result<Json<Vec<QueueFigures>>> {
    let fleet = dashboard.fleet().await?;
    Ok(Json(fleet.queues.iter().map(|queue| queue.figures.clone()).collect()))
}

/// A queue, now and over the last hour.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueDetail {
    #[serde(flatten)]
    pub now: QueueNow,
    pub timings: Timings,
}

pub async fn queue_detail(dashboard: &Dashboard, queue: Queue) -> Result<QueueDetail> {
    let fleet = dashboard.fleet().await?;
    let now = fleet.queue(queue).cloned();
    let now = now.ok_or_else(|| Problem::not_found("queue_not_found", format!("there is no queue {queue}")))?;
    Ok(QueueDetail {
        now,
        timings: dashboard.store.broker().timings(queue).await?,
    })
}

/// A queue with its last hour, and how long its tasks wait and run.
#[utoipa::path(
    get,
    path = "/api/v1/queues/{name}",
    tag = "queues",
    params(("name" = String, Path)),
    responses(
        (status = 200, body = QueueDetail, description = "The queue"),
        (status = 404, body = Problem, description = "No such queue"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn get(State(dashboard): State<Arc<Dashboard>>, name: Name) -> Result<Json<QueueDetail>> {
    queue_detail(&dashboard, name.queue()?).await.map(Json)
}

/// Lets no task of the queue start until it is resumed; what runs goes on.
#[utoipa::path(
    post,
    path = "/api/v1/queues/{name}/pause",
    tag = "queues",
    params(("name" = String, Path)),
    responses(
        (status = 200, body = QueueDetail, description = "Paused, now or before"),
        (status = 404, body = Problem, description = "No such queue"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn pause(State(dashboard): State<Arc<Dashboard>>, who: Who, name: Name) -> Result<Json<QueueDetail>> {
    switch_queue(&dashboard, &who, name.queue()?, true).await?;
    queue_detail(&dashboard, name.queue()?).await.map(Json)
}

/// Lets tasks of a paused queue start again.
#[utoipa::path(
    post,
    path = "/api/v1/queues/{name}/resume",
    tag = "queues",
    params(("name" = String, Path)),
    responses(
        (status = 200, body = QueueDetail, description = "Open, now or before"),
        (status = 404, body = Problem, description = "No such queue"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn resume(State(dashboard): State<Arc<Dashboard>>, who: Who, name: Name) -> Result<Json<QueueDetail>> {
    switch_queue(&dashboard, &who, name.queue()?, false).await?;
    queue_detail(&dashboard, name.queue()?).await.map(Json)
}
