//! A snapshot of the whole fleet.

use crate::schedule::ScheduleNow;
use crate::state::Dashboard;
use crate::warnings::{Findings, Warning};
use broker::inspect::{MINUTES, Minute, QueueFigures, WorkerRow};
use chrono::{DateTime, Utc};
use queue_schema::Queue;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use utoipa::ToSchema;

/// Requests within this time share one snapshot.
const FRESH: Duration = Duration::from_millis(900);
/// A snapshot is kept for at least this multiple of the time that taking it took, so that a slow database is not overloaded.
const REST: u32 = 4;
/// How long a snapshot waits for Redis, which contributes the least to it.
const REDIS_PATIENCE: Duration = Duration::from_millis(500);

/// The fleet at one moment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Fleet {
    pub at: DateTime<Utc>,
    /// What an operator should look at, the gravest first. Empty: all is well.
    pub warnings: Vec<Warning>,
    pub queues: Vec<QueueNow>,
    #[serde(skip)]
    pub workers: Vec<WorkerRow>,
    #[serde(skip)]
    pub schedules: Vec<ScheduleNow>,
    /// Ready tasks that Redis does not know, by queue; `None`: Redis does not answer.
    #[serde(skip)]
    pub drift: Option<HashMap<Queue, i64>>,
}

/// A queue with its last hour.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QueueNow {
    #[serde(flatten)]
    pub figures: QueueFigures,
    /// 60 minutes, the last one under way.
    pub history: Vec<Minute>,
}

impl Fleet {
    async fn look(dashboard: &Dashboard, before: Option<&Fleet>) -> broker::Result<Fleet> {
        let broker = dashboard.store.broker();
        let (figures, mut history) = (broker.queue_figures().await?, broker.history().await?);
        let ready: Vec<(Queue, i64)> = figures.iter().map(|figures| (figures.name, figures.depth)).collect();
        let drift = tokio::time::timeout(REDIS_PATIENCE, broker.drift(&ready)).await;
        let drift = drift.ok().and_then(Result::ok);
        let (workers, overdue) = (broker.workers().await?, broker.overdue().await?);
        let schedules = dashboard.calendar.now(broker).await?;
        let shortage = dashboard.space.shortage();
        let findings = Findings {
            shortage: shortage.as_ref(),
            queues: &figures,
            workers: &workers,
            schedules: &schedules,
            overdue,
            drift: drift.as_ref(),
            drift_before: before.and_then(|before| before.drift.as_ref()),
        };
        Ok(Fleet {
            at: Utc::now(),
            warnings: findings.warnings(),
            drift,
            queues: figures
                .into_iter()
                .map(|figures| QueueNow {
                    history: history
                        .remove(&figures.name)
                        .unwrap_or([Minute::default(); MINUTES])
                        .to_vec(),
                    figures,
                })
                .collect(),
            workers,
            schedules,
        })
    }

    pub fn queue(&self, name: Queue) -> Option<&QueueNow> {
        self.queues.iter().find(|queue| queue.figures.name == name)
    }

    /// The sum of a figure over all queues.
    pub fn sum(&self, figure: impl Fn(&QueueFigures) -> i64) -> i64 {
        self.queues.iter().map(|queue| figure(&queue.figures)).sum()
    }

    /// The last hour of all queues together.
    pub fn history(&self) -> Vec<Minute> {
        (0..MINUTES)
            .map(|minute| {
                self.queues.iter().fold(Minute::default(), |sum, queue| Minute {
                    done: sum.done + queue.history[minute].done,
                    failed: sum.failed + queue.history[minute].failed,
                })
            })
            .collect()
    }
}

/// The latest snapshot. Concurrent requests wait for one and share it.
#[derive(Default)]
pub struct Snapshots(Mutex<Option<Look>>);

struct Look {
    fleet: Arc<Fleet>,
    until: Instant,
}

impl Snapshots {
    /// The latest snapshot, or a new one if it is too old.
    pub async fn get(&self, dashboard: &Dashboard) -> broker::Result<Arc<Fleet>> {
        let mut look = self.0.lock().await;
        if let Some(look) = look.as_ref().filter(|look| Instant::now() < look.until) {
            return Ok(look.fleet.clone());
        }
        let began = Instant::now();
        let before = look.as_ref().map(|look| look.fleet.as_ref());
        let fleet = Arc::new(Fleet::look(dashboard, before).await?);
        let until = Instant::now() + FRESH.max(began.elapsed() * REST);
        *look = Some(Look {
            fleet: fleet.clone(),
            until,
        });
        Ok(fleet)
    }

    /// Discards the snapshot after a change, so that the next page shows the change.
    pub async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

impl Dashboard {
    pub async fn fleet(&self) -> broker::Result<Arc<Fleet>> {
        self.snapshots.get(self).await
    }
}
