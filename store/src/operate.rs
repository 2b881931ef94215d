//! Operator actions on tasks. For a task of a document's stage they apply to the whole document, so that its stages stay
//! consistent.

use crate::Store;
use crate::error::{Error, Result};
use broker::audit;
use broker::inspect::{DeadFilter, TaskDetail};
use queue_schema::State;
use queue_schema::document::Stage;
use serde::Serialize;
use serde_json::json;
use settings::Settings;
use uuid::Uuid;

/// How many tasks a bulk action reads at a time.
const BATCH: i64 = 500;

/// What a retry started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retried {
    /// The task was enqueued again, under this id.
    Task(Uuid),
    /// Its document is processed again from this stage.
    Document(Uuid, Stage),
}

/// What a bulk action does with dead letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    Retry,
    /// Takes them off the list. The tasks stay dead.
    Discard,
}

/// What a bulk action did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Bulk {
    pub done: u64,
    /// How many tasks were left unchanged. `reasons` has the first reasons.
    pub refused: u64,
    pub reasons: Vec<String>,
}

impl Bulk {
    const REASONS: usize = 5;

    fn refuse(&mut self, reason: String) {
        self.refused += 1;
        if self.reasons.len() < Self::REASONS && !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }
}

impl Store {
    /// Retries a dead or cancelled task.
    pub async fn retry_task(&self, settings: &Settings, id: Uuid, who: &str) -> Result<Retried> {
        let detail = self.task(id).await?;
        let task = &detail.task;
        if !matches!(task.state, State::Dead | State::Cancelled) {
            return Err(Error::Refused(format!(
                "the task is {}; only dead and cancelled tasks can be retried",
                task.state
            )));
        }
        if let Some(again) = detail.retried_as {
            return Err(Error::Refused(format!("the task was retried already, as {again}")));
        }
        if let Some((document, stage)) = part_of(&detail) {
            let now = self.document(document).await?;
            if now.version > detail.version {
                return Err(Error::Refused(
                    "its document has been processed again since; look at its newer tasks".into(),
                ));
            }
            let begun = self.retry(settings, document, Some(stage), who).await?;
            return Ok(Retried::Document(document, begun.stage));
        }
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let Some(again) = self.broker().retry(&tx, id).await? else {
            return Err(Error::Refused(
                "a task with the same unique key waits or runs already; wait for it, or cancel it".into(),
            ));
        };
        audit::note(&tx, who, "task.retry", &id.to_string(), &json!({"as": again.id})).await?;
        tx.commit().await?;
        let new = again.id;
        self.broker().wake().push_or_leave(&[again]).await;
        Ok(Retried::Task(new))
    }

    /// Cancels a task that has not ended. If it belongs to a document's stage, cancels the document.
    pub async fn cancel_task(&self, id: Uuid, who: &str) -> Result<()> {
        let detail = self.task(id).await?;
        if detail.task.state.is_terminal() {
            return Err(Error::Refused(format!(
                "the task is {}; it cannot be cancelled any more",
                detail.task.state
            )));
        }
        if let Some((document, _)) = part_of(&detail) {
            return if self.cancel(document, who).await? {
                Ok(())
            } else {
                Err(Error::Refused("its document has ended already".into()))
            };
        }
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        if let Some(document) = detail.task.document {
            broker::lock(&tx, document).await?;
        }
        broker::cancel(&tx, &[id], &format!("cancelled by {who}")).await?;
        let about = json!({"queue": detail.task.queue, "kind": detail.task.kind});
        audit::note(&tx, who, "task.cancel", &id.to_string(), &about).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes dead letters off the list. Returns how many were on it.
    pub async fn discard(&self, ids: &[Uuid], who: &str) -> Result<u64> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let count = broker::dismiss(&tx, ids).await?;
        if count > 0 {
            let target = match ids {
                [id] => id.to_string(),
                _ => format!("{count} dead letters"),
            };
            audit::note(&tx, who, "task.discard", &target, &json!({"ids": ids})).await?;
        }
        tx.commit().await?;
        Ok(count)
    }

    /// Applies a remedy to every dead letter that matches. A task that cannot be retried stays on the list.
    pub async fn bulk(&self, settings: &Settings, filter: &DeadFilter, remedy: Remedy, who: &str) -> Result<Bulk> {
        let mut bulk = Bulk::default();
        let mut after = None;
        loop {
            let page = self.broker().dead(filter, after.as_ref(), BATCH).await?;
            let ids: Vec<Uuid> = page.tasks.iter().map(|task| task.id).collect();
            match remedy {
                Remedy::Discard => bulk.done += self.discard(&ids, who).await?,
                Remedy::Retry => {
                    for id in ids {
                        self.retry_one_of_many(settings, id, who, &mut bulk).await?;
                    }
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(bulk),
            }
        }
    }

    async fn retry_one_of_many(&self, settings: &Settings, id: Uuid, who: &str, bulk: &mut Bulk) -> Result<()> {
        let gone = self
            .broker()
            .task(id)
            .await?
            .is_none_or(|t| t.task.dismissed_at.is_some());
        if gone {
            // The retry of another task has started its document again, which includes this task.
            bulk.done += 1;
            return Ok(());
        }
        match self.retry_task(settings, id, who).await {
            Ok(_) => bulk.done += 1,
            Err(Error::Refused(reason)) => bulk.refuse(reason),
            Err(Error::NoDocument(_)) => bulk.refuse("its document is gone; discard it".into()),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// A task in full detail.
    pub async fn task(&self, id: Uuid) -> Result<TaskDetail> {
        self.broker().task(id).await?.ok_or(Error::NoTask(id))
    }
}

/// The document and stage to which a task belongs. `None` for tasks outside the stages, such as an image of a page or a
/// searchable PDF on demand.
fn part_of(detail: &TaskDetail) -> Option<(Uuid, Stage)> {
    let stage = detail.task.stage.as_deref()?.parse().ok()?;
    Some((detail.task.document?, stage))
}
