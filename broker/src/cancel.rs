//! Cancelling: waiting tasks are cancelled at once, running tasks learn of it at their next renewal.

use crate::error::Result;
use tokio_postgres::Transaction;
use uuid::Uuid;

/// Cancels tasks in the caller's transaction. For tasks of a document that transaction must hold the document's lock.
/// Returns how many were waiting and so are cancelled now.
pub async fn cancel(tx: &Transaction<'_>, ids: &[Uuid], reason: &str) -> Result<usize> {
    let waiting = tx
        .query(include_str!("../sql/cancel_waiting.sql"), &[&ids, &reason])
        .await?;
    tx.execute(include_str!("../sql/cancel_running.sql"), &[&ids, &reason])
        .await?;
    Ok(waiting.len())
}

/// Cancels every live task of a document whose lock the caller holds.
pub async fn cancel_document(tx: &Transaction<'_>, document: Uuid, reason: &str) -> Result<usize> {
    let rows = tx
        .query(include_str!("../sql/live_tasks_of_document.sql"), &[&document])
        .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.get("id")).collect();
    cancel(tx, &ids, reason).await
}
