//! The whole fleet at one moment, and what an operator should look at first.

use crate::app::Dashboard;
use crate::page::seconds;
use crate::schedule::ScheduleNow;
use broker::inspect::{MINUTES, Minute, QueueFigures, WorkerRow};
use chrono::{DateTime, Utc};
use queue_schema::Queue;
use serde::Serialize;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use utoipa::ToSchema;

/// Looks at the fleet are shared by all who ask within this time.
const FRESH: Duration = Duration::from_millis(900);
/// At most this share of the time is spent looking, however slow the database is.
const REST: u32 = 4;

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
}

/// A queue with its last hour.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QueueNow {
    #[serde(flatten)]
    pub figures: QueueFigures,
    /// 60 minutes, the last one under way.
    pub history: Vec<Minute>,
}

/// Something that needs an operator, or will.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Warning {
    /// Stable, for programs: `no_worker`, `queue_paused`, `worker_silent`, `schedule_missed`, `no_scheduler`, `dead_letters`
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
    /// The page that shows it.
    pub link: String,
}

impl Fleet {
    async fn look(dashboard: &Dashboard) -> broker::Result<Fleet> {
        let broker = dashboard.store.broker();
        let (figures, mut history) = (broker.queue_figures().await?, broker.history().await?);
        let (workers, overdue) = (broker.workers().await?, broker.overdue().await?);
        let schedules = dashboard.calendar.now(broker).await?;
        Ok(Fleet {
            at: Utc::now(),
            warnings: warnings(&figures, &workers, &schedules, overdue),
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

    /// Of all queues.
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

fn warnings(
    queues: &[QueueFigures],
    workers: &[WorkerRow],
    schedules: &[ScheduleNow],
    (leases, due): (i64, i64),
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |code, message, link| warnings.push(Warning { code, message, link });
    if leases > 0 || due > 0 {
        let what = format!(
            "{} ran out and {} not made ready",
            count(leases, "lease"),
            count_are(due, "due task")
        );
        warn(
            "no_scheduler",
            format!(
                "{what} in time: no scheduler seems to run. Start one (the program scheduler), or look into its log."
            ),
            "/schedules".into(),
        );
    }
    for queue in queues {
        let (name, waiting) = (queue.name, queue.depth + queue.scheduled);
        if waiting > 0 && queue.workers == 0 {
            warn(
                "no_worker",
                format!(
                    "Queue {name} has {} and no worker. Start a worker that serves it.",
                    count(waiting, "task")
                ),
                format!("/queues/{name}"),
            );
        }
    }
    for worker in workers.iter().filter(|worker| !worker.alive) {
        warn(
            "worker_silent",
            format!(
                "Worker {} on {} (process {}) has been silent for {}. Its tasks go to others once their leases run out.",
                worker.name,
                worker.host,
                worker.pid,
                seconds(worker.silent_s)
            ),
            format!("/workers#w-{}", worker.id),
        );
    }
    for schedule in schedules {
        if let Some(missed) = schedule.missed {
            warn(
                "schedule_missed",
                format!(
                    "Schedule {} did not fire at {}: does a scheduler run?",
                    schedule.name,
                    missed.format("%F %H:%M UTC")
                ),
                "/schedules".into(),
            );
        }
    }
    for queue in queues.iter().filter(|queue| queue.paused) {
        let who = queue.paused_by.as_deref().unwrap_or("somebody");
        warn(
            "queue_paused",
            format!("Queue {} is paused by {who}; {} there.", queue.name, wait(queue.depth)),
            format!("/queues/{}", queue.name),
        );
    }
    let dead: i64 = queues.iter().map(|queue| queue.dead).sum();
    if dead > 0 {
        warn(
            "dead_letters",
            format!("{} to be retried or discarded.", count(dead, "dead letter")),
            "/dead".into(),
        );
    }
    warnings
}

/// `1 task`, `2 tasks`
pub fn count(n: i64, thing: &str) -> String {
    if n == 1 {
        format!("1 {thing}")
    } else {
        format!("{n} {thing}s")
    }
}

fn count_are(n: i64, thing: &str) -> String {
    format!("{} {}", count(n, thing), if n == 1 { "was" } else { "were" })
}

fn wait(n: i64) -> String {
    match n {
        0 => "nothing waits".into(),
        1 => "1 task waits".into(),
        n => format!("{n} tasks wait"),
    }
}

/// The latest look at the fleet: one at a time, however many ask.
#[derive(Default)]
pub struct Snapshots(Mutex<Option<Look>>);

struct Look {
    fleet: Arc<Fleet>,
    until: Instant,
}

impl Snapshots {
    /// A look of now, or of a moment ago.
    pub async fn get(&self, dashboard: &Dashboard) -> broker::Result<Arc<Fleet>> {
        let mut look = self.0.lock().await;
        if let Some(look) = look.as_ref().filter(|look| Instant::now() < look.until) {
            return Ok(look.fleet.clone());
        }
        let began = Instant::now();
        let fleet = Arc::new(Fleet::look(dashboard).await?);
        let until = Instant::now() + FRESH.max(began.elapsed() * REST);
        *look = Some(Look {
            fleet: fleet.clone(),
            until,
        });
        Ok(fleet)
    }

    /// Somebody has changed something and will want to see it.
    pub async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

impl Dashboard {
    pub async fn fleet(&self) -> broker::Result<Arc<Fleet>> {
        self.snapshots.get(self).await
    }
}
