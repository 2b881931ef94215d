//! What an operator can do with a dead task: retry or dismiss it.

use crate::Broker;
use crate::error::Result;
use crate::events::TaskEnqueued;
use crate::task::Enqueued;
use telemetry::Event;
use tokio_postgres::Transaction;
use uuid::Uuid;

impl Broker {
    /// Enqueues a dead or cancelled task again as a new task, with a new id and a fresh budget. `None`: there is no such task,
    /// or a live task has the same unique key.
    pub async fn retry(&self, tx: &Transaction<'_>, task: Uuid) -> Result<Option<Enqueued>> {
        let row = tx
            .query_opt(include_str!("../sql/retry.sql"), &[&Uuid::now_v7(), &task])
            .await?;
        let again = row.as_ref().and_then(Enqueued::from_row);
        if let Some(row) = &row {
            TaskEnqueued { row }.emit();
            dismiss(tx, &[task]).await?;
        }
        Ok(again)
    }
}

/// Takes dead tasks off the list of dead letters. They stay dead. Returns how many were on the list.
pub async fn dismiss(tx: &Transaction<'_>, tasks: &[Uuid]) -> Result<u64> {
    Ok(tx.execute(include_str!("../sql/dismiss.sql"), &[&tasks]).await?)
}

/// As [`dismiss`], for all dead tasks of a document that is processed again.
pub async fn dismiss_of_document(tx: &Transaction<'_>, document: Uuid) -> Result<u64> {
    Ok(tx
        .execute(include_str!("../sql/dismiss_of_document.sql"), &[&document])
        .await?)
}
