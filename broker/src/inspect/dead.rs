//! Dead letters: dead tasks that were neither dismissed nor retried.

use super::cursor::TaskCursor;
use super::tasks::TaskRow;
use crate::Broker;
use crate::error::Result;
use chrono::{DateTime, Utc};
use queue_schema::{Outcome, Queue};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

#[derive(Debug, Clone, Default)]
pub struct DeadFilter {
    pub queue: Option<Queue>,
    pub kind: Option<String>,
    pub outcome: Option<Outcome>,
    pub document: Option<Uuid>,
    /// A part of the error's message, ignoring case.
    pub search: Option<String>,
    pub ids: Option<Vec<Uuid>>,
    /// Died at this moment or before, so that an action affects only the tasks that the operator saw.
    pub until: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone)]
pub struct DeadPage {
    pub tasks: Vec<TaskRow>,
    pub next: Option<TaskCursor>,
    /// How many tasks match in all.
    pub count: i64,
}

impl Broker {
    pub async fn dead(&self, filter: &DeadFilter, after: Option<&TaskCursor>, limit: i64) -> Result<DeadPage> {
        let mut tasks = self.dead_after(filter, after, limit + 1).await?;
        let more = i64::try_from(tasks.len()).is_ok_and(|found| found > limit);
        tasks.truncate(usize::try_from(limit).unwrap_or_default());
        Ok(DeadPage {
            next: tasks.last().filter(|_| more).and_then(TaskRow::cursor),
            tasks,
            count: self.dead_count(filter).await?,
        })
    }

    pub async fn dead_count(&self, filter: &DeadFilter) -> Result<i64> {
        let (queue, outcome) = filter.names();
        let params: [&(dyn ToSql + Sync); 7] = [
            &queue,
            &filter.kind,
            &outcome,
            &filter.document,
            &filter.search,
            &filter.ids,
            &filter.until,
        ];
        let statement = include_str!("../../sql/inspect/dead_count.sql");
        Ok(self.pool.get().await?.query_one(statement, &params).await?.get(0))
    }

    pub(super) async fn dead_after(
        &self,
        filter: &DeadFilter,
        after: Option<&TaskCursor>,
        limit: i64,
    ) -> Result<Vec<TaskRow>> {
        let (queue, outcome) = filter.names();
        let (at, id) = (after.map(|a| a.at), after.map(|a| a.id));
        let params: [&(dyn ToSql + Sync); 10] = [
            &queue,
            &filter.kind,
            &outcome,
            &filter.document,
            &filter.search,
            &filter.ids,
            &filter.until,
            &at,
            &id,
            &limit,
        ];
        let statement = include_str!("../../sql/inspect/dead.sql");
        let rows = self.pool.get().await?.query(statement, &params).await?;
        rows.iter().map(TaskRow::from_row).collect()
    }
}

impl DeadFilter {
    fn names(&self) -> (Option<&'static str>, Option<&'static str>) {
        (self.queue.map(Queue::as_str), self.outcome.map(Outcome::as_str))
    }
}
