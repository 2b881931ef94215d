//! Tasks with all their runs, read from the tables.

use anyhow::{Context, Result};
use queue_schema::{Outcome, State};
use serde_json::Value;
use std::collections::HashMap;
use tokio_postgres::{Client, Row};
use uuid::Uuid;

const TASKS: &str = "SELECT id, kind, state, document_id, error FROM tasks";
const RUNS: &str = "
    SELECT task_id, worker_id, outcome, extract(epoch FROM started_at)::double precision AS started,
           extract(epoch FROM ended_at)::double precision AS ended
    FROM attempts ORDER BY started_at";

pub struct Task {
    pub id: Uuid,
    kind: String,
    pub state: State,
    pub document: Option<Uuid>,
    error: Option<Value>,
    pub runs: Vec<Run>,
}

/// One row of `attempts`.
pub struct Run {
    pub worker: Uuid,
    /// Seconds since the epoch.
    pub started: f64,
    pub ended: Option<f64>,
    pub outcome: Option<Outcome>,
}

pub async fn read(client: &Client) -> Result<HashMap<Uuid, Task>> {
    let mut tasks = HashMap::new();
    for row in client.query(TASKS, &[]).await? {
        let task = Task::read(&row)?;
        tasks.insert(task.id, task);
    }
    for row in client.query(RUNS, &[]).await? {
        let task = tasks.get_mut(&row.get("task_id")).context("a run of no task")?;
        task.runs.push(Run::read(&row)?);
    }
    Ok(tasks)
}

impl Task {
    fn read(row: &Row) -> Result<Task> {
        Ok(Task {
            id: row.get("id"),
            kind: row.get("kind"),
            state: row.get::<_, &str>("state").parse()?,
            document: row.get("document_id"),
            error: row.get("error"),
            runs: Vec::new(),
        })
    }

    /// A description for debugging.
    pub fn story(&self) -> String {
        let clock = |seconds: f64| {
            chrono::DateTime::from_timestamp_millis((seconds * 1000.0) as i64)
                .map(|time| time.format("%H:%M:%S%.3f").to_string())
                .unwrap_or_default()
        };
        let run = |run: &Run| {
            let outcome = run.outcome.map_or("open", Outcome::as_str);
            let ended = run.ended.map(clock).unwrap_or_default();
            format!("{outcome} {}–{ended} by {}", clock(run.started), run.worker)
        };
        let runs: Vec<String> = self.runs.iter().map(run).collect();
        let error = self.error.as_ref().and_then(|error| error["message"].as_str());
        format!(
            "{} {} is {} [{}] {}",
            self.kind,
            self.id,
            self.state,
            runs.join(", "),
            error.unwrap_or_default()
        )
    }
}

impl Run {
    fn read(row: &Row) -> Result<Run> {
        let outcome: Option<&str> = row.get("outcome");
        Ok(Run {
            worker: row.get("worker_id"),
            started: row.get("started"),
            ended: row.get("ended"),
            outcome: outcome.map(str::parse).transpose()?,
        })
    }
}
