//! Looking at queues, tasks and workers without touching them.

use crate::Broker;
use crate::error::Result;
use chrono::{DateTime, Utc};
use queue_schema::{Policy, Queue};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

#[derive(Debug, Clone, Serialize)]
pub struct QueueFigures {
    pub name: Queue,
    pub depth: i64,
    pub oldest_age_s: Option<f64>,
    pub running: i64,
    pub scheduled: i64,
    pub dead: i64,
    pub paused: bool,
    pub workers: i64,
    pub throughput_1m: i64,
    pub failed_1m: i64,
    pub policy: Policy,
}

#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    pub queue: Option<String>,
    pub state: Option<String>,
    pub document: Option<Uuid>,
    pub kind: Option<String>,
    /// Only tasks older than this one.
    pub before: Option<Uuid>,
    pub limit: i64,
}

#[derive(Debug, Clone, Serialize)]
pub struct TaskRow {
    pub id: Uuid,
    pub queue: String,
    pub kind: String,
    pub state: String,
    pub document: Option<Uuid>,
    pub stage: Option<String>,
    pub attempts: i32,
    pub crashes: i32,
    pub timeouts: i32,
    pub outcome: Option<String>,
    pub error: Option<Value>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub due_at: DateTime<Utc>,
    pub lease_until: Option<DateTime<Utc>>,
    pub worker: Option<Uuid>,
    pub progress_done: Option<i32>,
    pub progress_total: Option<i32>,
    pub work_ms: i64,
}

#[derive(Debug, Clone, Serialize)]
pub struct WorkerRow {
    pub id: Uuid,
    pub name: String,
    pub host: String,
    pub pid: i32,
    pub queues: Vec<String>,
    pub slots: Value,
    pub recycles: Value,
    pub drain: bool,
    pub started_at: DateTime<Utc>,
    pub last_seen: DateTime<Utc>,
}

impl Broker {
    pub async fn queue_figures(&self) -> Result<Vec<QueueFigures>> {
        let names: Vec<&str> = Queue::ALL.iter().map(|q| q.as_str()).collect();
        let rows = self
            .pool
            .get()
            .await?
            .query(include_str!("../sql/queue_figures.sql"), &[&names])
            .await?;
        Ok(rows
            .iter()
            .filter_map(|row| {
                let name: Queue = row.get::<_, &str>("name").parse().ok()?;
                Some(QueueFigures {
                    name,
                    depth: row.get("depth"),
                    oldest_age_s: row.get("oldest_age_s"),
                    running: row.get("running"),
                    scheduled: row.get("scheduled"),
                    dead: row.get("dead"),
                    paused: row.get("paused"),
                    workers: row.get("workers"),
                    throughput_1m: row.get("throughput_1m"),
                    failed_1m: row.get("failed_1m"),
                    policy: self.policy(name).clone(),
                })
            })
            .collect())
    }

    pub async fn tasks(&self, filter: &TaskFilter) -> Result<Vec<TaskRow>> {
        let rows = self
            .pool
            .get()
            .await?
            .query(
                include_str!("../sql/tasks_list.sql"),
                &[
                    &filter.queue,
                    &filter.state,
                    &filter.document,
                    &filter.kind,
                    &filter.before,
                    &filter.limit,
                ],
            )
            .await?;
        Ok(rows
            .iter()
            .map(|row| TaskRow {
                id: row.get("id"),
                queue: row.get("queue"),
                kind: row.get("kind"),
                state: row.get("state"),
                document: row.get("document_id"),
                stage: row.get("stage"),
                attempts: row.get("attempts"),
                crashes: row.get("crashes"),
                timeouts: row.get("timeouts"),
                outcome: row.get("outcome"),
                error: row.get("error"),
                created_at: row.get("created_at"),
                started_at: row.get("started_at"),
                finished_at: row.get("finished_at"),
                due_at: row.get("due_at"),
                lease_until: row.get("lease_until"),
                worker: row.get("worker_id"),
                progress_done: row.get("progress_done"),
                progress_total: row.get("progress_total"),
                work_ms: row.get("work_ms"),
            })
            .collect())
    }

    pub async fn workers(&self) -> Result<Vec<WorkerRow>> {
        let rows = self
            .pool
            .get()
            .await?
            .query(include_str!("../sql/workers_list.sql"), &[])
            .await?;
        Ok(rows
            .iter()
            .map(|row| WorkerRow {
                id: row.get("id"),
                name: row.get("name"),
                host: row.get("host"),
                pid: row.get("pid"),
                queues: row.get("queues"),
                slots: row.get("slots"),
                recycles: row.get("recycles"),
                drain: row.get("drain"),
                started_at: row.get("started_at"),
                last_seen: row.get("last_seen"),
            })
            .collect())
    }

    /// How many tasks come before this ready one in its queue, counted up to 1000.
    pub async fn ahead(&self, task: Uuid) -> Result<i64> {
        Ok(self
            .pool
            .get()
            .await?
            .query_one(include_str!("../sql/ahead.sql"), &[&task])
            .await?
            .get(0))
    }
}
