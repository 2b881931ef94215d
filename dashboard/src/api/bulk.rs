//! One action on many tasks.

use super::{DeadListing, TaskListing};
use crate::actions::remedy_dead_letters;
use crate::state::Dashboard;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use broker::inspect::DeadFilter;
use queue_schema::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Bulk, Remedy};
use utoipa::ToSchema;
use uuid::Uuid;
use web::Who;
use web::problem::{Problem, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkAction {
    /// Dead letters get a second chance.
    Retry,
    /// Dead letters leave the list.
    Discard,
    /// Waiting tasks never run.
    Cancel,
}

/// Which tasks. What is left out does not matter; at least one must be given.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BulkFilter {
    pub queue: Option<String>,
    pub kind: Option<String>,
    pub document: Option<Uuid>,
    /// How the last run ended; for dead letters.
    pub outcome: Option<String>,
    /// A part of the error's message; for dead letters.
    pub search: Option<String>,
    /// Died at this moment or before; for dead letters.
    pub until: Option<String>,
    pub ids: Option<Vec<Uuid>>,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkOrder {
    pub action: BulkAction,
    pub filter: BulkFilter,
    /// Only tell how many there are.
    #[serde(default)]
    pub dry_run: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BulkResult {
    /// How many tasks match; with `dry_run`, nothing else is told.
    pub matched: i64,
    pub done: u64,
    /// Tasks that were left as they are.
    pub refused: u64,
    /// Why, the first few.
    pub reasons: Vec<String>,
}

/// Retries or discards all dead letters that match, or cancels all waiting tasks that match.
#[utoipa::path(
    post,
    path = "/api/v1/tasks/bulk",
    tag = "tasks",
    request_body = BulkOrder,
    responses(
        (status = 200, body = BulkResult, description = "What was done"),
        (status = 400, body = Problem, description = "The order cannot be read, or names no tasks"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn bulk(Shared(dashboard): Shared<Arc<Dashboard>>, who: Who, body: Bytes) -> Result<Json<BulkResult>> {
    let order: BulkOrder = serde_json::from_slice(&body)
        .map_err(|error| Problem::bad_request("invalid_order", format!("the order cannot be read: {error}")))?;
    let result = match order.action {
        BulkAction::Retry => on_dead(&dashboard, &who, &order.filter, Remedy::Retry, order.dry_run).await?,
        BulkAction::Discard => on_dead(&dashboard, &who, &order.filter, Remedy::Discard, order.dry_run).await?,
        BulkAction::Cancel => cancel(&dashboard, &who, &order.filter, order.dry_run).await?,
    };
    Ok(Json(result))
}

async fn on_dead(
    dashboard: &Dashboard,
    who: &Who,
    given: &BulkFilter,
    remedy: Remedy,
    dry_run: bool,
) -> Result<BulkResult> {
    let listing = DeadListing {
        queue: given.queue.clone(),
        kind: given.kind.clone(),
        outcome: given.outcome.clone(),
        document: given.document.map(|id| id.to_string()),
        search: given.search.clone(),
        until: given.until.clone(),
        cursor: None,
    };
    let filter = DeadFilter {
        ids: given.ids.clone(),
        ..listing.filter()?
    };
    let empty = filter.queue.is_none()
        && filter.kind.is_none()
        && filter.outcome.is_none()
        && filter.document.is_none()
        && filter.search.is_none()
        && filter.until.is_none()
        && filter.ids.is_none();
    if empty {
        return Err(names_no_tasks());
    }
    let matched = dashboard.store.broker().dead_count(&filter).await?;
    let bulk = if dry_run {
        Bulk::default()
    } else {
        remedy_dead_letters(dashboard, who, &filter, remedy).await?
    };
    Ok(BulkResult {
        matched,
        done: bulk.done,
        refused: bulk.refused,
        reasons: bulk.reasons,
    })
}

fn names_no_tasks() -> Problem {
    Problem::bad_request(
        "empty_filter",
        "the filter names no tasks; give at least one of its members (until with a moment means all dead letters up to then)",
    )
}

async fn cancel(dashboard: &Dashboard, who: &Who, given: &BulkFilter, dry_run: bool) -> Result<BulkResult> {
    if given.outcome.is_some() || given.search.is_some() || given.until.is_some() {
        return Err(Problem::bad_request(
            "invalid_order",
            "outcome, search and until tell of dead letters; tasks that wait are found by queue, kind, document or ids",
        ));
    }
    let ids = match &given.ids {
        Some(ids) => ids.clone(),
        None => waiting(dashboard, given).await?,
    };
    let mut result = BulkResult {
        matched: i64::try_from(ids.len()).unwrap_or(i64::MAX),
        done: 0,
        refused: 0,
        reasons: Vec::new(),
    };
    if dry_run {
        return Ok(result);
    }
    for id in ids {
        match dashboard.store.cancel_task(id, who.name()).await {
            Ok(()) => result.done += 1,
            // Already cancelled with its document, by an earlier task of this request.
            Err(store::Error::Refused(_) | store::Error::NoTask(_)) => result.refused += 1,
            Err(error) => return Err(error.into()),
        }
    }
    tracing::info!(done = result.done, refused = result.refused, "waiting tasks cancelled");
    dashboard.snapshots.forget().await;
    Ok(result)
}

async fn waiting(dashboard: &Dashboard, given: &BulkFilter) -> Result<Vec<Uuid>> {
    let listing = TaskListing {
        queue: given.queue.clone(),
        kind: given.kind.clone(),
        document: given.document.map(|id| id.to_string()),
        limit: Some("500".into()),
        ..TaskListing::default()
    };
    let mut search = listing.search()?;
    if search.queue.is_none() && search.kind.is_none() && search.document.is_none() {
        return Err(names_no_tasks());
    }
    let mut ids = Vec::new();
    for state in [State::Ready, State::Scheduled] {
        (search.state, search.after) = (Some(state), None);
        loop {
            let page = dashboard.store.broker().search_tasks(&search).await?;
            ids.extend(page.tasks.iter().map(|task| task.id));
            match page.next {
                Some(next) => search.after = Some(next),
                None => break,
            }
        }
    }
    Ok(ids)
}
