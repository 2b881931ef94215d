//! Warnings for an operator, the gravest first.

use crate::page::seconds;
use crate::schedule::ScheduleNow;
use broker::inspect::{QueueFigures, WorkerRow};
use queue_schema::{Queue, Shortage};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;
use web::words::count;

/// Something that needs an operator, or will.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Warning {
    /// Stable, for programs: `storage_full`, `no_worker`, `queue_paused`, `worker_silent`, `redis_away`, `redis_drift`, `schedule_missed`, `no_scheduler`, `dead_letters`
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
    /// The page that shows it.
    pub link: String,
}

/// The findings of a snapshot, from which the warnings follow.
pub struct Findings<'f> {
    /// A disk without space that this process sees. Workers report their own.
    pub shortage: Option<&'f Shortage>,
    pub queues: &'f [QueueFigures],
    pub workers: &'f [WorkerRow],
    pub schedules: &'f [ScheduleNow],
    /// Counts of expired leases and of due tasks that were not picked up in time.
    pub overdue: (i64, i64),
    /// Ready tasks that Redis does not know, by queue. `None`: Redis does not answer.
    pub drift: Option<&'f HashMap<Queue, i64>>,
    /// The same figures of the previous snapshot. A task on its way to Redis is missing once, and only counts as drift if it is
    /// missing again.
    pub drift_before: Option<&'f HashMap<Queue, i64>>,
}

impl Findings<'_> {
    pub fn warnings(&self) -> Vec<Warning> {
        let Findings {
            queues,
            workers,
            schedules,
            overdue: (leases, due),
            ..
        } = *self;
        let mut warnings = Vec::new();
        let mut warn = |code, message, link| warnings.push(Warning { code, message, link });
        self.space(&mut warn);
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
        for queue in queues.iter().filter(|queue| queue.is_deserted()) {
            let name = queue.name;
            warn(
                "no_worker",
                format!(
                    "Queue {name} has {} and no worker. Start a worker that serves it.",
                    count(queue.waiting(), "task")
                ),
                format!("/queues/{name}"),
            );
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
        self.redis(&mut warn);
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

    /// One warning per folder, even if several processes report it.
    fn space(&self, warn: &mut impl FnMut(&'static str, String, String)) {
        let ours = self.shortage.map(|shortage| (shortage, String::new()));
        let living = self.workers.iter().filter(|worker| worker.alive);
        let theirs = living.filter_map(|worker| Some((worker.shortage.as_ref()?, format!("On {}: ", worker.host))));
        let mut seen = HashSet::new();
        for (shortage, place) in ours.into_iter().chain(theirs) {
            if seen.insert(&shortage.folder) {
                warn(
                    "storage_full",
                    format!(
                        "{place}{shortage}. Uploads are refused and tasks wait. To go on, {}.",
                        Shortage::REMEDY
                    ),
                    "/workers".into(),
                );
            }
        }
    }

    fn redis(&self, warn: &mut impl FnMut(&'static str, String, String)) {
        let Some(drift) = self.drift else {
            let what =
                "Redis does not answer. Nothing is lost, and workers go on finding tasks in Postgres, more slowly.";
            warn("redis_away", what.into(), "/".into());
            return;
        };
        let unknown = |drift: &HashMap<Queue, i64>, queue| drift.get(&queue).copied().unwrap_or_default();
        for queue in self.queues.iter().map(|queue| queue.name) {
            let now = unknown(drift, queue);
            let lasting = now.min(self.drift_before.map_or(0, |before| unknown(before, queue)));
            if lasting > 0 {
                warn(
                    "redis_drift",
                    format!(
                        "Redis does not know {} that {} ready in queue {queue}. Workers find them in Postgres, more slowly, \
                         and the scheduler tells Redis again.",
                        count(now, "task"),
                        if now == 1 { "is" } else { "are" }
                    ),
                    format!("/queues/{queue}"),
                );
            }
        }
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
