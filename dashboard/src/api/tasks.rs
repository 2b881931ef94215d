//! Tasks: each with its runs and the reasons why it waits; retry, cancel, discard.

use super::{Id, TaskListing};
use crate::actions::{cancel_task, discard_task, retry_task};
use crate::state::Dashboard;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use broker::inspect::{TaskDetail, TaskRow, Why};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use store::Scope;
use utoipa::ToSchema;
use uuid::Uuid;
use web::problem::{Problem, Result};
use web::{Params, Who};

#[derive(Debug, Serialize, ToSchema)]
pub struct TaskList {
    pub tasks: Vec<TaskRow>,
    /// Give it as `cursor` for what comes after; null at the end.
    pub next_cursor: Option<String>,
}

/// Lists tasks. Without a state: what runs first, then what waits, then what ended. Ready tasks come in the order in which
/// they will run, ended ones latest first.
#[utoipa::path(
    get,
    path = "/api/v1/tasks",
    tag = "tasks",
    params(TaskListing),
    responses(
        (status = 200, body = TaskList, description = "Tasks"),
        (status = 400, body = Problem, description = "A parameter is wrong"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn list(
    State(dashboard): State<Arc<Dashboard>>,
    Params(listing): Params<TaskListing>,
) -> Result<Json<TaskList>> {
    list_tasks(&dashboard, &listing).await.map(Json)
}

pub async fn list_tasks(dashboard: &Dashboard, listing: &TaskListing) -> Result<TaskList> {
    let page = dashboard.store.broker().search_tasks(&listing.search()?).await?;
    Ok(TaskList {
        tasks: page.tasks,
        next_cursor: page.next.map(|cursor| cursor.to_string()),
    })
}

/// A task with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskNow {
    #[serde(flatten)]
    pub detail: TaskDetail,
    /// Every reason why it is not done, the weightiest first.
    pub why: Vec<Why>,
}

/// Only operators see a task's payload and the output of its runs, because these may contain text of a document.
pub async fn task_now(dashboard: &Dashboard, who: &Who, id: Uuid) -> Result<TaskNow> {
    let mut detail = dashboard.store.task(id).await?;
    if !who.may(Scope::Operate) {
        detail.payload = Value::Null;
        for run in &mut detail.runs {
            run.said = None;
        }
    }
    let why = dashboard.store.why_task(&detail.task).await?;
    Ok(TaskNow { detail, why })
}

/// A task: its payload, its runs, and why it is not done.
#[utoipa::path(
    get,
    path = "/api/v1/tasks/{id}",
    tag = "tasks",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = TaskNow, description = "The task"),
        (status = 404, body = Problem, description = "No such task"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn get(State(dashboard): State<Arc<Dashboard>>, who: Who, Id(id): Id) -> Result<Json<TaskNow>> {
    task_now(&dashboard, &who, id).await.map(Json)
}

/// What a retry began.
#[derive(Debug, Serialize, ToSchema)]
pub struct Begun {
    /// The new task, where the task stands alone.
    pub task: Option<Uuid>,
    /// The document that begins again, where the task was a part of one.
    pub document: Option<Uuid>,
    pub stage: Option<String>,
}

/// Gives a dead or cancelled task a second chance, with its budget unspent. A task that is part of a document begins the
/// document again, from the task's stage.
#[utoipa::path(
    post,
    path = "/api/v1/tasks/{id}/retry",
    tag = "tasks",
    params(("id" = String, Path)),
    responses(
        (status = 202, body = Begun, description = "Enqueued"),
        (status = 404, body = Problem, description = "No such task, or its document is gone"),
        (status = 409, body = Problem, description = "It has not ended badly, or was retried already"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn retry(State(dashboard): State<Arc<Dashboard>>, who: Who, Id(id): Id) -> Result<(StatusCode, Json<Begun>)> {
    Ok((StatusCode::ACCEPTED, Json(retry_task(&dashboard, &who, id).await?)))
}

/// Ends a task that waits, and stops one that runs. A task that is part of a document ends the document.
#[utoipa::path(
    post,
    path = "/api/v1/tasks/{id}/cancel",
    tag = "tasks",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = TaskNow, description = "Cancelled, or told to stop"),
        (status = 404, body = Problem, description = "No such task"),
        (status = 409, body = Problem, description = "It has ended"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn cancel(State(dashboard): State<Arc<Dashboard>>, who: Who, Id(id): Id) -> Result<Json<TaskNow>> {
    cancel_task(&dashboard, &who, id).await?;
    task_now(&dashboard, &who, id).await.map(Json)
}

/// Takes a dead task off the list of dead letters. It stays dead.
#[utoipa::path(
    post,
    path = "/api/v1/tasks/{id}/discard",
    tag = "tasks",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = TaskNow, description = "Discarded"),
        (status = 404, body = Problem, description = "No such task"),
        (status = 409, body = Problem, description = "It is no dead letter"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn discard(State(dashboard): State<Arc<Dashboard>>, who: Who, Id(id): Id) -> Result<Json<TaskNow>> {
    discard_task(&dashboard, &who, id).await?;
    task_now(&dashboard, &who, id).await.map(Json)
}
