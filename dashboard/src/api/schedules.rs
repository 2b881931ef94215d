//! Schedules: when they fire; run one now, enable or disable it.

use crate::actions::act_on_schedule;
use crate::schedule::ScheduleNow;
use crate::state::Dashboard;
use axum::Json;
use axum::extract::{Path, State};
use std::sync::Arc;
use web::Who;
use web::problem::{Problem, Result};

/// Every schedule of the fleet.
#[utoipa::path(
    get,
    path = "/api/v1/schedules",
    tag = "fleet",
    responses(
        (status = 200, body = Vec<ScheduleNow>, description = "Schedules"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn list(State(dashboard): State<Arc<Dashboard>>) -> Result<Json<Vec<ScheduleNow>>> {
    Ok(Json(dashboard.fleet().await?.schedules.clone()))
}

/// Enqueues a schedule's task out of turn (`run`), or switches the schedule on (`enable`) or off (`disable`).
#[utoipa::path(
    post,
    path = "/api/v1/schedules/{name}/{action}",
    tag = "fleet",
    params(("name" = String, Path), ("action" = String, Path, description = "run, enable or disable")),
    responses(
        (status = 200, body = Vec<ScheduleNow>, description = "Done; all schedules as they are now"),
        (status = 404, body = Problem, description = "No such schedule or action"),
        (status = 409, body = Problem, description = "The last run out of turn has not ended"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn act(
    State(dashboard): State<Arc<Dashboard>>,
    who: Who,
    Path((name, action)): Path<(String, String)>,
) -> Result<Json<Vec<ScheduleNow>>> {
    act_on_schedule(&dashboard, &who, &name, &action).await?;
    list(State(dashboard)).await
}
