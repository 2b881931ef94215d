//! Worker processes and their slots.

use crate::Broker;
use crate::error::Result;
use chrono::{DateTime, Utc};
use queue_schema::Shortage;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Worker)]
pub struct WorkerRow {
    pub id: Uuid,
    pub name: String,
    pub host: String,
    pub pid: i32,
    pub queues: Vec<String>,
    pub slots: Vec<Slot>,
    /// How many children were replaced, by cause.
    pub recycles: BTreeMap<String, u64>,
    /// The full disk because of which the worker waits.
    #[schema(value_type = Option<Object>)]
    pub shortage: Option<Shortage>,
    /// The sandbox of its child processes, once that is known.
    pub sandbox: Option<Sandbox>,
    /// The worker was asked to finish its running tasks and stop.
    pub drain: bool,
    pub started_at: DateTime<Utc>,
    pub last_seen: DateTime<Utc>,
    pub silent_s: f64,
    /// Whether its last heartbeat is recent.
    pub alive: bool,
}

/// A child process of a worker.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Slot {
    pub pid: u32,
    pub task: Option<Uuid>,
    pub rss_kib: u64,
    pub tasks_done: u32,
    pub age_s: u64,
}

/// Parts of the sandbox in which child processes run.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Sandbox {
    /// In force.
    pub granted: Vec<String>,
    pub missing: Vec<Gap>,
}

/// A part of the sandbox that the kernel or the worker's rights do not allow.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    pub part: String,
    pub reason: String,
}

impl Broker {
    pub async fn workers(&self) -> Result<Vec<WorkerRow>> {
        let rows = self
            .pool
            .get()
            .await?
            .query(include_str!("../../sql/inspect/workers.sql"), &[])
            .await?;
        Ok(rows
            .iter()
            .map(|row| WorkerRow {
                id: row.get("id"),
                name: row.get("name"),
                host: row.get("host"),
                pid: row.get("pid"),
                queues: row.get("queues"),
                // A worker of another version may report other members.
                slots: serde_json::from_value(row.get("slots")).unwrap_or_default(),
                recycles: serde_json::from_value(row.get("recycles")).unwrap_or_default(),
                shortage: shortage(row),
                sandbox: row
                    .get::<_, Option<Value>>("sandbox")
                    .and_then(|sandbox| serde_json::from_value(sandbox).ok()),
                drain: row.get("drain"),
                started_at: row.get("started_at"),
                last_seen: row.get("last_seen"),
                silent_s: row.get("silent_s"),
                alive: row.get("alive"),
            })
            .collect())
    }
}

/// The column `shortage`. `None` also if a worker of another version wrote it in another format.
pub(super) fn shortage(row: &Row) -> Option<Shortage> {
    let told: Option<serde_json::Value> = row.get("shortage");
    told.and_then(|told| serde_json::from_value(told).ok())
}
