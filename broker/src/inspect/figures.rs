//! Figures of queues: now, and over the last hour.

use crate::Broker;
use crate::error::Result;
use chrono::{DateTime, Utc};
use queue_schema::{Policy, Queue};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// How many minutes of history are reported.
pub const MINUTES: usize = 60;

/// A queue at this moment.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Queue)]
pub struct QueueFigures {
    #[schema(value_type = String)]
    pub name: Queue,
    /// Ready tasks.
    pub depth: i64,
    /// How long the oldest ready task has been ready.
    pub oldest_age_s: Option<f64>,
    pub running: i64,
    /// Tasks that are due later, because of a delay or backoff.
    pub scheduled: i64,
    /// Dead letters that were neither dismissed nor retried.
    pub dead: i64,
    pub paused: bool,
    pub paused_by: Option<String>,
    pub paused_at: Option<DateTime<Utc>>,
    /// Worker processes that are alive, serve the queue and are not draining.
    pub workers: i64,
    /// Tasks done in the last minute.
    pub throughput_1m: i64,
    /// Runs that failed in the last minute.
    pub failed_1m: i64,
    #[schema(value_type = Object)]
    pub policy: Policy,
}

impl QueueFigures {
    /// Tasks that are ready or due later.
    pub fn waiting(&self) -> i64 {
        self.depth + self.scheduled
    }

    /// Whether the queue has waiting tasks but no worker.
    pub fn is_deserted(&self) -> bool {
        self.workers == 0 && self.waiting() > 0
    }
}

/// Counts for one minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Minute {
    /// Tasks that were done.
    pub done: i64,
    /// Runs that failed.
    pub failed: i64,
}

/// Median, 95th and 99th percentile, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Quantiles {
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
}

/// Durations of a queue's tasks that were done in the last hour.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Timings {
    /// How many tasks the figures are computed from.
    pub tasks: i64,
    /// Time from enqueueing to the first run.
    pub wait: Option<Quantiles>,
    /// Time of work, all runs together.
    pub work: Option<Quantiles>,
}

impl Broker {
    pub async fn queue_figures(&self) -> Result<Vec<QueueFigures>> {
        let names: Vec<&str> = Queue::ALL.iter().map(|q| q.as_str()).collect();
        let rows = self
            .pool
            .get()
            .await?
            .query(include_str!("../../sql/inspect/queue_figures.sql"), &[&names])
            .await?;
        let figures = rows.iter().filter_map(|row| {
            let name: Queue = row.get::<_, &str>("name").parse().ok()?;
            Some(QueueFigures {
                name,
                depth: row.get("depth"),
                oldest_age_s: row.get("oldest_age_s"),
                running: row.get("running"),
                scheduled: row.get("scheduled"),
                dead: row.get("dead"),
                paused: row.get("paused"),
                paused_by: row.get("paused_by"),
                paused_at: row.get("paused_at"),
                workers: row.get("workers"),
                throughput_1m: row.get("throughput_1m"),
                failed_1m: row.get("failed_1m"),
                policy: self.policy(name).clone(),
            })
        });
        Ok(figures.collect())
    }

    /// The last hour minute by minute, of each queue with activity. The last minute is still in progress.
    pub async fn history(&self) -> Result<HashMap<Queue, [Minute; MINUTES]>> {
        let rows = self
            .pool
            .get()
            .await?
            .query(include_str!("../../sql/inspect/history.sql"), &[])
            .await?;
        let mut history: HashMap<Queue, [Minute; MINUTES]> = HashMap::new();
        for row in &rows {
            let Ok(queue) = row.get::<_, &str>("queue").parse() else {
                continue;
            };
            let ago = usize::try_from(row.get::<_, i32>("minute")).unwrap_or(MINUTES);
            let Some(place) = (MINUTES - 1).checked_sub(ago) else {
                continue;
            };
            history.entry(queue).or_insert([Minute::default(); MINUTES])[place] = Minute {
                done: row.get("done"),
                failed: row.get("failed"),
            };
        }
        Ok(history)
    }

    pub async fn timings(&self, queue: Queue) -> Result<Timings> {
        let row = self
            .pool
            .get()
            .await?
            .query_one(include_str!("../../sql/inspect/timings.sql"), &[&queue.as_str()])
            .await?;
        let quantiles = |name: &str| match row.get::<_, Option<Vec<f64>>>(name).as_deref() {
            Some([p50, p95, p99]) => Some(Quantiles {
                p50: *p50,
                p95: *p95,
                p99: *p99,
            }),
            _ => None,
        };
        Ok(Timings {
            tasks: row.get("tasks"),
            wait: quantiles("wait"),
            work: quantiles("work"),
        })
    }
}
