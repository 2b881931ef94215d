//! Schedules: when they fire; run now, switch on and off.

use crate::app::Dashboard;
use crate::schedule::ScheduleNow;
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
        (status = 503, body = Problem, description = "The database is away", content_type = "application/problem+json")
    )
)]
pub async fn list(State(dashboard): State<Arc<Dashboard>>) -> Result<Json<Vec<ScheduleNow>>> {
    Ok(Json(dashboard.fleet().await?.schedules.clone()))
}

pub async fn acted(dashboard: &Dashboard, who: &Who, name: &str, action: &str) -> Result<()> {
    let Some(schedule) = dashboard.calendar.find(name) else {
        return Err(Problem::not_found(
            "schedule_not_found",
            format!("there is no schedule {name:?}"),
        ));
    };
    let broker = dashboard.store.broker();
    match action {
        "run" => {
            if broker.run_now(schedule, who.name()).await?.is_none() {
                return Err(Problem::conflict(
                    "refused",
                    format!("a task that was asked for out of turn for {name} has not ended yet"),
                ));
            }
        }
        "enable" | "disable" => {
            broker
                .switch_schedule(schedule.name, action == "enable", who.name())
                .await?;
        }
        _ => {
            return Err(Problem::not_found(
                "action_not_found",
                "a schedule can be run, enabled or disabled",
            ));
        }
    }
    tracing::info!(schedule = name, action, "schedule acted upon");
    dashboard.snapshots.forget().await;
    Ok(())
}

/// Enqueues a schedule's task out of turn (`run`), or switches the schedule on (`enable`) or off (`disable`).
#[utoipa::path(
    post,
    path = "/api/v1/schedules/{name}/{action}",
    tag = "fleet",
    params(("name" = String, Path), ("action" = String, Path, description = "run, enable or disable")),
    responses(
        (status = 200, body = Vec<ScheduleNow>, description = "Done; all schedules as they are now"),
        (status = 404, body = Problem, description = "No such schedule or action", content_type = "application/problem+json"),
        (status = 409, body = Problem, description = "The last run out of turn has not ended", content_type = "application/problem+json"),
        (status = 503, body = Problem, description = "The database is away", content_type = "application/problem+json")
    )
)]
pub async fn act(
    State(dashboard): State<Arc<Dashboard>>,
    who: Who,
    Path((name, action)): Path<(String, String)>,
) -> Result<Json<Vec<ScheduleNow>>> {
    acted(&dashboard, &who, &name, &action).await?;
    list(State(dashboard)).await
}
