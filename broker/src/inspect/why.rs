//! Why a task is not done: every reason that applies, the most important first, each as a sentence.

use super::workers::shortage;
use crate::Broker;
use crate::error::Result;
use chrono::{DateTime, Utc};
use queue_schema::document::DocumentError;
use queue_schema::{Outcome, Policy, Queue, State};
use serde::Serialize;
use serde_json::Value;
use std::fmt;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

/// Silence of a worker, in seconds, that is reported: two heartbeats.
const SILENT_S: i64 = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    QueuePaused,
    NoWorker,
    /// The workers that serve its queue wait until a disk has space.
    NoRoom,
    /// A run failed, and the backoff until the next one is not over.
    BackingOff,
    DueLater,
    /// Other tasks come first.
    InLine,
    /// It waits for other tasks of its document.
    WaitsForSiblings,
    Leased,
    /// Leased by a worker that sends no heartbeats.
    WorkerSilent,
    Cancelling,
    Dead,
    Cancelled,
    Done,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Why {
    /// Stable, for programs.
    pub reason: Reason,
    /// For a person.
    pub sentence: String,
}

impl Why {
    pub fn new(reason: Reason, sentence: impl Into<String>) -> Why {
        Why {
            reason,
            sentence: sentence.into(),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl Broker {
    /// Why a task is in its state. Empty: there is no such task.
    pub async fn why(&self, task: Uuid) -> Result<Vec<Why>> {
        let client = self.pool().get().await?;
        let Some(row) = client
            .query_opt(include_str!("../../sql/inspect/why.sql"), &[&task])
            .await?
        else {
            return Ok(Vec::new());
        };
        drop(client);
        let state: State = row.get::<_, &str>("state").parse().map_err(crate::Error::other)?;
        Ok(match state {
            State::Ready => {
                let mut why = obstacles(&row);
                why.push(in_line(row.get("queue"), self.ahead(task).await?));
                why
            }
            State::Scheduled => {
                let mut why = obstacles(&row);
                why.push(due(&row));
                why
            }
            State::Running => running(&row),
            State::Dead => vec![dead(&row)],
            State::Cancelled => vec![cancelled(&row)],
            State::Done => vec![Why::new(Reason::Done, "it is done")],
        })
    }

    /// How many tasks come before this ready task in its queue, counted up to 1000.
    pub async fn ahead(&self, task: Uuid) -> Result<i64> {
        Ok(self
            .pool
            .get()
            .await?
            .query_one(include_str!("../../sql/inspect/ahead.sql"), &[&task])
            .await?
            .get(0))
    }
}

/// What keeps all tasks of the queue from running.
fn obstacles(row: &Row) -> Vec<Why> {
    let queue: &str = row.get("queue");
    let mut why = Vec::new();
    if row.get::<_, Option<DateTime<Utc>>>("paused_at").is_some() {
        let who: &str = row.get("paused_by");
        why.push(Why::new(
            Reason::QueuePaused,
            format!("queue {queue} is paused by {who}"),
        ));
    }
    if !row.get::<_, bool>("has_worker") {
        let sentence = if row.get("has_draining_worker") {
            format!("no worker serves queue {queue}: those that did are draining")
        } else {
            format!("no worker serves queue {queue}")
        };
        why.push(Why::new(Reason::NoWorker, sentence));
    }
    let needs_room = queue.parse().is_ok_and(Queue::needs_room);
    if let Some(shortage) = shortage(row).filter(|_| needs_room) {
        why.push(Why::new(
            Reason::NoRoom,
            format!("no task of queue {queue} is begun until there is space: {shortage}"),
        ));
    }
    why
}

fn in_line(queue: &str, ahead: i64) -> Why {
    let sentence = match ahead {
        0 => format!("next in lane {queue}"),
        1 => format!("1 task ahead in lane {queue}"),
        1000 => format!("1000 tasks or more ahead in lane {queue}"),
        n => format!("{n} tasks ahead in lane {queue}"),
    };
    Why::new(Reason::InLine, sentence)
}

fn error(row: &Row) -> Option<DocumentError> {
    let error: Option<Value> = row.get("error");
    serde_json::from_value(error?).ok()
}

fn outcome(row: &Row) -> Option<Outcome> {
    row.get::<_, Option<&str>>("outcome")?.parse().ok()
}

/// The task's policy; [`Policy::NONE`] if it cannot be parsed.
fn policy(row: &Row) -> Policy {
    serde_json::from_value(row.get("policy")).unwrap_or(Policy::NONE)
}

fn due(row: &Row) -> Why {
    let due: DateTime<Utc> = row.get("due_at");
    let at = due.format("%H:%M:%S");
    let attempts: i32 = row.get("attempts");
    let Some(outcome) = outcome(row).filter(|_| attempts > 0) else {
        return Why::new(Reason::DueLater, format!("due at {at} UTC"));
    };
    let most = policy(row).max_attempts;
    let because = error(row).map_or_else(|| format!("it {}", outcome.in_words()), |error| error.to_string());
    Why::new(
        Reason::BackingOff,
        format!(
            "tried again at {at} UTC (attempt {} of {most}), because: {because}",
            attempts + 1
        ),
    )
}

fn running(row: &Row) -> Vec<Why> {
    let now: DateTime<Utc> = row.get("now");
    let until: DateTime<Utc> = row.get("lease_until");
    let worker = worker(row);
    let mut why = Vec::new();
    if let Some(cancel) = row.get::<_, Option<&str>>("cancel") {
        why.push(Why::new(Reason::Cancelling, format!("it is being stopped: {cancel}")));
    }
    let silence = row
        .get::<_, Option<DateTime<Utc>>>("last_seen")
        .map(|seen| (now - seen).num_seconds());
    let silent = match silence {
        None => Some("that has gone".to_owned()),
        Some(seconds) if seconds > SILENT_S || !row.get::<_, bool>("worker_lives") => {
            Some(format!("that has been silent for {seconds} s"))
        }
        Some(_) => None,
    };
    if until <= now {
        why.push(Why::new(
            Reason::WorkerSilent,
            format!(
                "leased by {worker} until {} UTC, {} s ago, without a sign of life since; a scheduler gives it to another worker",
                until.format("%H:%M:%S"),
                (now - until).num_seconds()
            ),
        ));
    } else if let Some(silent) = silent {
        why.push(Why::new(
            Reason::WorkerSilent,
            format!(
                "leased by {worker}, {silent}; unless it renews its lease by {} UTC, another worker gets the task",
                until.format("%H:%M:%S")
            ),
        ));
    } else {
        let progress = match (row.get("progress_done"), row.get("progress_total")) {
            (Some::<i32>(done), Some::<i32>(total)) => format!(", {done} of {total} steps done"),
            _ => String::new(),
        };
        why.push(Why::new(
            Reason::Leased,
            format!(
                "it runs: leased by {worker} until {} UTC{progress}",
                until.format("%H:%M:%S")
            ),
        ));
    }
    why
}

fn worker(row: &Row) -> String {
    let id: Option<Uuid> = row.get("worker_id");
    match (row.get("worker_name"), row.get("worker_host")) {
        (Some::<&str>(name), Some::<&str>(host)) => format!("worker {name} on {host}"),
        _ => format!("worker {}", id.unwrap_or_default()),
    }
}

fn dead(row: &Row) -> Why {
    let policy = policy(row);
    let count = |name: &str| u32::try_from(row.get::<_, i32>(name)).unwrap_or_default();
    let (attempts, crashes, timeouts) = (count("attempts"), count("crashes"), count("timeouts"));
    let outcome = outcome(row).unwrap_or(Outcome::Refused);
    let budget = match outcome {
        _ if outcome.is_crash() && crashes >= policy.max_crashes => {
            format!("{} of {} crashes spent", crashes, policy.max_crashes)
        }
        Outcome::TimedOut if timeouts >= policy.max_timeouts => {
            format!("{} of {} time-outs spent", timeouts, policy.max_timeouts)
        }
        Outcome::Refused => "not worth another attempt".to_owned(),
        _ => format!("{attempts} of {} attempts spent", policy.max_attempts),
    };
    let cause = error(row).map(|error| format!(": {error}")).unwrap_or_default();
    let dealt = match row.get::<_, Option<DateTime<Utc>>>("dismissed_at") {
        Some(_) => "; an operator has dealt with it",
        None => "",
    };
    Why::new(
        Reason::Dead,
        format!(
            "dead, because its last run {} ({budget}){cause}{dealt}",
            outcome.in_words()
        ),
    )
}

fn cancelled(row: &Row) -> Why {
    let cancel: Option<&str> = row.get("cancel");
    Why::new(
        Reason::Cancelled,
        format!("cancelled: {}", cancel.unwrap_or("no reason was given")),
    )
}
