//! Lists of tasks. Each state has its own query, with its own index and sort order.

use super::cursor::TaskCursor;
use crate::Broker;
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use queue_schema::{Queue, State, TraceId};
use serde::Serialize;
use serde_json::Value;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which tasks to list.
#[derive(Debug, Clone, Default)]
pub struct TaskSearch {
    pub queue: Option<Queue>,
    /// `None`: all states; running tasks first, then waiting ones, then ended ones.
    pub state: Option<State>,
    pub kind: Option<String>,
    pub document: Option<Uuid>,
    pub after: Option<TaskCursor>,
    pub limit: i64,
}

#[derive(Debug, Clone)]
pub struct TaskPage {
    pub tasks: Vec<TaskRow>,
    pub next: Option<TaskCursor>,
}

/// A task without its payload.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Task)]
pub struct TaskRow {
    pub id: Uuid,
    pub queue: String,
    pub kind: String,
    /// scheduled, ready, running, done, dead or cancelled
    #[schema(value_type = String)]
    pub state: State,
    pub document: Option<Uuid>,
    pub stage: Option<String>,
    pub urgent: bool,
    /// Runs started; those handed back do not count.
    pub attempts: i32,
    pub max_attempts: i64,
    pub crashes: i32,
    pub timeouts: i32,
    /// How the last run ended.
    pub outcome: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub error: Option<Value>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    /// The task does not run before this time.
    pub due_at: DateTime<Utc>,
    pub lease_until: Option<DateTime<Utc>>,
    pub worker: Option<Uuid>,
    pub progress_done: Option<i32>,
    pub progress_total: Option<i32>,
    /// Milliseconds of work, without waiting.
    pub work_ms: i64,
    /// When this dead task was dismissed or retried.
    pub dismissed_at: Option<DateTime<Utc>>,
    /// Trace id of the upload to which the task belongs, as in the logs.
    #[schema(value_type = Option<String>)]
    pub trace_id: Option<TraceId>,
    #[serde(skip)]
    pub rank: i64,
}

impl TaskRow {
    pub(super) fn from_row(row: &Row) -> Result<TaskRow> {
        let policy: Value = row.get("policy");
        Ok(TaskRow {
            id: row.get("id"),
            queue: row.get("queue"),
            kind: row.get("kind"),
            state: row.get::<_, &str>("state").parse().map_err(Error::other)?,
            document: row.get("document_id"),
            stage: row.get("stage"),
            urgent: row.get("urgent"),
            attempts: row.get("attempts"),
            max_attempts: policy["max_attempts"].as_i64().unwrap_or_default(),
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
            dismissed_at: row.get("dismissed_at"),
            trace_id: row.get::<_, Option<Uuid>>("trace_id").map(TraceId::from),
            rank: row.get("rank"),
        })
    }

    /// The error message of the last run, if any.
    pub fn message(&self) -> Option<&str> {
        self.error.as_ref()?.get("message")?.as_str()
    }

    pub(super) fn cursor(&self) -> Option<TaskCursor> {
        Some(TaskCursor {
            state: self.state,
            queue: self.queue.parse().ok()?,
            urgent: self.urgent,
            rank: self.rank,
            at: self.finished_at.unwrap_or(self.due_at),
            id: self.id,
        })
    }
}

/// The order of the states in a list of all tasks.
const ORDER: [State; 6] = [
    State::Running,
    State::Ready,
    State::Scheduled,
    State::Dead,
    State::Done,
    State::Cancelled,
];

impl Broker {
    /// One page of a list of tasks. Fast however many tasks there are.
    pub async fn search_tasks(&self, search: &TaskSearch) -> Result<TaskPage> {
        // Fetching one more than requested tells whether there is another page.
        let wanted = search.limit + 1;
        let mut tasks = match search.document {
            Some(document) => self.tasks_of_document(search, document, wanted).await?,
            None => self.tasks_by_state(search, wanted).await?,
        };
        let more = i64::try_from(tasks.len()).is_ok_and(|found| found > search.limit);
        tasks.truncate(usize::try_from(search.limit).unwrap_or_default());
        let next = tasks.last().filter(|_| more).and_then(TaskRow::cursor);
        Ok(TaskPage { tasks, next })
    }

    async fn tasks_of_document(&self, search: &TaskSearch, document: Uuid, wanted: i64) -> Result<Vec<TaskRow>> {
        let rows = self
            .pool
            .get()
            .await?
            .query(
                include_str!("../../sql/inspect/tasks_of_document.sql"),
                &[
                    &document,
                    &search.state.map(State::as_str),
                    &search.queue.map(Queue::as_str),
                    &search.kind,
                    &search.after.as_ref().map(|after| after.id),
                    &wanted,
                ],
            )
            .await?;
        rows.iter().map(TaskRow::from_row).collect()
    }

    async fn tasks_by_state(&self, search: &TaskSearch, wanted: i64) -> Result<Vec<TaskRow>> {
        if let Some(state) = search.state {
            let after = search.after.as_ref().filter(|after| after.state == state);
            return self.tasks_in_state(search, state, after, wanted).await;
        }
        let begin = search.after.as_ref().map(|after| after.state);
        let states = ORDER
            .into_iter()
            .skip_while(|state| begin.is_some_and(|begin| begin != *state));
        let mut tasks = Vec::new();
        for state in states {
            let after = search.after.as_ref().filter(|after| after.state == state);
            let missing = wanted - i64::try_from(tasks.len()).unwrap_or(wanted);
            if missing == 0 {
                break;
            }
            tasks.extend(self.tasks_in_state(search, state, after, missing).await?);
        }
        Ok(tasks)
    }

    async fn tasks_in_state(
        &self,
        search: &TaskSearch,
        state: State,
        after: Option<&TaskCursor>,
        wanted: i64,
    ) -> Result<Vec<TaskRow>> {
        let client = self.pool.get().await?;
        let (queue, kind) = (search.queue.map(Queue::as_str), &search.kind);
        let (at, id) = (after.map(|a| a.at), after.map(|a| a.id));
        let rows = match state {
            State::Ready => {
                let (urgent, rank) = (after.map(|a| a.urgent), after.map(|a| a.rank));
                let from = after.map(|a| a.queue.as_str());
                let statement = include_str!("../../sql/inspect/tasks_ready.sql");
                client
                    .query(statement, &[&queue, kind, &from, &urgent, &rank, &id, &wanted])
                    .await?
            }
            State::Running => {
                let statement = include_str!("../../sql/inspect/tasks_running.sql");
                client.query(statement, &[&queue, kind, &id, &wanted]).await?
            }
            State::Scheduled => {
                let statement = include_str!("../../sql/inspect/tasks_scheduled.sql");
                client.query(statement, &[&queue, kind, &at, &id, &wanted]).await?
            }
            State::Dead => {
                let filter = super::DeadFilter {
                    queue: search.queue,
                    kind: search.kind.clone(),
                    ..Default::default()
                };
                drop(client);
                return self.dead_after(&filter, after, wanted).await;
            }
            State::Done | State::Cancelled => {
                let statement = include_str!("../../sql/inspect/tasks_ended.sql");
                let state = state.as_str();
                client
                    .query(statement, &[&state, &queue, kind, &at, &id, &wanted])
                    .await?
            }
        };
        rows.iter().map(TaskRow::from_row).collect()
    }
}
