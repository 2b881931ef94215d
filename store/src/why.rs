//! Why a document is not done, by the tasks for which it waits.

use crate::Store;
use crate::error::Result;
use broker::inspect::{Reason, TaskRow, TaskSearch, Why};
use queue_schema::payload::ReadPages;
use queue_schema::{Payload, State};
use uuid::Uuid;

/// How many of these tasks are described one by one.
const TOLD: usize = 5;

/// A task for which a document waits.
#[derive(Debug, Clone)]
pub struct Blocker {
    pub task: TaskRow,
    pub why: Vec<Why>,
    /// The pages that it reads, first and last.
    pub pages: Option<(u32, u32)>,
}

impl Store {
    /// Why a task is in its state. For a done task, also what its document waits for.
    pub async fn why_task(&self, task: &TaskRow) -> Result<Vec<Why>> {
        let mut why = self.broker().why(task.id).await?;
        let Some(document) = task
            .document
            .filter(|_| task.stage.is_some() && task.state == State::Done)
        else {
            return Ok(why);
        };
        let live = self.live_tasks(document).await?;
        if let Some(first) = live.first() {
            let others = match live.len() {
                1 => format!("a task ({} in {})", first.kind, first.queue),
                n => format!("{n} tasks (first: {} in {})", first.kind, first.queue),
            };
            why.push(Why::new(
                Reason::WaitsForSiblings,
                format!("its document goes on once {others} has ended"),
            ));
        }
        Ok(why)
    }

    /// The tasks for which an unfinished document waits, running tasks last, and how many there are in all.
    pub async fn blockers(&self, document: Uuid) -> Result<(Vec<Blocker>, usize)> {
        let live = self.live_tasks(document).await?;
        let count = live.len();
        let mut blockers = Vec::new();
        for task in live.into_iter().take(TOLD) {
            blockers.push(Blocker {
                why: self.broker().why(task.id).await?,
                pages: self.pages_of(&task).await?,
                task,
            });
        }
        Ok((blockers, count))
    }

    async fn pages_of(&self, task: &TaskRow) -> Result<Option<(u32, u32)>> {
        if task.kind != ReadPages::KIND {
            return Ok(None);
        }
        let payload = self.broker().task(task.id).await?.map(|detail| detail.payload);
        let pages = payload.and_then(|payload| serde_json::from_value::<ReadPages>(payload).ok());
        Ok(pages.map(|pages| (pages.first, pages.last)))
    }

    async fn live_tasks(&self, document: Uuid) -> Result<Vec<TaskRow>> {
        let mut live = Vec::new();
        for state in [State::Scheduled, State::Ready, State::Running] {
            let search = TaskSearch {
                state: Some(state),
                document: Some(document),
                limit: 1000,
                ..TaskSearch::default()
            };
            live.extend(self.broker().search_tasks(&search).await?.tasks);
        }
        live.retain(|task| task.stage.is_some());
        Ok(live)
    }
}
