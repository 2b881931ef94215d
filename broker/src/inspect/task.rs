//! One task in full detail.

use super::tasks::TaskRow;
use crate::Broker;
use crate::error::Result;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TaskDetail {
    #[serde(flatten)]
    pub task: TaskRow,
    /// Null if the API key does not allow reading it: a payload may contain text of a document.
    #[schema(value_type = Option<Object>)]
    pub payload: Value,
    /// Limits and budgets as they were when it was enqueued.
    #[schema(value_type = Object)]
    pub policy: Value,
    /// The flow; tasks of one flow share a turn in the queue.
    pub flow: String,
    pub unique_key: Option<String>,
    /// The version of the document's processing to which it belongs.
    pub version: i32,
    pub retry_of: Option<Uuid>,
    pub retried_as: Option<Uuid>,
    /// Why it was, or is to be, cancelled.
    pub cancel: Option<String>,
    pub runs: Vec<Attempt>,
}

/// One run of a task.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Attempt {
    pub number: i32,
    pub worker: Uuid,
    /// Set while the worker is known.
    pub worker_name: Option<String>,
    pub worker_host: Option<String>,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub outcome: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub error: Option<Value>,
    pub peak_kib: Option<i64>,
    pub cpu_ms: Option<i64>,
    /// The last lines that the run printed. Only operators see them.
    pub said: Option<String>,
}

impl Broker {
    pub async fn task(&self, id: Uuid) -> Result<Option<TaskDetail>> {
        let client = self.pool.get().await?;
        let Some(row) = client
            .query_opt(include_str!("../../sql/inspect/task.sql"), &[&id])
            .await?
        else {
            return Ok(None);
        };
        let runs = client
            .query(include_str!("../../sql/inspect/attempts.sql"), &[&id])
            .await?;
        let run = |row: &tokio_postgres::Row| Attempt {
            number: row.get("number"),
            worker: row.get("worker_id"),
            worker_name: row.get("worker_name"),
            worker_host: row.get("worker_host"),
            started_at: row.get("started_at"),
            ended_at: row.get("ended_at"),
            outcome: row.get("outcome"),
            error: row.get("error"),
            peak_kib: row.get("peak_kib"),
            cpu_ms: row.get("cpu_ms"),
            said: row.get("said"),
        };
        Ok(Some(TaskDetail {
            task: TaskRow::from_row(&row)?,
            payload: row.get("payload"),
            policy: row.get("policy"),
            flow: row.get("flow"),
            unique_key: row.get("unique_key"),
            version: row.get("version"),
            retry_of: row.get("retry_of"),
            retried_as: row.get("retried_as"),
            cancel: row.get("cancel"),
            runs: runs.iter().map(run).collect(),
        }))
    }
}
