//! The audit log.

use super::AuditListing;
use crate::state::Dashboard;
use axum::Json;
use axum::extract::State;
use broker::inspect::AuditRow;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use web::Params;
use web::problem::{Problem, Result};

#[derive(Debug, Serialize, ToSchema)]
pub struct AuditList {
    pub actions: Vec<AuditRow>,
    /// Give it as `cursor` for what comes after; null at the end.
    pub next_cursor: Option<String>,
}

/// What operators did, the latest first.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    tag = "fleet",
    params(AuditListing),
    responses(
        (status = 200, body = AuditList, description = "Actions"),
        (status = 400, body = Problem, description = "A parameter is wrong"),
        (status = 503, body = Problem, description = "The database is away")
    )
)]
pub async fn list(
    State(dashboard): State<Arc<Dashboard>>,
    Params(listing): Params<AuditListing>,
) -> Result<Json<AuditList>> {
    list_actions(&dashboard, &listing).await.map(Json)
}

pub async fn list_actions(dashboard: &Dashboard, listing: &AuditListing) -> Result<AuditList> {
    let (target, before, limit) = listing.read()?;
    let mut actions = dashboard
        .store
        .broker()
        .audit(target.as_deref(), before, limit + 1)
        .await?;
    let more = i64::try_from(actions.len()).is_ok_and(|found| found > limit);
    actions.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(AuditList {
        next_cursor: actions.last().filter(|_| more).map(|last| last.id.to_string()),
        actions,
    })
}
