//! When schedules fired, and what happened to their tasks.

use crate::Broker;
use crate::error::Result;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A schedule that has a row, because a scheduler has run it or an operator has switched it.
#[derive(Debug, Clone)]
pub struct ScheduleRow {
    pub name: String,
    pub enabled: bool,
    /// Firings up to this time have been handled.
    pub last_fire: DateTime<Utc>,
    pub now: DateTime<Utc>,
    /// The last firing that enqueued a task.
    pub fire_at: Option<DateTime<Utc>>,
    pub fired_at: Option<DateTime<Utc>>,
    pub task: Option<Uuid>,
    pub task_state: Option<String>,
}

impl Broker {
    pub async fn schedules(&self) -> Result<Vec<ScheduleRow>> {
        let rows = self
            .pool
            .get()
            .await?
            .query(include_str!("../../sql/inspect/schedules.sql"), &[])
            .await?;
        let read = |row: &tokio_postgres::Row| ScheduleRow {
            name: row.get("name"),
            enabled: row.get("enabled"),
            last_fire: row.get("last_fire"),
            now: row.get("now"),
            fire_at: row.get("fire_at"),
            fired_at: row.get("fired_at"),
            task: row.get("task_id"),
            task_state: row.get("task_state"),
        };
        Ok(rows.iter().map(read).collect())
    }

    /// How many expired leases and due tasks have waited longer than a working scheduler would let them.
    pub async fn overdue(&self) -> Result<(i64, i64)> {
        let statement = include_str!("../../sql/inspect/overdue.sql");
        let row = self.pool.get().await?.query_one(statement, &[]).await?;
        Ok((row.get("leases"), row.get("due")))
    }
}
