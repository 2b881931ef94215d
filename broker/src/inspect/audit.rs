//! Reading the audit log.

use crate::Broker;
use crate::error::Result;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An action of an operator.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Action)]
pub struct AuditRow {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub who: String,
    /// `thing.verb`
    #[schema(example = "queue.pause")]
    pub action: String,
    /// What the action applied to.
    pub target: String,
    pub detail: Value,
}

impl Broker {
    /// Actions, latest first.
    pub async fn audit(&self, target: Option<&str>, before: Option<i64>, limit: i64) -> Result<Vec<AuditRow>> {
        let statement = include_str!("../../sql/inspect/audit.sql");
        let rows = self
            .pool
            .get()
            .await?
            .query(statement, &[&target, &before, &limit])
            .await?;
        let read = |row: &tokio_postgres::Row| AuditRow {
            id: row.get("id"),
            at: row.get("at"),
            who: row.get("who"),
            action: row.get("action"),
            target: row.get("target"),
            detail: row.get("detail"),
        };
        Ok(rows.iter().map(read).collect())
    }
}
