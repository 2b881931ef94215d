//! Enqueueing: an INSERT in the caller's transaction.

use crate::Broker;
use crate::error::Result;
use crate::events::TaskEnqueued;
use crate::task::Enqueued;
use queue_schema::document::Stage;
use queue_schema::{Payload, Policy, Queue, TraceId};
use serde_json::Value;
use std::time::Duration;
use telemetry::Event;
use tokio_postgres::{GenericClient, Row};
use uuid::Uuid;

/// A task to be enqueued. Its policy is that of its queue at that moment.
#[derive(Debug, Clone)]
pub struct NewTask {
    id: Uuid,
    queue: Queue,
    kind: String,
    payload: Value,
    urgent: bool,
    flow: String,
    after_rank: i64,
    delay: Duration,
    crash_budget: Option<u32>,
    unique_key: Option<String>,
    document: Option<(Uuid, i32)>,
    stage: Option<Stage>,
    trace: Option<TraceId>,
    steps: Option<u32>,
}

impl NewTask {
    pub fn new<P: Payload>(payload: &P) -> Result<NewTask> {
        let mut task = NewTask::of_kind(P::QUEUE, P::KIND, serde_json::to_value(payload)?);
        task.stage = P::STAGE;
        Ok(task)
    }

    /// A task whose payload is only known as JSON, as in the table of schedules.
    pub fn of_kind(queue: Queue, kind: impl Into<String>, payload: Value) -> NewTask {
        NewTask {
            id: Uuid::now_v7(),
            queue,
            kind: kind.into(),
            payload,
            urgent: false,
            flow: String::new(),
            after_rank: 0,
            delay: Duration::ZERO,
            crash_budget: None,
            unique_key: None,
            document: None,
            stage: None,
            trace: None,
            steps: None,
        }
    }

    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Sets the document to which the task belongs, and the version, which counts how often the document is processed.
    pub fn of_document(mut self, document: Uuid, version: i32) -> Self {
        self.document = Some((document, version));
        self
    }

    /// Sets the document's trace id on its first task. All other tasks of the document inherit it.
    pub fn traced(mut self, trace: Option<TraceId>) -> Self {
        self.trace = trace;
        self
    }

    /// Sets the flow. In each round of a queue every flow gets one turn, so a flood in one flow delays another by at most a
    /// round.
    pub fn in_flow(mut self, flow: impl Into<String>) -> Self {
        self.flow = flow.into();
        self
    }

    pub fn urgent(mut self, urgent: bool) -> Self {
        self.urgent = urgent;
        if urgent {
            self.queue = self.queue.urgent();
        }
        self
    }

    /// Sets a lower bound for the task's rank: that of the task that it follows.
    pub fn after_rank(mut self, rank: i64) -> Self {
        self.after_rank = rank;
        self
    }

    /// Sets the unique key. While a live task has the same key, this one is not inserted.
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.unique_key = Some(key.into());
        self
    }

    pub fn due_in(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sets the budgets for crashes (including out of memory and lost workers) and for time-outs, instead of the queue's.
    pub fn may_crash(mut self, times: u32) -> Self {
        self.crash_budget = Some(times);
        self
    }

    /// Sets the number of steps, each of which the task reports as progress. A shorter task need not wait for all of them.
    pub fn of_steps(mut self, steps: u32) -> Self {
        self.steps = Some(steps);
        self
    }

    pub fn on_queue(mut self, queue: Queue) -> Self {
        self.queue = queue;
        self
    }
}

impl Enqueued {
    /// `None` for a queue or state that this build does not know.
    pub(crate) fn from_row(row: &Row) -> Option<Enqueued> {
        Some(Enqueued {
            id: row.get("id"),
            queue: row.get::<_, &str>("queue").parse().ok()?,
            urgent: row.get("urgent"),
            rank: row.get("rank"),
            state: row.get::<_, &str>("state").parse().ok()?,
        })
    }
}

impl Broker {
    /// Inserts `tasks` in the caller's transaction. Tasks whose unique key is taken are missing from the answer. The caller
    /// passes the answer to [`crate::Wake::push_or_leave`] after the commit.
    pub async fn enqueue(&self, tx: &impl GenericClient, tasks: &[NewTask]) -> Result<Vec<Enqueued>> {
        if tasks.is_empty() {
            return Ok(Vec::new());
        }
        macro_rules! column {
            ($t:ident => $value:expr) => {
                tasks.iter().map(|$t| $value).collect::<Vec<_>>()
            };
        }
        let policies = tasks
            .iter()
            .map(|t| serde_json::to_value(self.policy_of(t)))
            .collect::<std::result::Result<Vec<_>, _>>()?;
        let rows = tx
            .query(
                include_str!("../sql/enqueue.sql"),
                &[
                    &column!(t => t.id),
                    &column!(t => t.queue.as_str()),
                    &column!(t => t.kind.as_str()),
                    &column!(t => &t.payload),
                    &policies,
                    &column!(t => t.urgent),
                    &column!(t => t.flow.as_str()),
                    &column!(t => t.after_rank),
                    &column!(t => t.delay.as_secs_f64()),
                    &column!(t => t.unique_key.as_deref()),
                    &column!(t => t.document.map(|(id, _)| id)),
                    &column!(t => t.stage.map(Stage::as_str)),
                    &column!(t => t.document.map_or(1, |(_, version)| version)),
                    &column!(t => t.trace.map(Uuid::from)),
                    &column!(t => t.steps.map(|steps| i32::try_from(steps).unwrap_or(i32::MAX))),
                ],
            )
            .await?;
        rows.iter().for_each(|row| TaskEnqueued { row }.emit());
        Ok(rows.iter().filter_map(Enqueued::from_row).collect())
    }

    fn policy_of(&self, task: &NewTask) -> Policy {
        let policy = self.policy(task.queue).clone();
        match task.crash_budget {
            Some(times) => Policy {
                max_crashes: times,
                max_timeouts: times,
                ..policy
            },
            None => policy,
        }
    }
}
